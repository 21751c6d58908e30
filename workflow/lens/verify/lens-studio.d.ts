/**
 * What TextReader.ts and Example.ts use of the Lens Scripting API, written for this project from its documentation
 * (developers.snap.com/lens-studio/api/lens-scripting, version 5.x; the class of each is named after "Built-In." in the
 * address). Nothing else is declared, and nothing was copied from Snap's own declarations.
 */

// classes/Built-In.vec3.html, Built-In.vec4.html, Built-In.quat.html
declare class vec3 {
  constructor(x: number, y: number, z: number);
  x: number;
  y: number;
  z: number;
  static forward(): vec3;
}
declare class vec4 {
  constructor(x: number, y: number, z: number, w: number);
}
declare class quat {
  static angleAxis(angle: number, axis: vec3): quat;
}

// classes/Built-In.Rect.html
declare class Rect {
  static create(left: number, right: number, bottom: number, top: number): Rect;
}

// classes/Built-In.Texture.html, Built-In.TextureProvider.html
declare class TextureProvider {
  getAspect(): number;
}
declare class Texture {
  control: TextureProvider;
  getWidth(): number;
  getHeight(): number;
}

// classes/Built-In.ProceduralTextureProvider.html: getPixels fills `data` from the bottom row upwards
declare class ProceduralTextureProvider extends TextureProvider {
  static createFromTexture(texture: Texture): Texture;
  static createWithFormat(width: number, height: number, format: TextureFormat): Texture;
  getPixels(x: number, y: number, width: number, height: number, data: Uint8Array): void;
  setPixels(x: number, y: number, width: number, height: number, data: Uint8Array): void;
}

// enums/Built-In.TextureFormat.html
declare enum TextureFormat {
  RGBA8Unorm,
}

// classes/Built-In.RectCropTextureProvider.html
declare class RectCropTextureProvider extends TextureProvider {
  inputTexture: Texture;
  cropRect: Rect;
  rotation: number;
}

// classes/Built-In.MLAsset.html
declare class MLAsset {
  name: string;
}

// classes/Built-In.TransformerBuilder.html, Built-In.Transformer.html and the enumerations it takes
declare class Transformer {}
declare enum HorizontalAlignment {
  Left,
  Center,
  Right,
}
declare enum VerticalAlignment {
  Bottom,
  Center,
  Top,
}
declare class TransformerBuilder {
  setStretch(value: boolean): TransformerBuilder;
  setHorizontalAlignment(mode: HorizontalAlignment): TransformerBuilder;
  setVerticalAlignment(mode: VerticalAlignment): TransformerBuilder;
  setFillColor(colour: vec4): TransformerBuilder;
  build(): Transformer;
}

// classes/Built-In.InputBuilder.html
declare class InputBuilder {
  setName(name: string): InputBuilder;
  setShape(shape: vec3): InputBuilder;
  setTransformer(transformer: Transformer): InputBuilder;
  build(): InputPlaceholder;
}

// modules/Built-In.MachineLearning.html
declare namespace MachineLearning {
  enum InferenceMode {
    Auto,
    CPU,
    GPU,
    Accelerator,
  }
  enum DataLayout {
    NHWC,
    NCHW,
  }
  function createTransformerBuilder(): TransformerBuilder;
  function createInputBuilder(): InputBuilder;
}

// classes/Built-In.BasePlaceholder.html, Built-In.InputPlaceholder.html, Built-In.OutputPlaceholder.html
declare class BasePlaceholder {
  readonly name: string;
  readonly shape: vec3;
  readonly dataLayout: MachineLearning.DataLayout;
}
declare class InputPlaceholder extends BasePlaceholder {
  readonly data: Float32Array;
  texture: Texture;
}
declare class OutputPlaceholder extends BasePlaceholder {
  readonly data: Float32Array;
}

// classes/Built-In.MLComponent.html
declare class MLComponent {
  model: MLAsset;
  inferenceMode: MachineLearning.InferenceMode;
  onLoadingFinished: () => void;
  onLoadingFailed: (error: string) => void;
  onRunningFinished: () => void;
  onRunningFailed: (error: string) => void;
  build(placeholders: BasePlaceholder[]): void;
  getInputs(): InputPlaceholder[];
  getOutputs(): OutputPlaceholder[];
  runImmediate(sync: boolean): void;
}

// classes/Built-In.SceneObject.html, Built-In.ScreenTransform.html, Built-In.Text.html, Built-In.Image.html
declare class ScreenTransform {
  anchors: Rect;
  rotation: quat;
}
declare class Text {
  text: string;
  getSceneObject(): SceneObject;
}
declare class Image {
  getSceneObject(): SceneObject;
}
declare class SceneObject {
  enabled: boolean;
  createComponent(type: 'MLComponent'): MLComponent;
  getComponent(type: string): unknown;
  getParent(): SceneObject;
  copyWholeHierarchy(object: SceneObject): SceneObject;
}

// features/scripting: events and components; classes/Built-In.SceneEvent.html, Built-In.BaseScriptComponent.html
declare class SceneEvent {
  bind(callback: () => void): void;
}
declare class BaseScriptComponent {
  createEvent(type: 'OnStartEvent' | 'UpdateEvent'): SceneEvent;
  getSceneObject(): SceneObject;
}

// modules/Built-In.global.html
declare function print(message: unknown): void;
declare function getTime(): number;
declare function require(module: string): any;

// features/scripting/typescript: the decorators of components and their inputs
declare function component(target: Function): void;
declare function input(target: object, key: string): void;
declare function allowUndefined(target: object, key: string): void;
declare function hint(text: string): (target: object, key: string) => void;
