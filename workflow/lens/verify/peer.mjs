/**
 * Reads pictures with npm `paddleocr` on the same models, for comparison: node peer.mjs JOB < requests > answers. JOB is a
 * JSON file {detector, recognizer, detectorShape, recognizerShape, characters, mean, std}; a request {"pixels", "width",
 * "height"} names a file of raw RGBA bytes.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(import.meta.url);
const ort = require('onnxruntime-web');
const { PaddleOcrService } = require('paddleocr');
ort.env.wasm.numThreads = 1;
const job = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const bytes = (file) => new Uint8Array(readFileSync(file)).buffer;
const service = await PaddleOcrService.createInstance({
  ort,
  detection: {
    modelBuffer: bytes(job.detector),
    inputShape: [3, ...job.detectorShape],
    mean: job.mean.map((value) => 255 * value),
    stdDeviation: job.std.map((value) => 1 / (255 * value)),
    channelOrder: 'bgr',
    textPixelThreshold: 0.3,
    boxScoreThreshold: 0.5,
    unclipRatio: 1.5,
  },
  recognition: {
    modelBuffer: bytes(job.recognizer),
    imageHeight: job.recognizerShape[0],
    imageWidth: job.recognizerShape[1],
    channelOrder: 'bgr',
    charactersDictionary: job.characters,
  },
});

for await (const line of createInterface({ input: process.stdin })) {
  const { pixels, width, height } = JSON.parse(line);
  const picture = { width, height, data: new Uint8Array(readFileSync(pixels)) };
  const begin = performance.now();
  const found = await service.recognize(picture);
  const milliseconds = performance.now() - begin;
  const lines = found.map(({ text, box, confidence }) => ({
    text,
    score: confidence,
    detScore: 1,
    quad: box.points
      ? box.points.flatMap((point) => (Array.isArray(point) ? point : [point.x, point.y]))
      : [box.x, box.y, box.x + box.width, box.y, box.x + box.width, box.y + box.height, box.x, box.y + box.height],
  }));
  process.stdout.write(JSON.stringify({ lines, milliseconds, keys: Object.keys((found[0] || { box: {} }).box) }) + '\n');
}
