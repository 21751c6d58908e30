/** The demonstration page: pictures in, boxes and text over them, by the bundle's own scripts and models. */

import { Models } from './models.mjs';

const MAX_SIDE = 4096;
const THRESHOLDS = ['det_db_thresh', 'det_db_box_thresh', 'drop_score'];
const STEPS = { input: 'Scaling and cropping', detector: 'Detector', recognizer: 'Recognizer', classifier: 'Direction', decoding: 'Boxes and text' };
const SAME_BOX = 0.5;

const $ = (id) => document.getElementById(id);
const canvas = $('canvas');
const context = canvas.getContext('2d');

let core;
let settings;
let models;
let picture = null; // {name, width, height, pixels, image}
let found = []; // every line of the picture, also those below the threshold
let maps = new Map(); // the detector's outputs for the picture, by what was looked at
let shown = [];
let chosen = -1;
let stream = null;
let queue = Promise.resolve();
let asked = 0;

open().catch((error) => fail(error));

async function open() {
  const [ort, coreModule, settingsModule] = await Promise.all([
    import('./ort/ort.wasm.min.mjs').catch(() => {
      throw new Error('ONNX Runtime Web is not here: this page is served by `make demo`');
    }),
    commonModule('../OCR/OcrCore.js'),
    commonModule('../OCR/OcrSettings.js'),
  ]);
  core = coreModule;
  settings = settingsModule;
  const threads = self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency || 1) : 1;
  ort.env.wasm.wasmPaths = new URL('./ort/', import.meta.url).href;
  ort.env.wasm.numThreads = threads;
  $('threads').textContent = threads === 1 ? 'one thread' : `${threads} threads`;
  $('about').prepend(`Pipeline ${settings.pipeline}. `);
  document.title = `${settings.pipeline}: what the Lens will read`;
  for (const id of THRESHOLDS) slider(id);
  models = new Models(ort, settings, async (file) => new Uint8Array(await (await fetch(`../OCR/${file}`)).arrayBuffer()));
  await models.open((file, done, all) => say(file ? `Opening ${file} (${done + 1} of ${all})` : 'Ready'));
  const samples = await (await fetch('samples.json')).json();
  samples.forEach(sample);
  listen();
  if (samples.length) await showFile(`samples/${samples[0]}`, samples[0]);
}

/** What a CommonJS module of the bundle exports: the very file that a Lens loads. */
async function commonModule(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const module = { exports: {} };
  new Function('module', 'exports', await answer.text())(module, module.exports);
  return module.exports;
}

function slider(id) {
  const input = $(id);
  const output = document.querySelector(`label[for=${id}] output`);
  const tell = () => (output.textContent = Number(input.value).toFixed(2));
  input.value = settings.options[id];
  tell();
  input.addEventListener('input', () => {
    tell();
    if (id === 'drop_score') show();
    else read();
  });
}

function sample(name) {
  const button = document.createElement('button');
  button.type = 'button';
  button.title = name;
  const image = document.createElement('img');
  image.src = `samples/${name}`;
  image.alt = name;
  button.append(image);
  button.addEventListener('click', () => showFile(image.src, name));
  const item = document.createElement('li');
  item.append(button);
  $('samples').append(item);
}

function listen() {
  const stage = $('stage');
  const take = (files) => {
    const file = Array.from(files || []).find((one) => one.type.startsWith('image/'));
    if (file) showBlob(file, file.name);
    else say('That is no picture');
  };
  $('file').addEventListener('change', (event) => take(event.target.files));
  stage.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      $('file').click();
    }
  });
  canvas.addEventListener('pointermove', (event) => choose(lineAt(event)));
  canvas.addEventListener('pointerleave', () => choose(-1));
  for (const kind of ['dragover', 'dragleave', 'drop']) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      stage.classList.toggle('over', kind === 'dragover');
      if (kind === 'drop') take(event.dataTransfer.files);
    });
  }
  document.addEventListener('paste', (event) => take(event.clipboardData.files));
  $('texts').addEventListener('change', draw);
  $('camera').addEventListener('click', () => (stream ? stopCamera() : startCamera()));
  $('reset').addEventListener('click', () => {
    for (const id of THRESHOLDS) {
      $(id).value = settings.options[id];
      $(id).dispatchEvent(new Event('input'));
    }
  });
  $('copy-text').addEventListener('click', () => copy(shown.map((line) => line.text).join('\n'), 'text'));
  $('copy-json').addEventListener('click', () => copy(JSON.stringify(record(), null, 1), 'JSON'));
}

async function showFile(address, name) {
  const answer = await fetch(address);
  await showBlob(await answer.blob(), name);
}

async function showBlob(blob, name) {
  stopCamera();
  let image;
  try {
    image = await createImageBitmap(blob, { imageOrientation: 'from-image' });
  } catch {
    return say(`${name}: this browser cannot read that picture`);
  }
  for (const button of $('samples').querySelectorAll('button')) button.setAttribute('aria-current', String(button.title === name));
  take(image, image.width, image.height, name);
  await read();
}

/** Make the picture of an image, a transparent one on white as the Python reader lays it. */
function take(image, width, height, name) {
  const scale = Math.min(1, MAX_SIDE / Math.max(width, height));
  const sheet = document.createElement('canvas');
  sheet.width = Math.max(1, Math.round(width * scale));
  sheet.height = Math.max(1, Math.round(height * scale));
  const sheetContext = sheet.getContext('2d', { willReadFrequently: true });
  sheetContext.fillStyle = '#fff';
  sheetContext.fillRect(0, 0, sheet.width, sheet.height);
  sheetContext.drawImage(image, 0, 0, sheet.width, sheet.height);
  const { data } = sheetContext.getImageData(0, 0, sheet.width, sheet.height);
  picture = { name, width: sheet.width, height: sheet.height, pixels: data, image: sheet };
  found = [];
  maps = new Map();
  $('hint').hidden = true;
}

/**
 * Read the picture with the thresholds as they are: the detector once a picture, each box once. A reading ends when the
 * next is asked for, as by a slider that is drawn.
 */
function read() {
  const number = ++asked;
  queue = queue.then(() => readNow(() => number !== asked)).catch(fail);
  return queue;
}

/** Let the page draw and take part: models run on its own thread. */
const breathe = () => new Promise((resolve) => setTimeout(resolve, 0));

async function readNow(isOutdated) {
  if (!picture || isOutdated()) return;
  say('Reading…');
  if (!stream) draw();
  await breathe();
  const options = { ...settings.options, drop_score: 0 };
  for (const id of THRESHOLDS.slice(0, 2)) options[id] = Number($(id).value);
  const reader = new core.OcrReader({ ...settings, options });
  const before = found;
  const current = picture;
  const seen = maps;
  const host = {
    ...models,
    run: async (request) => {
      if (request.model !== 'detector') return models.run(request);
      const place = String(request.quad);
      if (!seen.has(place)) seen.set(place, (await models.run(request)).slice());
      return seen.get(place);
    },
  };
  models.startClock();
  const begin = performance.now();
  const job = reader.lines(current, (box) => whole(before.find((line) => near(line.box, box))));
  let waited = 0;
  let step = job.next();
  while (!step.done) {
    step = job.next(await host.run(step.value));
    const pause = performance.now();
    await breathe();
    waited += performance.now() - pause;
    if (isOutdated()) return;
  }
  const total = performance.now() - begin - waited;
  models.times.decoding = Math.max(0, total - models.times.input - models.times.detector - models.times.recognizer - models.times.classifier);
  found = step.value;
  tellTimes(total);
  show();
  say('Ready');
}

function whole(line) {
  return line ? line.whole || line : null;
}

function near(first, second) {
  return first.every((value, i) => Math.abs(value - second[i]) < SAME_BOX);
}

function show() {
  const isRead = (line) => line.text.trim() && line.score >= Number($('drop_score').value);
  shown = settings.detector && settings.recognizer ? found.filter(isRead) : found;
  choose(-1);
  $('count').textContent = `${shown.length} ${shown.length === 1 ? 'line' : 'lines'}`;
  $('empty').hidden = shown.length > 0;
  $('lines').replaceChildren(
    ...shown.map((line, index) => {
      const item = document.createElement('li');
      item.tabIndex = 0;
      item.dir = 'auto';
      const text = document.createElement('span');
      text.className = 'text';
      text.textContent = line.text;
      const score = document.createElement('span');
      score.className = 'score';
      score.textContent = `${(100 * line.score).toFixed(0)} %`;
      item.append(text, score);
      for (const kind of ['mouseenter', 'focus']) item.addEventListener(kind, () => choose(index));
      for (const kind of ['mouseleave', 'blur']) item.addEventListener(kind, () => choose(-1));
      return item;
    })
  );
  draw();
}

/** Mark a line in the picture and in the list; -1 for none. */
function choose(index) {
  if (index === chosen) return;
  chosen = index;
  Array.from($('lines').children).forEach((item, i) => item.classList.toggle('on', i === index));
  draw();
}

/** Number of the line under the pointer, or -1. */
function lineAt(event) {
  const x = (event.offsetX * canvas.width) / canvas.clientWidth;
  const y = (event.offsetY * canvas.height) / canvas.clientHeight;
  return shown.findIndex((line) => context.isPointInPath(outlineOf(line), x, y));
}

function outlineOf(line) {
  const path = new Path2D();
  for (let i = 0; i < 8; i += 2) path.lineTo(line.quad[i], line.quad[i + 1]);
  path.closePath();
  return path;
}

function draw() {
  if (!picture) return;
  canvas.width = picture.width;
  canvas.height = picture.height;
  context.drawImage(picture.image, 0, 0);
  // Lines as thick on the screen for small and large pictures.
  const unit = Math.max(1, picture.width / (canvas.clientWidth || picture.width));
  // The chosen line last, over all others.
  const order = shown.map((_, i) => i).sort((a, b) => (a === chosen) - (b === chosen));
  for (const index of order) {
    const isChosen = index === chosen;
    context.lineWidth = (isChosen ? 4 : 2) * unit;
    context.strokeStyle = isChosen ? '#ffb300' : '#19a8ff';
    context.stroke(outlineOf(shown[index]));
    if (isChosen || $('texts').checked) write(shown[index], unit, isChosen);
  }
}

/** Write a line's text on a dark ground: above its box where that hides no other line, else over its own. */
function write(line, unit, bold) {
  const quad = line.quad;
  const along = Math.hypot(quad[2] - quad[0], quad[3] - quad[1]);
  const across = Math.hypot(quad[6] - quad[0], quad[7] - quad[1]);
  let size = Math.min(Math.max(11 * unit, 0.45 * across), 22 * unit);
  const up = { x: ((quad[0] - quad[6]) / across) * size, y: ((quad[1] - quad[7]) / across) * size };
  const isFree = bold || [0, 0.5, 1].every((part) => {
    const x = quad[0] + part * (quad[2] - quad[0]) + up.x;
    const y = quad[1] + part * (quad[3] - quad[1]) + up.y;
    return !shown.some((other) => other !== line && context.isPointInPath(outlineOf(other), x, y));
  });
  if (!isFree) size = across / 1.3;
  context.save();
  context.translate(quad[0], quad[1]);
  context.rotate(Math.atan2(quad[3] - quad[1], quad[2] - quad[0]));
  context.font = `${bold ? 700 : 500} ${size}px system-ui, sans-serif`;
  const width = Math.min(context.measureText(line.text).width, Math.max(along - size * 0.5, isFree ? 4 * size : size));
  context.fillStyle = bold ? 'rgba(40, 26, 0, 0.92)' : 'rgba(8, 18, 30, 0.8)';
  if (isFree) context.translate(0, -size * 1.3);
  context.fillRect(0, 0, isFree ? width + size * 0.5 : along, size * 1.3);
  context.fillStyle = '#fff';
  context.textBaseline = 'middle';
  context.fillText(line.text, size * 0.25, size * 0.68, width);
  context.restore();
}

function tellTimes(total) {
  const rows = Object.entries(STEPS).filter(([key]) => key !== 'classifier' || settings.classifier);
  const cells = rows.map(([key, title]) => [
    key === 'recognizer' ? `${title}, ${models.times.lines} ${models.times.lines === 1 ? 'run' : 'runs'}` : title,
    models.times[key],
  ]);
  $('times').tBodies[0].replaceChildren(
    ...[...cells, ['Together', total]].map(([title, milliseconds], i) => {
      const row = document.createElement('tr');
      if (i === cells.length) row.className = 'sum';
      row.insertCell().textContent = title;
      row.insertCell().textContent = `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
      return row;
    })
  );
}

/** What was read, in the form of predictions.jsonl. */
function record() {
  const round = (value, digits) => Number(value.toFixed(digits));
  return {
    image: picture ? picture.name : '',
    width: picture ? picture.width : 0,
    height: picture ? picture.height : 0,
    lines: shown.map((line) => ({
      quad: [0, 2, 4, 6].map((i) => [round(line.quad[i], 1), round(line.quad[i + 1], 1)]),
      text: line.text,
      score: round(line.score, 4),
      det_score: round(line.detScore, 4),
    })),
  };
}

async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  say(`Copied as ${what}`);
}

const NO_CAMERA = {
  NotAllowedError: 'The camera was refused: allow it for this page in the browser, then try again',
  NotFoundError: 'No camera was found',
  NotReadableError: 'The camera is in use by another program',
};

async function startCamera() {
  if (!navigator.mediaDevices) return say('Browsers give a camera to pages at 127.0.0.1, localhost and https alone');
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } });
  } catch (error) {
    return say(NO_CAMERA[error.name] || `No camera: ${error.message}`);
  }
  $('camera').setAttribute('aria-pressed', 'true');
  $('camera').textContent = 'Stop the camera';
  const video = $('video');
  video.srcObject = stream;
  await video.play();
  while (stream) {
    take(video, video.videoWidth, video.videoHeight, 'camera');
    await read();
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}

function stopCamera() {
  if (!stream) return;
  stream.getTracks().forEach((track) => track.stop());
  stream = null;
  $('camera').setAttribute('aria-pressed', 'false');
  $('camera').textContent = 'Use the camera';
}

function say(text) {
  $('state').classList.remove('error');
  $('state').textContent = text;
}

function fail(error) {
  console.error(error);
  $('state').classList.add('error');
  $('state').textContent = error.message || String(error);
}
