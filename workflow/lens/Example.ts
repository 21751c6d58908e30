/**
 * Example: the lines that TextReader finds, as boxes and text over the camera's picture.
 *
 * Put it on a Screen Image of the orthographic camera that shows the same texture. `label` is a Screen Text and `frame` a
 * Screen Image below it: both are copied for each line, and are switched off themselves.
 */
import { TextReader } from './TextReader';
import type { OcrLine } from './OcrTypes';

@component
export class Example extends BaseScriptComponent {
  @input
  @hint('The component that reads')
  reader: TextReader;

  @input
  @hint('A Screen Text below this object: copied for each line')
  label: Text;

  @input
  @allowUndefined
  @hint('A Screen Image below this object, as a frame or a pale colour: copied behind each text')
  frame: Image;

  @input
  @hint('Most lines shown at a time')
  most: number = 20;

  private shown: SceneObject[][] = [];

  onAwake(): void {
    this.patterns().forEach((pattern) => (pattern.enabled = false));
    this.createEvent('OnStartEvent').bind(() => {
      this.reader.onLines.push((lines) => this.show(lines));
      this.reader.onError.push((message) => this.say(message));
    });
  }

  /** What is copied for a line, what lies behind first. */
  private patterns(): SceneObject[] {
    return [this.frame, this.label].filter((one) => !!one).map((one) => one.getSceneObject());
  }

  private show(lines: OcrLine[]): void {
    const width = this.reader.texture.getWidth();
    const height = this.reader.texture.getHeight();
    const count = Math.min(lines.length, this.most);
    while (this.shown.length < count) {
      this.shown.push(this.patterns().map((pattern) => pattern.getParent().copyWholeHierarchy(pattern)));
    }
    this.shown.forEach((copies, i) => {
      for (const copy of copies) {
        copy.enabled = i < count;
        if (i < count) this.place(copy, lines[i].quad, width, height);
      }
      if (i < count) (copies[copies.length - 1].getComponent('Component.Text') as Text).text = lines[i].text;
    });
  }

  /** Lay an object over a line's box: anchors go from -1 to 1, y upwards, and the object is turned with the line. */
  private place(object: SceneObject, quad: Float64Array, width: number, height: number): void {
    const x = (i: number) => (quad[2 * i] / width) * 2 - 1;
    const y = (i: number) => 1 - (quad[2 * i + 1] / height) * 2;
    const centreX = (x(0) + x(1) + x(2) + x(3)) / 4;
    const centreY = (y(0) + y(1) + y(2) + y(3)) / 4;
    const along = Math.hypot(quad[2] - quad[0], quad[3] - quad[1]) / width;
    const across = Math.hypot(quad[6] - quad[0], quad[7] - quad[1]) / height;
    const transform = object.getComponent('Component.ScreenTransform') as ScreenTransform;
    transform.anchors = Rect.create(centreX - along, centreX + along, centreY - across, centreY + across);
    transform.rotation = quat.angleAxis(-Math.atan2(quad[3] - quad[1], quad[2] - quad[0]), vec3.forward());
  }

  private say(message: string): void {
    this.label.text = message;
    this.label.getSceneObject().enabled = true;
  }
}
