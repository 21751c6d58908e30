/**
 * TextReader: text in the camera's picture, or in any texture, as lines with corners and scores.
 *
 * OcrCore.js decides everything; this component builds the MLComponents, feeds them, and hands their outputs over. The
 * models of this folder take R, G, B from 0 to 255: in the import settings of each, scale is 1 and bias is 0.
 *
 * What is looked at is cut out in one of two ways. With a Screen Crop Texture in `cropTexture`, lines, tiles of large
 * pictures and steep pages are cropped and turned by the graphics processor (fast; without a second look at unsure lines,
 * gaps as evidence of spaces, and stacked letters, which take pixels). Without one, pixels are read into the script (exact;
 * reading pixels is restricted in Lenses that use the network).
 */
import type { OcrCore, OcrJob, OcrLine, OcrPicture, OcrRequest, OcrSettings } from './OcrTypes';

const core: OcrCore = require('./OcrCore');
const settings: OcrSettings = require('./OcrSettings');

type Role = 'detector' | 'recognizer' | 'classifier';

/** One built model: its component, and where in OcrSettings it stands. */
interface BuiltModel {
  component: MLComponent;
  input: InputPlaceholder;
  output: OutputPlaceholder;
  buffer: Float32Array;
  /** What was drawn into the buffer, as a texture. */
  drawing?: Texture;
}

/** What is known of a line from an earlier frame. */
interface KnownLine {
  line: OcrLine;
  scans: number;
}

@component
export class TextReader extends BaseScriptComponent {
  @input
  @hint('The detector_HxW models of this folder; those that were left out to save space may be missing')
  detectors: MLAsset[] = [];

  @input
  @hint('The recognizer_HxW models of this folder')
  recognizers: MLAsset[] = [];

  @input
  @allowUndefined
  @hint('The classifier_HxW model, where this folder has one')
  classifier: MLAsset;

  @input
  @hint('What is read: the Device Camera Texture, or any other')
  texture: Texture;

  @input
  @allowUndefined
  @hint('A Screen Crop Texture: lines are cropped by the graphics processor. Without it, pixels are read')
  cropTexture: Texture;

  @input
  @hint('Lines read in a frame; 0: all that are found, as fast as the models answer')
  linesPerFrame: number = 1;

  @input
  @hint('Seconds between the end of a scan and the next')
  pauseSeconds: number = 0.25;

  @input
  @hint('Scans for which the text of a box that did not move is kept')
  keepScans: number = 8;

  @input
  @hint('Which way Screen Crop Textures turn: 1, or -1 if slanted lines are read wrongly and level ones rightly')
  cropTurn: number = 1;

  @input
  @hint('Wait for a model within the frame, as when a Lens is recorded')
  waitForModels: boolean = false;

  @input
  @hint('Read continuously; otherwise when scan() is called')
  continuous: boolean = true;

  /** Called with the lines of a scan, in reading order. */
  onLines: Array<(lines: OcrLine[]) => void> = [];

  /** Called with a message when something is not as it was built. */
  onError: Array<(message: string) => void> = [];

  /** The lines of the last scan. */
  lines: OcrLine[] = [];

  private models: { [key: string]: BuiltModel } = {};
  private loading = 0;
  private failed = false;
  private reader: OcrReaderType = null;
  private job: OcrJob = null;
  private answer: Float32Array = undefined;
  private held: OcrRequest = null;
  private waiting = false;
  private budget = 0;
  private nextScan = 0;
  private known: KnownLine[] = [];
  private pixels: Uint8Array = new Uint8Array(0);

  onAwake(): void {
    this.createEvent('OnStartEvent').bind(() => this.start());
    this.createEvent('UpdateEvent').bind(() => this.update());
  }

  /** Whether every model is loaded. */
  isReady(): boolean {
    return this.reader !== null && !this.failed;
  }

  /** Whether a scan is under way. */
  isReading(): boolean {
    return this.job !== null;
  }

  /** Read the texture now, unless a scan is under way; `onLines` is called when it ends. */
  scan(): void {
    if (!this.isReady() || this.job) return;
    const picture = this.picture();
    if (picture.width < 1 || picture.height < 1) return;
    this.answer = undefined;
    this.held = null;
    this.job = this.reader.lines(picture, (quad) => this.kept(quad));
    this.advance();
  }

  private start(): void {
    if (!this.texture) return this.fail('no texture: assign the Device Camera Texture');
    this.build('detector', this.detectors);
    this.build('recognizer', this.recognizers);
    if (settings.classifier) this.build('classifier', this.classifier ? [this.classifier] : []);
  }

  private build(role: Role, assets: MLAsset[]): void {
    const wanted = settings[role];
    const given = (assets || []).filter((asset) => !!asset);
    if (!wanted) return;
    if (given.length === 0) {
      return this.fail(`no ${role}: assign ${wanted.models.map((model) => model.file).join(', ')}`);
    }
    for (const asset of given) {
      this.loading++;
      const component = this.getSceneObject().createComponent('MLComponent');
      component.model = asset;
      component.inferenceMode = MachineLearning.InferenceMode.Auto;
      component.onLoadingFailed = (error) => this.fail(`${role} ${asset.name}: cannot be loaded: ${error}`);
      component.onRunningFailed = (error) => this.fail(`${role} ${asset.name}: stopped: ${error}`);
      component.onLoadingFinished = () => this.loaded(role, asset, component);
      // The picture keeps its proportions: a detector's in the middle on black, a line at the left on mid grey.
      const isLine = role !== 'detector';
      const grey = settings[role].padding.map((shade) => shade / 255);
      const known = component.getInputs();
      const shape = known.length ? known[0].shape : new vec3(wanted.shapes[0][1], wanted.shapes[0][0], 3);
      const transformer = MachineLearning.createTransformerBuilder()
        .setStretch(false)
        .setHorizontalAlignment(isLine ? HorizontalAlignment.Left : HorizontalAlignment.Center)
        .setVerticalAlignment(VerticalAlignment.Center)
        .setFillColor(new vec4(grey[0], grey[1], grey[2], 1))
        .build();
      const input = MachineLearning.createInputBuilder()
        .setName(known.length ? known[0].name : wanted.models[0].input.name)
        .setShape(shape)
        .setTransformer(transformer)
        .build();
      component.build([input]);
    }
  }

  private loaded(role: Role, asset: MLAsset, component: MLComponent): void {
    const input = component.getInputs()[0];
    const output = component.getOutputs()[0];
    const wanted = settings[role];
    const index = wanted.shapes.findIndex((shape) => shape[0] === input.shape.y && shape[1] === input.shape.x);
    const found = `${input.shape.y}x${input.shape.x}`;
    if (index < 0 || input.shape.z !== 3) {
      const shapes = wanted.shapes.map((shape) => `${shape[0]}x${shape[1]}`).join(', ');
      return this.fail(`${role} ${asset.name}: takes ${found}, but this folder was built for ${shapes}`);
    }
    const expected = wanted.models[index].output.shape;
    const size = expected.reduce((product, side) => product * side, 1);
    const shape = output.shape;
    if (shape.x * shape.y * shape.z !== size) {
      return this.fail(`${role} ${asset.name}: gives ${shape.x}x${shape.y}x${shape.z}, expected ${expected.join('x')}`);
    }
    if (role === 'recognizer') {
      const classes = settings.recognizer.characters.length;
      const last = shape.z > 1 ? shape.z : shape.x;
      if (last !== classes) {
        return this.fail(
          `${role} ${asset.name}: ${shape.x}x${shape.y}x${shape.z} is another layout, expected ${classes} classes innermost`
        );
      }
    }
    if (output.dataLayout !== undefined && output.dataLayout !== MachineLearning.DataLayout.NHWC) {
      return this.fail(`${role} ${asset.name}: gives its channels first, expected the layout NHWC`);
    }
    const buffer = new Float32Array(3 * input.shape.x * input.shape.y);
    this.models[`${role} ${index}`] = { component, input, output, buffer };
    component.onRunningFinished = () => this.received(output.data);
    this.loading--;
    if (this.loading === 0 && !this.failed) this.reader = new core.OcrReader(this.available());
  }

  /** The settings with the shapes alone whose models were assigned. */
  private available(): OcrSettings {
    const copy: OcrSettings = Object.assign({}, settings);
    (['detector', 'recognizer', 'classifier'] as Role[]).forEach((role) => {
      if (!settings[role]) return;
      const kept = settings[role].shapes.map((_, index) => index).filter((index) => !!this.models[`${role} ${index}`]);
      const models: { [key: string]: BuiltModel } = {};
      kept.forEach((old, index) => (models[`${role} ${index}`] = this.models[`${role} ${old}`]));
      settings[role].shapes.forEach((_, index) => delete this.models[`${role} ${index}`]);
      Object.assign(this.models, models);
      (copy as any)[role] = Object.assign({}, settings[role], {
        shapes: kept.map((index) => settings[role].shapes[index]),
        models: kept.map((index) => settings[role].models[index]),
      });
    });
    return copy;
  }

  private update(): void {
    if (!this.isReady()) return;
    this.budget = this.linesPerFrame > 0 ? this.linesPerFrame : Infinity;
    if (this.job) this.advance();
    else if (this.continuous && getTime() >= this.nextScan) this.scan();
  }

  /** Go on until a model has to be waited for, or this frame's lines are read. */
  private advance(): void {
    while (this.job && !this.waiting && !this.failed) {
      if (!this.held) {
        const step = this.job.next(this.answer);
        if (step.done) return this.finish(step.value as OcrLine[]);
        this.held = step.value as OcrRequest;
      }
      if (this.held.model !== 'detector') {
        if (this.budget <= 0) return;
        this.budget--;
      }
      const request = this.held;
      this.held = null;
      this.run(request);
    }
  }

  private run(request: OcrRequest): void {
    const model = this.models[`${request.model} ${request.index}`];
    if (!request.quad) {
      model.input.texture = this.texture;
    } else if (this.cropTexture) {
      this.aim(request.quad);
      model.input.texture = this.cropTexture;
    } else if (request.model === 'detector') {
      // It is fed by textures alone: which counts after both texture and data were set is not documented.
      request.fill(model.buffer, 'NHWC');
      model.input.texture = this.drawn(model);
    } else {
      // The input's own array cannot be replaced, only written.
      request.fill(model.buffer, 'NHWC');
      const data = model.input.data;
      for (let i = 0; i < model.buffer.length; i++) data[i] = model.buffer[i];
    }
    this.waiting = true;
    model.component.runImmediate(this.waitForModels);
    // Whether the callback comes when a model is waited for is not documented; the output is there.
    if (this.waitForModels && this.waiting) this.received(model.output.data);
  }

  /** A model has answered: within `runImmediate` or some frames later. */
  private received(data: Float32Array): void {
    if (!this.waiting) return;
    this.waiting = false;
    this.answer = new Float32Array(data);
    if (!this.waitForModels) this.advance();
  }

  private finish(lines: OcrLine[]): void {
    this.job = null;
    const whole = lines.map((line) => line.whole || line);
    this.known = whole.filter((line, i) => whole.indexOf(line) === i).map((line) => {
      const before = this.known.find((one) => one.line === line);
      return { line, scans: before ? before.scans + 1 : 0 };
    });
    this.lines = lines;
    this.nextScan = getTime() + this.pauseSeconds;
    this.onLines.forEach((listener) => listener(lines));
  }

  /** The line that was read at the same place lately, so that it need not be read again. */
  private kept(quad: Float64Array): OcrLine | null {
    const height = Math.min(...core.sideLengths(quad));
    for (const one of this.known) {
      if (one.scans >= this.keepScans) continue;
      let moved = 0;
      for (let i = 0; i < 8; i++) moved = Math.max(moved, Math.abs(one.line.box[i] - quad[i]));
      if (moved < 0.2 * height) return one.line;
    }
    return null;
  }

  private picture(): OcrPicture {
    const width = this.texture.getWidth();
    const height = this.texture.getHeight();
    if (this.cropTexture) {
      (this.cropTexture.control as RectCropTextureProvider).inputTexture = this.texture;
      return { width, height, pixels: null };
    }
    const copy = ProceduralTextureProvider.createFromTexture(this.texture);
    const size = 4 * width * height;
    if (this.pixels.length !== size) this.pixels = new Uint8Array(size);
    (copy.control as ProceduralTextureProvider).getPixels(0, 0, width, height, this.pixels);
    return { width, height, pixels: upsideDown(this.pixels, width, height) };
  }

  /** A texture of what is in a model's buffer. */
  private drawn(model: BuiltModel): Texture {
    const { x: width, y: height } = model.input.shape;
    if (!model.drawing) model.drawing = ProceduralTextureProvider.createWithFormat(width, height, TextureFormat.RGBA8Unorm);
    const pixels = new Uint8Array(4 * width * height).fill(255);
    for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) pixels[4 * i + c] = model.buffer[3 * i + c];
    (model.drawing.control as ProceduralTextureProvider).setPixels(0, 0, width, height, upsideDown(pixels, width, height));
    return model.drawing;
  }

  /** Point the crop texture at a quad: anchors from -1 to 1, y upwards, and its turn in radians. */
  private aim(quad: Float64Array): void {
    const control = this.cropTexture.control as RectCropTextureProvider;
    const width = this.texture.getWidth();
    const height = this.texture.getHeight();
    const [along, across] = core.sideLengths(quad);
    const x = ((quad[0] + quad[2] + quad[4] + quad[6]) / 4 / width) * 2 - 1;
    const y = 1 - ((quad[1] + quad[3] + quad[5] + quad[7]) / 4 / height) * 2;
    control.cropRect = Rect.create(x - along / width, x + along / width, y - across / height, y + across / height);
    control.rotation = this.cropTurn * Math.atan2(quad[3] - quad[1], quad[2] - quad[0]);
  }

  private fail(message: string): void {
    this.failed = true;
    this.job = null;
    print(`TextReader: ${message}`);
    this.onError.forEach((listener) => listener(message));
  }
}

type OcrReaderType = InstanceType<OcrCore['OcrReader']>;

/** Rows of a texture go from the bottom up, a picture's from the top down. */
function upsideDown(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const row = 4 * width;
  const spare = new Uint8Array(row);
  for (let top = 0, bottom = height - 1; top < bottom; top++, bottom--) {
    spare.set(pixels.subarray(top * row, (top + 1) * row));
    pixels.copyWithin(top * row, bottom * row, (bottom + 1) * row);
    pixels.set(spare, bottom * row);
  }
  return pixels;
}
