/**
 * Times OcrCore.js in QuickJS, an interpreter without a compiler like those of phones, and in Node: node interpreter.mjs
 * CORE MAP WIDTH HEIGHT. MAP is a file of float32; prints JSON, milliseconds as medians, with the boxes that both found.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [file, mapFile, width, height] = process.argv.slice(2);
const RUNS = 5;
const OPTIONS = { det_db_thresh: 0.3, det_db_box_thresh: 0.5, det_db_unclip_ratio: 1.5, det_db_score_mode: 'fast' };
const bytes = readFileSync(mapFile);
const map = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];

const require = createRequire(import.meta.url);
const { getQuickJS } = require('quickjs-emscripten');
const native = require(file);
const nodeTimes = [];
let nodeBoxes = 0;
for (let i = 0; i < 10 * RUNS; i++) {
  const begin = performance.now();
  nodeBoxes = native.findBoxes(map, Number(width), Number(height), OPTIONS).length;
  nodeTimes.push(performance.now() - begin);
}

const vm = (await getQuickJS()).newContext();
const run = (source) => {
  const result = vm.evalCode(source);
  if (result.error) throw new Error(JSON.stringify(vm.dump(result.error)));
  const value = vm.dump(result.value);
  result.value.dispose();
  return value;
};
run(`var module = {exports: {}}; ${readFileSync(file, 'utf8')}; var core = module.exports;`);
const buffer = vm.newArrayBuffer(map.buffer.slice(map.byteOffset, map.byteOffset + map.byteLength));
vm.setProp(vm.global, 'bytes', buffer);
run('var map = new Float32Array(bytes)');
const times = [];
let boxes = 0;
for (let i = 0; i < RUNS; i++) {
  const begin = performance.now();
  boxes = run(`core.findBoxes(map, ${width}, ${height}, ${JSON.stringify(OPTIONS)}).length`);
  times.push(performance.now() - begin);
}
console.log(JSON.stringify({ node_ms: median(nodeTimes), quickjs_ms: median(times), node_boxes: nodeBoxes, quickjs_boxes: boxes }));
