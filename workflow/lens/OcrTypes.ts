/** Types of OcrCore.js and OcrSettings.js; nothing of this file is left when it is compiled. */

/** A picture: RGBA bytes from the top row down, or null where a texture is fed instead. */
export interface OcrPicture {
  width: number;
  height: number;
  pixels: Uint8Array | null;
}

/** A word of a line. */
export interface OcrWord {
  quad: Float64Array;
  text: string;
  score: number;
  /** Of each character. */
  confidences: number[];
}

/** A line: x, y of four corners in pixels of the picture, clockwise from the top left as it is read. */
export interface OcrLine extends OcrWord {
  detScore: number;
  words: OcrWord[];
  /** The box as the detector found it. */
  box: Float64Array;
  /** At the level of words, the line that this is a word of. */
  whole?: OcrLine;
}

/** What OcrReader asks its host to run. */
export interface OcrRequest {
  model: 'detector' | 'recognizer' | 'classifier';
  index: number;
  /** Height and width of the input. */
  shape: number[];
  /** The corners of what is looked at in the picture; null where a detector looks at all of it. */
  quad: Float64Array | null;
  /** Of a line: its length in the input. */
  length?: number;
  /** Write the input, R, G, B from 0 to 255. */
  fill(input: Float32Array, layout: 'NHWC' | 'NCHW'): void;
}

/** A generator that asks for models to be run and is given their outputs. */
export interface OcrJob {
  next(output?: Float32Array): { done?: boolean; value: OcrRequest | OcrLine[] };
}

/** What TextReader uses of OcrCore.js. */
export interface OcrCore {
  OcrReader: new (settings: OcrSettings) => {
    lines(picture: OcrPicture, known?: (box: Float64Array) => OcrLine | null): OcrJob;
  };
  sideLengths(quad: Float64Array): number[];
}

/** One file of the bundle. */
export interface OcrModel {
  file: string;
  shape: number[];
  input: { name: string };
  output: { name: string; shape: number[] };
}

/** The models of one role. */
export interface OcrModels {
  models: OcrModel[];
  shapes: number[][];
  padding: number[];
}

/** OcrSettings.js. */
export interface OcrSettings {
  pipeline: string;
  detector: OcrModels | null;
  recognizer: (OcrModels & { output: string; rightToLeft: boolean; characters: string[] }) | null;
  classifier: OcrModels | null;
  options: { [key: string]: unknown };
}
