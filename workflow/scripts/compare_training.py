"""Compare a trained recognizer with its base on labelled lines: what was gained, and what was lost.

Reads two ONNX recognizers with dynamic shapes, what train.py left, and datasets as FOLDER or FOLDER:LABELS;
writes comparison.json and comparison.html, a page with scores and their 95% intervals, curves, pictures of
lines and confusions. Lines are cut out by their labels. Exit 0 written, 2 wrong usage.
"""

import argparse
from pathlib import Path

from snapml_ocr.cli import run
from snapml_ocr.evaluate.dataset import open_named_dataset
from snapml_ocr.files import read_json, write_json, write_text
from snapml_ocr.ocr.dictionary_metadata import from_metadata
from snapml_ocr.ocr.normalisation import Normalisation
from snapml_ocr.ocr.recognizer import Recognizer, RecognizerSettings
from snapml_ocr.plan.shape import Shape
from snapml_ocr.plan.space_rule import SpaceRule
from snapml_ocr.training.base_comparison import compare, page
from snapml_ocr.training.labelled_lines import read_lines

OF_SUMMARY = ("lines", "base", "trained", "best_step", "rehearsal", "against_paddle")
"""What the report shows of what train.py left."""


def main() -> None:
    """Parse, read every line with both, write."""
    args = parse_args()
    settings = RecognizerSettings(normalisation=Normalisation.from_json(args.normalisation))
    base, trained = (
        Recognizer([path], from_metadata, space_rule=rule, shapes=args.shapes, settings=settings, threads=1)
        for path, rule in ((args.base, args.base_spaces), (args.trained, args.spaces))
    )
    found = {}
    for number, name in enumerate(args.dataset):
        lines, _, _ = read_lines([open_named_dataset(name)])
        readings = ([model.read(line.crop).text for line in lines] for model in (base, trained))
        found[args.name[number]] = (compare(lines, *readings), lines)
    summary = read_json(args.training_dir / "summary.json")
    document = {
        "schema": 2,
        "datasets": {name: result for name, (result, _) in found.items()},
        **{key: summary[key] for key in OF_SUMMARY},
    }
    write_json(args.output_dir / "comparison.json", document)
    title = f"What training brought: {args.title}"
    curves = (args.training_dir / "curves.svg").read_text(encoding="utf-8")
    write_text(args.output_dir / "comparison.html", page(title, found, summary, curves))


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("base", type=Path, help="ONNX recognizer that training began with")
    parser.add_argument("trained", type=Path, help="ONNX recognizer that it ended with")
    parser.add_argument("--training_dir", type=Path, required=True, help="the --output_dir of train.py")
    parser.add_argument("--dataset", nargs="+", action="extend", required=True, metavar="FOLDER[:LABELS]")
    parser.add_argument("--name", nargs="+", action="extend", required=True, help="of each dataset")
    parser.add_argument("--title", default="a recognizer", help="name of the trained model")
    parser.add_argument("--shapes", type=Shape.parse, nargs="+", action="extend", default=[], metavar="HxW")
    parser.add_argument("--normalisation", required=True, metavar="JSON", help="mean, std and channel_order")
    for name, whose in (("base_spaces", "the base's"), ("spaces", "the trained model's")):
        parser.add_argument(
            f"--{name}",
            type=SpaceRule.model_validate_json,
            metavar="JSON",
            help=f"{whose} rule for spaces; default: the common one",
        )
    parser.add_argument("--output_dir", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
