/**
 * Times OcrCore.js on one core: node interpreter.mjs CORE FOLDER. FOLDER holds job.json {width, height, picture: {width,
 * height}, lines: [{quad, steps, classes}]} and the files map, picture and line0, line1, ... In Node, and in QuickJS, an
 * interpreter without a compiler like those of phones. Prints JSON, medians in milliseconds.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const { getQuickJS } = require('quickjs-emscripten');
const [file, folder] = process.argv.slice(2);
const job = JSON.parse(readFileSync(path.join(folder, 'job.json'), 'utf8'));
const OPTIONS = { det_db_thresh: 0.3, det_db_box_thresh: 0.5, det_db_unclip_ratio: 1.5, det_db_score_mode: 'fast' };
const NODE_RUNS = 60;
const QUICKJS_RUNS = 3;

const bytesOf = (name) => {
  const bytes = readFileSync(path.join(folder, name));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
};
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];
const timed = (runs, work) => {
  const times = [];
  for (let i = 0; i < runs; i++) {
    const begin = performance.now();
    work(i);
    times.push(performance.now() - begin);
  }
  return median(times);
};

/** What is timed; a string for QuickJS, and run as it is in Node. */
const STEPS = `
const characters = Array.from({length: job.lines.length ? job.lines[0].classes : 1}, (_, i) => String.fromCharCode(96 + i));
const maps = new Float32Array(mapBytes);
const picture = {width: job.picture.width, height: job.picture.height, pixels: new Uint8Array(pictureBytes)};
const outputs = lineBytes.map((bytes) => new Float32Array(bytes));
const input = new Float32Array(3 * 48 * 320);
const quads = job.lines.map((line) => Float64Array.from(line.quad));
const boxes = () => core.findBoxes(maps, job.width, job.height, options).length;
const line = (i) => {
  const k = i % quads.length;
  core.cropLine(picture, quads[k]);
  return core.decode(outputs[k], characters, null).characters.length;
};
const scaled = (i) => {
  const crop = core.cropLine(picture, quads[i % quads.length]);
  core.fillLineInput(crop, Math.min(320, core.inputLength(crop, 48)), [127.5, 127.5, 127.5], true, input, 320, 48, 'NHWC');
  return 0;
};
`;

const values = { job, options: OPTIONS, mapBytes: bytesOf('map'), pictureBytes: bytesOf('picture'), lineBytes: job.lines.map((_, i) => bytesOf(`line${i}`)) };
const native = new Function('core', ...Object.keys(values), `${STEPS}; return {boxes, line, scaled};`)(require(file), ...Object.values(values));
const result = {
  lines: native.boxes(),
  node: {
    boxes_ms: timed(NODE_RUNS, native.boxes),
    crop_and_ctc_ms: timed(NODE_RUNS * 5, native.line),
    crop_and_scale_ms: timed(NODE_RUNS * 5, native.scaled),
  },
};

const vm = (await getQuickJS()).newContext();
const run = (source) => {
  const answer = vm.evalCode(source);
  if (answer.error) throw new Error(JSON.stringify(vm.dump(answer.error)));
  const value = vm.dump(answer.value);
  answer.value.dispose();
  return value;
};
run(`var module = {exports: {}}; ${readFileSync(file, 'utf8')}; var core = module.exports;`);
run(`var job = ${JSON.stringify(job)}; var options = ${JSON.stringify(OPTIONS)}; var lineBytes = [];`);
const give = (name, bytes) => vm.setProp(vm.global, name, vm.newArrayBuffer(bytes));
give('mapBytes', values.mapBytes);
give('pictureBytes', values.pictureBytes);
values.lineBytes.forEach((bytes, i) => {
  give('oneLine', bytes);
  run('lineBytes.push(oneLine)');
});
run(STEPS.replace(/^const /gm, 'var '));
result.quickjs = {
  lines: run('boxes()'),
  boxes_ms: timed(QUICKJS_RUNS, () => run('boxes()')),
  crop_and_ctc_ms: timed(QUICKJS_RUNS * 5, (i) => run(`line(${i})`)),
};
console.log(JSON.stringify(result));
