/**
 * Runs TextReader.ts on the IMITATION of the Lens Studio API: node imitate.mjs BUNDLE COMPILED < requests > answers, one JSON
 * object a line. {"pixels", "width", "height"} names a file of raw RGBA bytes; "crop" reads lines by a crop texture,
 * "linesPerFrame" and other inputs of the component may be given, "models" {role: [file]} assigns other files, "errors"
 * {"loading" | "running" | "layout": text} makes something go wrong, "scans" reads so many times; "called" false leaves out
 * onRunningFinished where a model is waited for. With "example" {"most"} Example.ts shows the lines, and "screen" tells what
 * it shows.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { CropTexture, Scene } from './imitation.mjs';

const require = createRequire(import.meta.url);
const ort = require('onnxruntime-web');
ort.env.wasm.numThreads = 1;
const MAX_FRAMES = 5000;

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await answer(JSON.parse(line)), plain) + '\n');
}

async function answer(request) {
  const [folder, compiled] = process.argv.slice(2);
  const settings = require(path.resolve(folder, 'OCR/OcrSettings.js'));
  const scene = new Scene(ort, folder, request.errors, request.called);
  const reader = new (scene.load('TextReader', compiled))();
  const assets = (role) =>
    (request.models && request.models[role] ? request.models[role] : settings[role] ? settings[role].models.map((one) => one.file) : []).map(
      (file) => scene.asset(file)
    );
  reader.detectors = assets('detector');
  reader.recognizers = assets('recognizer');
  reader.classifier = assets('classifier')[0];
  reader.texture = request.pixels ? scene.texture(readFileSync(request.pixels), request.width, request.height) : undefined;
  reader.cropTexture = request.crop ? new CropTexture() : undefined;
  Object.assign(reader, request.inputs);
  const scans = [];
  const errors = [];
  reader.onLines.push((lines) => scans.push({ lines, frame: scene.frames }));
  reader.onError.push((message) => errors.push(message));
  const example = request.example ? new (scene.load('Example', compiled))() : null;
  if (example) {
    const [label, frame] = ['Text', 'Image'].map((kind) => scene.screenObject(kind).content);
    Object.assign(example, { reader, label, frame }, request.example);
    example.onAwake();
  }
  reader.onAwake();
  scene.start();
  while (scans.length < (request.scans || 1) && !errors.length && scene.frames < MAX_FRAMES) await scene.frame();
  const told = ({ kind, enabled, content, transform }) => ({ kind, enabled, text: content.text, ...transform });
  const screen = example ? { label: told(example.label.getSceneObject()), copies: scene.screen.copies.map(told) } : null;
  return { scans, errors, printed: scene.printed, frames: scene.frames, screen };
}

function plain(_, value) {
  return ArrayBuffer.isView(value) ? Array.from(value) : value;
}
