/**
 * Runs a bundle's reader on ONNX Runtime Web, in a browser and in Node alike: the counterpart of TextReader.ts, which
 * runs it on Lens Studio's MLComponent.
 */

/** The models of a bundle; `load(file)` gives the bytes of a file in OCR/, `now()` milliseconds. */
export class Models {
  constructor(ort, settings, load, now = () => performance.now()) {
    this.ort = ort;
    this.settings = settings;
    this.load = load;
    this.now = now;
    this.sessions = new Map();
    this.inputs = new Map();
    /** Milliseconds by step since `startClock`. */
    this.times = {};
  }

  /** Open every model; `progress(file, done, all)` is told of each. */
  async open(progress = () => {}) {
    const files = ['detector', 'recognizer', 'classifier'].flatMap((role) =>
      (this.settings[role] ? this.settings[role].models : []).map((model, index) => [`${role} ${index}`, model])
    );
    for (const [i, [key, model]] of files.entries()) {
      progress(model.file, i, files.length);
      const bytes = await this.load(model.file);
      const session = await this.ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
      this.sessions.set(key, { session, model });
    }
    progress('', files.length, files.length);
  }

  startClock() {
    this.times = { input: 0, detector: 0, recognizer: 0, classifier: 0, decoding: 0, lines: 0 };
    this.mark = this.now();
  }

  /** Answer a request of OcrReader: the output as numbers in the order of NHWC. */
  async run(request) {
    const begin = this.now();
    const { session, model } = this.sessions.get(`${request.model} ${request.index}`);
    const [height, width] = model.shape;
    const key = `${height}x${width}`;
    if (!this.inputs.has(key)) this.inputs.set(key, new Float32Array(3 * height * width));
    const input = this.inputs.get(key);
    request.fill(input, 'NCHW');
    const filled = this.now();
    const tensor = new this.ort.Tensor('float32', input, [1, 3, height, width]);
    const output = (await session.run({ [session.inputNames[0]]: tensor }))[session.outputNames[0]];
    const end = this.now();
    this.times.decoding += begin - this.mark;
    this.times.input += filled - begin;
    this.times[request.model] += end - filled;
    if (request.model === 'recognizer') this.times.lines++;
    this.mark = end;
    return channelsLast(output.data, output.dims);
  }

  /** Carry out one of OcrReader's generators, as `reader.lines(picture)`. */
  async carryOut(job) {
    let step = job.next();
    while (!step.done) step = job.next(await this.run(step.value));
    this.times.decoding += this.now() - this.mark;
    this.mark = this.now();
    return step.value;
  }
}

/** Numbers of a tensor in the order of NHWC, as Lens Studio gives them: [1, C, H, W] is turned, others are left. */
export function channelsLast(data, dims) {
  if (dims.length !== 4 || dims[1] === 1) return data;
  const [, channels, height, width] = dims;
  const area = height * width;
  const turned = new Float32Array(data.length);
  for (let c = 0; c < channels; c++) for (let i = 0; i < area; i++) turned[i * channels + c] = data[c * area + i];
  return turned;
}
