/**
 * An IMITATION of the part of the Lens Studio API that TextReader.ts uses, written from its documentation, with ONNX Runtime
 * Web in place of SnapML. It is not Lens Studio: it tests the life cycle, layouts and errors of the component as documented,
 * and what is unknown (docs/lens.md lists it) is imitated as it is believed to be.
 *
 * Imitated: MLComponent loads some frames after build() and answers some frames after runImmediate(false); placeholders are
 * NHWC with shape {x: width, y: height, z: channels}, a rank-3 output is {x: classes, y: steps, z: 1}; an input's data is
 * written, its texture letterboxed by the transformer; getPixels and setPixels take the bottom row first; a crop texture turns
 * by radians.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { channelsLast } from '../demo/models.mjs';
import { WaitingRuntime } from './waiting_runtime.mjs';

const FRAMES_TO_LOAD = 3;
const FRAMES_TO_RUN = 2;

class vec3 {
  constructor(x, y, z) {
    Object.assign(this, { x, y, z });
  }
}
class vec4 {
  constructor(x, y, z, w) {
    Object.assign(this, { x, y, z, w });
  }
}
vec3.forward = () => new vec3(0, 0, 1);
const quat = { angleAxis: (angle, axis) => ({ angle, axis }) };
class Rect {
  static create(left, right, bottom, top) {
    return Object.assign(new Rect(), { left, right, bottom, top });
  }
}

/** A texture of RGBA bytes, the top row first; `control` is its provider. */
class Texture {
  constructor(pixels, width, height) {
    Object.assign(this, { pixels, width, height });
    this.control = {
      getAspect: () => this.getWidth() / this.getHeight(),
      getPixels: (x, y, w, h, data) => {
        for (let row = 0; row < h; row++) {
          const from = 4 * ((this.height - 1 - y - row) * this.width + x);
          data.set(this.pixels.subarray(from, from + 4 * w), 4 * row * w);
        }
      },
      setPixels: (x, y, w, h, data) => {
        for (let row = 0; row < h; row++) {
          this.pixels.set(data.subarray(4 * row * w, 4 * (row + 1) * w), 4 * ((this.height - 1 - y - row) * this.width + x));
        }
      },
    };
  }
  getWidth() {
    return this.width;
  }
  getHeight() {
    return this.height;
  }
  /** [R, G, B] at continuous coordinates from the top left, linearly interpolated. */
  sample(x, y, out) {
    const px = Math.min(Math.max(x - 0.5, 0), this.width - 1);
    const py = Math.min(Math.max(y - 0.5, 0), this.height - 1);
    const left = Math.floor(px);
    const top = Math.floor(py);
    const right = Math.min(left + 1, this.width - 1);
    const bottom = Math.min(top + 1, this.height - 1);
    for (let c = 0; c < 3; c++) {
      const at = (column, row) => this.pixels[4 * (row * this.width + column) + c];
      const upper = at(left, top) * (1 - px + left) + at(right, top) * (px - left);
      const lower = at(left, bottom) * (1 - px + left) + at(right, bottom) * (px - left);
      out[c] = upper * (1 - py + top) + lower * (py - top);
    }
  }
}

/** A Screen Crop Texture: a turned rectangle of another texture. */
export class CropTexture {
  constructor() {
    this.control = { inputTexture: null, cropRect: Rect.create(-1, 1, -1, 1), rotation: 0 };
  }
  size() {
    const { inputTexture, cropRect } = this.control;
    return [
      ((cropRect.right - cropRect.left) / 2) * inputTexture.getWidth(),
      ((cropRect.top - cropRect.bottom) / 2) * inputTexture.getHeight(),
    ];
  }
  getWidth() {
    return this.size()[0];
  }
  getHeight() {
    return this.size()[1];
  }
  sample(x, y, out) {
    const { inputTexture, cropRect, rotation } = this.control;
    const [width, height] = this.size();
    const u = x - width / 2;
    const v = y - height / 2;
    const centreX = (((cropRect.left + cropRect.right) / 2 + 1) / 2) * inputTexture.getWidth();
    const centreY = ((1 - (cropRect.top + cropRect.bottom) / 2) / 2) * inputTexture.getHeight();
    inputTexture.sample(
      centreX + u * Math.cos(rotation) - v * Math.sin(rotation),
      centreY + u * Math.sin(rotation) + v * Math.cos(rotation),
      out
    );
  }
}

/** A Screen Text or a Screen Image below a parent, with its ScreenTransform; copies are made below the parent. */
class SceneObject {
  constructor(kind, parent) {
    Object.assign(this, { kind, parent, enabled: true, copies: [], transform: {} });
    this.content = { text: '', getSceneObject: () => this };
  }
  getComponent(type) {
    if (type === 'Component.ScreenTransform') return this.transform;
    if (type === `Component.${this.kind}`) return this.content;
    throw new Error(`a ${this.kind} has no ${type}`);
  }
  getParent() {
    return this.parent;
  }
  copyWholeHierarchy(object) {
    const copy = new SceneObject(object.kind, this);
    copy.enabled = object.enabled;
    this.copies.push(copy);
    return copy;
  }
}

/** Write a texture into an input as a transformer does: proportions kept, placed, the rest filled. */
function draw(texture, transformer, input, width, height) {
  const scale = Math.min(width / texture.getWidth(), height / texture.getHeight());
  const drawn = [texture.getWidth() * scale, texture.getHeight() * scale];
  const left = transformer.horizontal === 'Left' ? 0 : Math.floor((width - drawn[0]) / 2);
  const top = Math.floor((height - drawn[1]) / 2);
  const colour = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = x >= left && x < left + drawn[0] && y >= top && y < top + drawn[1];
      if (inside) texture.sample((x + 0.5 - left) / scale, (y + 0.5 - top) / scale, colour);
      const fill = [transformer.fill.x, transformer.fill.y, transformer.fill.z];
      for (let c = 0; c < 3; c++) input[3 * (y * width + x) + c] = Math.round(inside ? colour[c] : 255 * fill[c]);
    }
  }
}

/**
 * A scene with one script component; `errors` names what is to go wrong. Whether onRunningFinished is called when a model is
 * waited for is not documented: `calledWhenWaitedFor` says.
 */
export class Scene {
  constructor(ort, folder, errors = {}, calledWhenWaitedFor = true) {
    Object.assign(this, { ort, folder, errors, calledWhenWaitedFor, frames: 0, time: 0, printed: [] });
    this.events = { OnStartEvent: [], UpdateEvent: [] };
    this.pending = [];
  }

  /** The module `name` of the bundle, compiled where it is TypeScript. */
  load(name, compiled) {
    const require = createRequire(import.meta.url);
    const scene = this;
    const scripts = path.resolve(this.folder, 'OCR');
    class BaseScriptComponent {
      createEvent(type) {
        return { bind: (callback) => scene.events[type].push(callback) };
      }
      getSceneObject() {
        return { createComponent: () => new MLComponent(scene) };
      }
    }
    const globals = {
      quat,
      vec3,
      vec4,
      Rect,
      BaseScriptComponent,
      ProceduralTextureProvider: {
        createFromTexture: (texture) => new Texture(texture.pixels, texture.width, texture.height),
        createWithFormat: (width, height) => new Texture(new Uint8Array(4 * width * height), width, height),
      },
      TextureFormat: { RGBA8Unorm: 0 },
      HorizontalAlignment: { Left: 'Left', Center: 'Center' },
      VerticalAlignment: { Center: 'Center' },
      MachineLearning: {
        InferenceMode: { Auto: 0 },
        DataLayout: { NHWC: 0, NCHW: 1 },
        createTransformerBuilder: () => builder({ setStretch: 'stretch', setFillColor: 'fill', setHorizontalAlignment: 'horizontal', setVerticalAlignment: 'vertical' }),
        createInputBuilder: () => builder({ setName: 'name', setShape: 'shape', setTransformer: 'transformer' }),
      },
      print: (message) => scene.printed.push(String(message)),
      getTime: () => scene.time,
      component: () => {},
      input: () => {},
      allowUndefined: () => {},
      hint: () => () => {},
    };
    const module = { exports: {} };
    const source = readFileSync(path.join(compiled, `${name}.js`), 'utf8');
    const inner = (wanted) => (wanted === './TextReader' ? {} : require(path.join(scripts, wanted)));
    new Function('module', 'exports', 'require', ...Object.keys(globals), source)(
      module,
      module.exports,
      inner,
      ...Object.values(globals)
    );
    return module.exports[name];
  }

  waitingRuntime() {
    if (!this.waiting) this.waiting = new WaitingRuntime();
    return this.waiting;
  }

  /** An object of the screen that scripts may copy. */
  screenObject(kind) {
    if (!this.screen) this.screen = new SceneObject('Canvas', null);
    return new SceneObject(kind, this.screen);
  }

  texture(pixels, width, height) {
    return new Texture(pixels, width, height);
  }

  asset(file) {
    return { name: file, file: path.resolve(this.folder, 'OCR', file) };
  }

  start() {
    this.events.OnStartEvent.forEach((callback) => callback());
  }

  /** One frame: what is due is delivered, then the scripts' UpdateEvent. */
  async frame() {
    this.frames++;
    this.time += 1 / 30;
    const due = this.pending.filter((one) => one.frame <= this.frames);
    this.pending = this.pending.filter((one) => one.frame > this.frames);
    for (const one of due) await one.deliver();
    this.events.UpdateEvent.forEach((callback) => callback());
  }

  later(frames, deliver) {
    this.pending.push({ frame: this.frames + frames, deliver });
  }
}

function builder(setters) {
  const made = {};
  const self = { build: () => made };
  for (const [setter, key] of Object.entries(setters)) {
    self[setter] = (value) => {
      made[key] = value;
      return self;
    };
  }
  return self;
}

class MLComponent {
  constructor(scene) {
    this.scene = scene;
    this.built = false;
  }
  getInputs() {
    return this.built ? [this.input] : [];
  }
  getOutputs() {
    return this.built ? [this.output] : [];
  }
  build(placeholders) {
    const { scene } = this;
    scene.later(FRAMES_TO_LOAD, async () => {
      if (scene.errors.loading) return this.onLoadingFailed(scene.errors.loading);
      this.session = await scene.ort.InferenceSession.create(readFileSync(this.model.file), { executionProviders: ['wasm'] });
      const [, channels, height, width] = this.session.inputMetadata[0].shape;
      const dims = this.session.outputMetadata[0].shape;
      const shape = dims.length === 4 ? new vec3(dims[3], dims[2], dims[1]) : new vec3(dims[dims.length - 1], dims.length === 3 ? dims[1] : 1, 1);
      this.input = { name: this.session.inputNames[0], shape: new vec3(width, height, channels), dataLayout: 0, texture: null };
      Object.defineProperty(this.input, 'data', { value: new Float32Array(3 * width * height), writable: false });
      this.output = { name: this.session.outputNames[0], shape, dataLayout: scene.errors.layout ? 1 : 0, data: new Float32Array(0) };
      this.transformer = placeholders[0].transformer;
      this.built = true;
      this.onLoadingFinished();
    });
  }
  runImmediate(sync) {
    const { scene } = this;
    if (this.running) throw new Error('runImmediate while the model runs');
    const { x: width, y: height } = this.input.shape;
    if (this.input.texture) draw(this.input.texture, this.transformer, this.input.data, width, height);
    const planes = new Float32Array(this.input.data.length);
    for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) planes[c * width * height + i] = this.input.data[3 * i + c];
    if (sync) {
      if (scene.errors.running) return this.onRunningFailed(scene.errors.running);
      const output = scene.waitingRuntime().run(this.model.file, planes, [1, 3, height, width]);
      this.output.data = channelsLast(output.data, output.dims);
      if (scene.calledWhenWaitedFor) this.onRunningFinished();
      return;
    }
    this.running = true;
    scene.later(FRAMES_TO_RUN, async () => {
      this.running = false;
      if (scene.errors.running) return this.onRunningFailed(scene.errors.running);
      const tensor = new scene.ort.Tensor('float32', planes, [1, 3, height, width]);
      const output = (await this.session.run({ [this.input.name]: tensor }))[this.output.name];
      this.output.data = channelsLast(output.data, output.dims);
      this.onRunningFinished();
    });
  }
}
