"""Paint the sample images and their ground truth, as pictures.yaml says.

Writes every picture and labels.json into --output_dir (default: images/ of this project). With --only NAME
(repeatable, with or without the file ending) only these pictures and their records in labels.json are written
anew. The packages of envs/images.lock give the same bytes on every run. Exit 0 written, 2 wrong usage or a
missing font package.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import cv2
import numpy as np
import yaml
from numpy.random import default_rng

import surfaces
from canvas import Canvas, Pixels, Word
from lettering import MissingFontError
from photo import Exposure, Shot, develop
from scenes import billboards, books, displays, documents, notices, plates, signs

HERE = Path(__file__).resolve().parent
SCENES = (billboards, books, displays, documents, notices, plates, signs)

LEGIBLE_HEIGHT = 6.0
"""Pixels of ink below which a line counts as don't-care: no reader, human or not, is asked for it."""


@dataclass(frozen=True)
class Sample:
    """One picture: `name` is its file name, `expected` how PP-OCR models are known to read its category."""

    name: str
    category: str
    expected: str
    quality: int
    shot: Shot
    scene: Callable[..., Canvas]
    content: dict[str, Any]

    def paint(self) -> tuple[Pixels, list[Word]]:
        """The picture, (H, W, 3) uint8 RGB, and its text lines; each picture has a seed of its own."""
        rng = default_rng([2024, crc32(self.name.encode())])
        scene = self.scene(**self.content, shot=self.shot, rng=rng)
        return develop(scene, self.shot.exposure, rng)

    def record(self, words: Sequence[Word]) -> dict[str, Any]:
        """The labels; quads in the picture's pixels, clockwise from the text's top left, to 1/100 pixel."""
        lines = []
        for word in words:
            quad = [[round(float(x), 2), round(float(y), 2)] for x, y in word.quad]
            sides = np.linalg.norm(word.quad[[3, 2]] - word.quad[[0, 1]], axis=1)
            ignore = word.ignore or bool(sides.min() < LEGIBLE_HEIGHT)
            lines.append({"quad": quad, "text": word.text, "ignore": ignore})
        return {"image": self.name, "category": self.category, "expected": self.expected, "words": lines}

    def encoded(self, pixels: Pixels) -> bytes:
        """File content of the picture, as its name's ending says."""
        options = [cv2.IMWRITE_JPEG_QUALITY, self.quality]
        if self.name.endswith(".png"):  # PNG keeps every bit of noise: 64 levels halve the file unseen
            options, pixels = [], (pixels // 4 * 4 + 2).astype(np.uint8)
        picture = np.ascontiguousarray(pixels[:, :, ::-1])
        return cv2.imencode(Path(self.name).suffix, picture, options)[1].tobytes()


def samples(path: Path) -> Iterator[Sample]:
    """All pictures in the order of labels.json."""
    plan = _with_colours(yaml.safe_load(path.read_text(encoding="utf-8")))
    lights = {name: Exposure(**entry) for name, entry in plan["lights"].items()}
    grounds = {
        name: partial(getattr(surfaces, surface), **options)
        for name, entry in plan["grounds"].items()
        for surface, options in entry.items()
    }
    scenes = {name: scene for module in SCENES for name, scene in vars(module).items()}
    for category, entry in plan["categories"].items():
        for name, content in entry["pictures"].items():
            shot, scene = content.pop("shot"), scenes[content.pop("scene")]
            light = shot.pop("light")
            changes = {"of": light} if isinstance(light, str) else light
            exposure = replace(lights[changes.pop("of")], **changes)
            if "ground" in content:
                content["ground"] = grounds[content["ground"]]
            quality = entry.get("quality", 80)
            shot = Shot(exposure=exposure, **shot)
            yield Sample(name, category, entry["expected"], quality, shot, scene, content)


def _with_colours(value: Any) -> Any:
    """Turn #rrggbb into (red, green, blue) and lists into tuples, at every depth."""
    if isinstance(value, dict):
        return {key: _with_colours(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_with_colours(item) for item in value)
    if isinstance(value, str) and value.startswith("#"):
        return tuple(bytes.fromhex(value[1:]))
    return value


def to_json(records: Sequence[dict[str, Any]]) -> str:
    """JSON with one text line per line, which keeps the file short and its differences readable."""
    pictures = []
    for entry in records:
        head = ", ".join(f'"{key}": {json.dumps(entry[key])}' for key in ("image", "category", "expected"))
        words = ",\n".join("   " + json.dumps(word) for word in entry["words"])
        pictures.append(f' {{{head},\n  "words": [\n{words}\n  ]}}')
    return "[\n" + ",\n".join(pictures) + "\n]\n"


def main() -> int:
    """Parse the arguments, paint, write; labels.json keeps the records of pictures not painted now."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output_dir", type=Path, default=HERE.parents[1] / "images")
    parser.add_argument("--only", action="append", metavar="NAME", help="a picture's name; may be repeated")
    args = parser.parse_args()
    catalogue = list(samples(HERE / "pictures.yaml"))
    known = {name: sample for sample in catalogue for name in (sample.name, Path(sample.name).stem)}
    if unknown := set(args.only or ()) - known.keys():
        parser.error(f"no picture is called {', '.join(sorted(unknown))}; see pictures.yaml")
    chosen = {known[name].name: known[name] for name in args.only} if args.only else known

    # Code chosen by the processor (and its rounding) would make the bytes differ from machine to machine.
    cv2.setUseOptimized(False)
    cv2.setNumThreads(1)
    args.output_dir.mkdir(parents=True, exist_ok=True)
    labels = args.output_dir / "labels.json"
    kept = json.loads(labels.read_text(encoding="utf-8")) if labels.exists() else []
    records = {entry["image"]: entry for entry in kept}
    try:
        for sample in {sample.name: sample for sample in chosen.values()}.values():
            pixels, words = sample.paint()
            (args.output_dir / sample.name).write_bytes(sample.encoded(pixels))
            records[sample.name] = sample.record(words)
    except MissingFontError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    ordered = [records[sample.name] for sample in catalogue if sample.name in records]
    labels.write_text(to_json(ordered), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
