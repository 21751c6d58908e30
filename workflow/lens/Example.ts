/**
 * Example: the lines that TextReader finds, written over the camera's picture.
 *
 * Put it on a Screen Image of the orthographic camera that shows the same texture. `label` is a Screen Text that is
 * copied for each line; its own object is switched off.
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
  @hint('Most lines shown at a time')
  most: number = 20;

  private labels: Text[] = [];

  onAwake(): void {
    this.label.getSceneObject().enabled = false;
    this.createEvent('OnStartEvent').bind(() => {
      this.reader.onLines.push((lines) => this.show(lines));
      this.reader.onError.push((message) => this.say(message));
    });
  }

  private show(lines: OcrLine[]): void {
    const width = this.reader.texture.getWidth();
    const height = this.reader.texture.getHeight();
    const shown = Math.min(lines.length, this.most);
    for (let i = 0; i < shown; i++) this.place(this.labelOf(i), lines[i], width, height);
    for (let i = shown; i < this.labels.length; i++) this.labels[i].getSceneObject().enabled = false;
  }

  /** Lay a text over the line's box: anchors go from -1 to 1, y upwards, and the object is turned with the line. */
  private place(label: Text, line: OcrLine, width: number, height: number): void {
    const quad = line.quad;
    const x = (i: number) => (quad[2 * i] / width) * 2 - 1;
    const y = (i: number) => 1 - (quad[2 * i + 1] / height) * 2;
    const centreX = (x(0) + x(1) + x(2) + x(3)) / 4;
    const centreY = (y(0) + y(1) + y(2) + y(3)) / 4;
    const along = Math.hypot(quad[2] - quad[0], quad[3] - quad[1]) / width;
    const across = Math.hypot(quad[6] - quad[0], quad[7] - quad[1]) / height;
    const place = label.getSceneObject().getComponent('Component.ScreenTransform') as ScreenTransform;
    place.anchors = Rect.create(centreX - along, centreX + along, centreY - across, centreY + across);
    place.rotation = quat.angleAxis(-Math.atan2(quad[3] - quad[1], quad[2] - quad[0]), vec3.forward());
    label.text = line.text;
    label.getSceneObject().enabled = true;
  }

  private labelOf(index: number): Text {
    if (!this.labels[index]) {
      const parent = this.label.getSceneObject().getParent();
      const copy = parent.copyWholeHierarchy(this.label.getSceneObject());
      this.labels[index] = copy.getComponent('Component.Text') as Text;
    }
    return this.labels[index];
  }

  private say(message: string): void {
    this.label.text = message;
    this.label.getSceneObject().enabled = true;
  }
}
