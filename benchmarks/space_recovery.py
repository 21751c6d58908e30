"""Measure what recovering spaces gains and costs on labelled lines or words.

In: recognizers as in inference.py, and --dataset FOLDER with images and labels: crops with their texts, or
images with outlines, whose lines are cut out by them. Detection plays no part.

Out: the lines that are right but for spaces, and for reading without and with recovery the lines that are
right with them, those in which a space is missing or too much, and single words that got one. Exit code 0
measured, 2 wrong usage.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from snapml_ocr.cli import run
from snapml_ocr.evaluate.dataset import Dataset, open_dataset
from snapml_ocr.evaluate.texts import without_spaces
from snapml_ocr.ocr.arguments import add_reader_arguments, open_reader
from snapml_ocr.ocr.crops import along_the_line, crop_quad
from snapml_ocr.ocr.images import Pixels, read_image


def main() -> None:
    """Read every line with and without recovery."""
    parser = argparse.ArgumentParser(description="Measure what recovering spaces gains and costs.")
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--lines", type=int, help="at most so many")
    add_reader_arguments(parser)
    args = parser.parse_args()
    if not (args.rec_model_dir or args.pipeline):
        parser.error("--rec_model_dir or a --pipeline file is needed")
    args.det_model_dir = []
    lines = [*labelled_lines(open_dataset(args.dataset))][: args.lines]
    for recovery in (False, True):
        args.space_recovery = recovery
        with open_reader(args, images=1) as reader:
            read = [(truth, reader.read(crop).lines[0].text) for truth, crop in lines]
        print("with recovery:   " if recovery else "without recovery:", summary(read))


def labelled_lines(dataset: Dataset) -> Iterator[tuple[str, Pixels]]:
    """Yield the text and the (H, W, 3) crop of every line that counts."""
    for image in dataset.images:
        pixels = read_image(dataset.path_of(image.name))
        for word in image.words:
            if dataset.kind == "recognition":
                yield word.text, pixels
            elif not word.ignore and len(word.outline) == 4:
                yield word.text, crop_quad(pixels, along_the_line(np.array(word.outline, np.float64)))


def summary(read: list[tuple[str, str]]) -> str:
    """Return the counts as text."""
    same = [(truth, text) for truth, text in read if without_spaces(truth) == without_spaces(text)]
    single = [text for truth, text in read if " " not in truth]
    counts = {
        "lines": len(read),
        "right but for spaces": len(same),
        "right": sum(truth == text for truth, text in same),
        "a space missing": sum(text.count(" ") < truth.count(" ") for truth, text in same),
        "a space too much": sum(text.count(" ") > truth.count(" ") for truth, text in same),
        "single words": len(single),
        "with a space": sum(" " in text for text in single),
    }
    return ", ".join(f"{name} {count}" for name, count in counts.items())


if __name__ == "__main__":
    run(main)
