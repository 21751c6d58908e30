/** ONNX Runtime Web and a bundle's scripts in Node: one thread, no network. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Models } from '../demo/models.mjs';

const require = createRequire(import.meta.url);

/** {core, settings, models} of the bundle in `folder`. */
export async function openBundle(folder) {
  const ort = require('onnxruntime-web');
  ort.env.wasm.numThreads = 1;
  const scripts = path.resolve(folder, 'OCR');
  const core = require(path.join(scripts, 'OcrCore.js'));
  const settings = require(path.join(scripts, 'OcrSettings.js'));
  const models = new Models(ort, settings, async (file) => readFileSync(path.join(scripts, file)));
  await models.open();
  return { ort, core, settings, models };
}
