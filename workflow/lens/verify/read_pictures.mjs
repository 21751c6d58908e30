/**
 * Reads pictures with a bundle: node read_pictures.mjs BUNDLE < requests > answers, one JSON object a line.
 *
 * A request names a file of raw RGBA bytes: {"pixels", "width", "height"} is answered with {"lines", "milliseconds"}. With
 * {"map": file of bytes R, G, B of a detector's input, "index"} the boxes of that input are found, with {"line": file of
 * bytes, "index", "length"} its text is read: the same input that the Python reader has.
 */

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { openBundle } from './node_runtime.mjs';

const { core, settings, models } = await openBundle(process.argv[2]);
const reader = new core.OcrReader(settings);
models.startClock();

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const answer = request.map ? await boxes(request) : request.line ? await text(request) : await read(request);
  process.stdout.write(JSON.stringify(answer, (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value)) + '\n');
}

async function read({ pixels, width, height }) {
  models.startClock();
  const lines = await models.carryOut(reader.lines({ width, height, pixels: readFileSync(pixels) }));
  return { lines, milliseconds: models.times };
}

async function boxes({ map, index }) {
  const shape = settings.detector.shapes[index];
  const output = await models.run({ model: 'detector', index, fill: planes(readFileSync(map), shape) });
  return { boxes: core.findBoxes(output, shape[1], shape[0], settings.options) };
}

async function text({ line, index, length }) {
  const { shapes, padding, characters, output } = settings.recognizer;
  const shape = shapes[index];
  const probabilities = await models.run({
    model: 'recognizer',
    index,
    fill: planes(readFileSync(line), shape, length, padding),
  });
  if (output === 'scores') core.softmaxSteps(probabilities, characters.length);
  const decoded = core.decode(probabilities, characters, reader.allowed);
  return { text: decoded.characters.join(''), confidences: decoded.confidences };
}

/** Writes (height, length, 3) bytes into a model's input, the rest padded. */
function planes(bytes, [height, width], length = width, padding = [0, 0, 0]) {
  return (input) => {
    for (let c = 0; c < 3; c++) {
      input.fill(padding[c], c * height * width, (c + 1) * height * width);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < length; x++) input[(c * height + y) * width + x] = bytes[3 * (y * length + x) + c];
      }
    }
  };
}
