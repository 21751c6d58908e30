r"""Compare what a bundle reads in Node with what the Python reader reads, picture by picture.

First both are given the same input tensors, then each reads the pictures by itself, with its own scaling.
Writes the shares of equal boxes and texts as JSON and, with labels in the folder, both end-to-end scores.
Node and ONNX Runtime Web come from locked packages. Nothing here runs in Lens Studio. Example:

    python workflow/scripts/verify_lens.py --pipeline results/pipelines/ppocrv4-v6-en.json \
        --bundle results/lens/ppocrv4-v6-en --images images --output results/lens/ppocrv4-v6-en.verify.json

Exit 0 within the limits, 1 not, 2 wrong usage.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from snapml_ocr.cli import Parser, run
from snapml_ocr.errors import CheckFailedError, UserError
from snapml_ocr.evaluate.accuracy import evaluate
from snapml_ocr.evaluate.dataset import Dataset, open_dataset
from snapml_ocr.evaluate.prediction_files import Predictions
from snapml_ocr.files import write_json
from snapml_ocr.lens.comparison import compare
from snapml_ocr.ocr.images import find_images
from snapml_ocr.progress import Progress

SAME_OF_INPUTS = 0.995
SAME_TEXTS = 0.985
STRICT_HMEAN = 0.005
"""Least shares of equal boxes and texts from equal inputs, and of equal texts from pictures; largest
difference of scores.
"""

STRICT = "end_to_end_hmean_strict"


def main() -> None:
    """Compare, write, judge."""
    args = parse_args()
    dataset = labelled(args.images)
    images = [dataset.path_of(one.name) for one in dataset.images] if dataset else find_images(args.images)
    images = images[: args.most]
    with TemporaryDirectory() as folder:
        predictions = {
            name: (args.predictions or Path(folder)) / f"{name}.jsonl" for name in ("python", "lens")
        }
        document: dict[str, Any] = {}
        with Progress("compare", len(images), "picture") as progress:
            for comparison in compare(args.bundle, args.pipeline, images, predictions):
                document = comparison.document()
                progress.advance()
        if dataset and args.most is None:
            document["scores"] = scores(dataset, predictions)
    same, own = document["equal_inputs"], document["pictures_themselves"]
    print(
        f"{document['pictures']} pictures."
        f" From equal inputs: {same['same_boxes']:.2%} of {same['boxes']} boxes,"
        f" {same['same_texts']:.2%} of {same['lines']} texts the same. From the pictures:"
        f" {own['same_texts']:.2%} of {own['lines']} texts the same."
    )
    for name, score in (document.get("scores") or {}).items():
        print(f"{name}: {STRICT} {score:.4f}")
    if args.output:
        write_json(args.output, document)
    judge(document)


def labelled(folder: Path) -> Dataset | None:
    """Return the dataset in a folder, or nothing when it has no labels of whole pictures."""
    try:
        return open_dataset(folder, None, "end_to_end")
    except UserError:
        return None


def scores(dataset: Dataset, predictions: dict[str, Path]) -> dict[str, float]:
    """Return the strict end-to-end score of both, by name."""
    result = evaluate(dataset, {name: Predictions([file]) for name, file in predictions.items()})
    stages = result["stages"]
    return {name: float(stages[name]["end_to_end"]["strict"]["hmean"]["value"]) for name in predictions}


def judge(document: dict[str, Any]) -> None:
    """Raise `CheckFailedError` with what is outside the limits."""
    same, own = document["equal_inputs"], document["pictures_themselves"]
    shares = (
        ("boxes from equal inputs", same["same_boxes"], SAME_OF_INPUTS),
        ("texts from equal inputs", same["same_texts"], SAME_OF_INPUTS),
        ("texts from pictures", own["same_texts"], SAME_TEXTS),
    )
    wrong = [f"{what} {share:.2%}" for what, share, least in shares if share < least]
    found = document.get("scores")
    if found and abs(found["python"] - found["lens"]) > STRICT_HMEAN:
        wrong.append(f"{STRICT} {found['lens']:.4f} against {found['python']:.4f}")
    if wrong:
        raise CheckFailedError(f"the bundle reads other than the Python reader: {'; '.join(wrong)}")


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(__doc__.partition("\n\n")[0])
    parser.add_argument("--pipeline", type=Path, required=True, metavar="FILE", help="pipeline file")
    parser.add_argument("--bundle", type=Path, required=True, metavar="DIR", help="folder of its bundle")
    parser.add_argument(
        "--images", type=Path, required=True, metavar="DIR", help="pictures, with or without labels"
    )
    parser.add_argument(
        "--most", type=int, metavar="N", help="compare the first N pictures alone, without scores"
    )
    parser.add_argument(
        "--predictions",
        type=Path,
        metavar="DIR",
        help="keep what both read here, as python.jsonl and lens.jsonl",
    )
    parser.add_output(what="JSON file to write", required=False)
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
