"""Score recognizers on labelled lines, as the reader reads them: the figures of docs/training.md.

In: ONNX recognizers with dynamic shapes (a base model and what train.py made of it), and --data
FOLDER[:LABELS] of lines or labelled images, of which at most --lines each are read. Out: per model and
dataset the strict and the alphanumeric accuracy and the character error rate. With --characters, also how
many of them were found, and how many were read where there is none. Exit code 0 scored, 2 wrong usage.
"""

import argparse
import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from snapml_ocr.cli import run
from snapml_ocr.evaluate.dataset import open_named_dataset
from snapml_ocr.evaluate.recognition import line_scores
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.dictionary_metadata import from_metadata
from snapml_ocr.ocr.recognizer import Recognizer
from snapml_ocr.training.labelled_lines import read_lines

WIDTHS = (320, 480, 832)


def main() -> None:
    """Read every dataset with every model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--data", nargs="+", required=True, metavar="FOLDER[:LABELS]")
    parser.add_argument("--lines", type=int, default=10**6, help="of each dataset, the first ones")
    parser.add_argument("--height", type=int, default=48)
    parser.add_argument("--characters", default="", help="count these among what was read")
    parser.add_argument("--rec_char_dict_path", type=Path)
    args = parser.parse_args()
    dictionary = (
        Dictionary.read(args.rec_char_dict_path) if args.rec_char_dict_path else partial(from_metadata)
    )
    shapes = [(args.height, width) for width in WIDTHS]
    for name in args.data:
        dataset = open_named_dataset(name)
        lines = read_lines([dataset])[0][: args.lines]
        truths = [line.text for line in lines]
        for model in args.models:
            recognizer = Recognizer([model], dictionary, shapes=shapes, threads=1)
            texts = [recognizer.read(line.crop).text for line in lines]
            scores = " ".join(f"{key} {value:.4f}" for key, value in line_scores(truths, texts).items())
            print(f"{dataset.folder.name} ({len(lines)} lines) {model}: {scores}", flush=True)
            for character in args.characters:
                pairs = [
                    (truth.count(character), text.count(character))
                    for truth, text in zip(truths, texts, strict=True)
                ]
                there = sum(truth for truth, _ in pairs)
                found = sum(min(pair) for pair in pairs)
                false = sum(max(0, text - truth) for truth, text in pairs)
                print(f"  {character}: {found} of {there} found, {false} where there is none", flush=True)


if __name__ == "__main__":
    run(main)
