"""Measure how text is read at any angle: turn labelled images about their centre and read them.

In: the options of inference.py that open the models (or --pipeline), --dataset FOLDER with images and
labels, --degrees. Images are turned clockwise on a canvas that holds the whole of them.

Out: one line an angle: the share of labelled lines that are found and read (letters and digits, and every
character), the share of the found ones whose first corner is the label's, and the time an image takes,
reading one after the other. --json FILE gets the same. Exit code 0 measured, 2 wrong usage.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from snapml_ocr.cli import run
from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.dataset import Dataset, open_dataset
from snapml_ocr.evaluate.end_to_end import score_image
from snapml_ocr.evaluate.labels import LabelledImage, Word
from snapml_ocr.files import write_json
from snapml_ocr.ocr.arguments import add_reader_arguments, open_reader
from snapml_ocr.ocr.images import Pixels, read_image
from snapml_ocr.ocr.reader import Reader


def main() -> None:
    """Read all images at every angle and print a line for each."""
    parser = argparse.ArgumentParser(description="Measure how text is read at any angle.")
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--degrees", type=float, nargs="+", default=[15.0 * step for step in range(24)])
    parser.add_argument("--category", nargs="+", help="of the images to read; all by default")
    parser.add_argument("--json", type=Path)
    add_reader_arguments(parser)
    args = parser.parse_args()
    dataset = open_dataset(args.dataset)
    images = [
        (read_image(dataset.path_of(image.name)), image.words)
        for image in labelled_images(dataset, args.category)
    ]
    rows = []
    with open_reader(args, images=1) as reader:
        for degrees in args.degrees:
            rows.append({"degrees": degrees, **measured(reader, images, degrees)})
            print(*(f"{name} {value:g}" for name, value in rows[-1].items()), flush=True)
    if args.json:
        write_json(args.json, rows)


def labelled_images(dataset: Dataset, categories: Sequence[str] | None) -> list[LabelledImage]:
    """Return the images of some categories, by default all; raises `UserError` for an unknown one."""
    unknown = set(categories or []) - set(dataset.categories)
    if unknown:
        known = ", ".join(dataset.categories) or "none"
        raise UserError(f"{dataset.folder}: no category {', '.join(sorted(unknown))}; it has {known}")
    return [image for image in dataset.images if not categories or image.category in categories]


def measured(reader: Reader, images: list[tuple[Pixels, tuple[Word, ...]]], degrees: float) -> dict[str, Any]:
    """Return the shares and the milliseconds an image of one angle."""
    truths = matched = begun = 0
    correct = {"alphanumeric": 0, "strict": 0}
    spent = 0.0
    for pixels, words in images:
        picture, labels = turned_image(pixels, words, degrees)
        start = time.perf_counter()
        lines = reader.read(picture).lines
        spent += time.perf_counter() - start
        score = score_image(labels, [line.quad.tolist() for line in lines], [line.text for line in lines])
        truths += len(score.matching.truths)
        matched += len(score.matching.pairs)
        for name in correct:
            correct[name] += score.correct[name]
        for truth, found in score.matching.pairs:
            corners = np.array(labels[truth].outline)
            if len(corners) == 4:
                begun += int(np.linalg.norm(corners - lines[found].quad[0], axis=1).argmin() == 0)
    return {
        **{f"read_{name}": round(count / max(1, truths), 3) for name, count in correct.items()},
        "first_corner": round(begun / max(1, matched), 3),
        "milliseconds": round(1000 * spent / max(1, len(images)), 1),
    }


def turned_image(pixels: Pixels, words: tuple[Word, ...], degrees: float) -> tuple[Pixels, tuple[Word, ...]]:
    """Turn a (H, W, 3) image clockwise about its centre, and its labels with it."""
    if degrees == 0:
        return pixels, words
    height, width = pixels.shape[:2]
    view = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    size = np.abs(view[:, :2]) @ [width, height]
    view[:, 2] += (size - [width, height]) / 2
    shape = (round(size[0]), round(size[1]))
    picture = cv2.warpAffine(pixels, view, shape, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    labels = []
    for word in words:
        outline = np.array(word.outline) @ view[:, :2].T + view[:, 2]
        labels.append(replace(word, outline=tuple((float(x), float(y)) for x, y in outline)))
    return picture, tuple(labels)  # type: ignore[return-value]


if __name__ == "__main__":
    run(main)
