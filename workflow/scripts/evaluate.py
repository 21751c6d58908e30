"""Score what the stages of a pipeline read in a labelled dataset.

Reads the labels of a dataset folder and, per stage, one or more predictions.jsonl files (shards of one run
are given one after the other, or as one pattern such as 'snapml=shards/*-of-128.jsonl', since a command
line of thousands of names is too long). Writes one JSON file: per stage detection (ICDAR 2015), end-to-end
and recognition scores with bootstrap 95% intervals, by category where labels have one, counts of error kinds,
agreement with the first stage given (the baseline), and the best and worst images of the last stage.
Schema: docs/evaluation.md.

Exit 0 written, 2 wrong usage or wrong labels (the message names file and line).
"""

import argparse
from pathlib import Path

from snapml_ocr.cli import Parser, named_path, run
from snapml_ocr.errors import UserError
from snapml_ocr.files import write_json


def parse_args() -> argparse.Namespace:
    """Define and read the command line."""
    parser = Parser(__doc__)
    parser.add_argument("--dataset", type=Path, required=True, help="folder with images and labels")
    parser.add_argument(
        "--labels", type=Path, help="label file, relative to the folder; default: found by name"
    )
    parser.add_argument(
        "--kind", choices=["end_to_end", "recognition"], help="what the labels must be good for"
    )
    parser.add_argument(
        "--predictions",
        action="append",
        nargs="+",
        required=True,
        type=named_path,
        metavar="STAGE=FILE",
        help="predictions.jsonl of a stage; repeat a stage for its shards; the first stage is the baseline",
    )
    parser.add_argument("--name", default="", help="name of the dataset in the result; default: the folder's")
    parser.add_argument("--pipeline", default="", help="name of the pipeline in the result")
    parser.add_output(what="JSON file to write")
    return parser.parse_args()


def main() -> None:
    """Parse, evaluate, write."""
    args = parse_args()
    files: dict[str, list[Path]] = {}
    for stage, file in (item for group in args.predictions for item in group):
        files.setdefault(stage, []).extend(matching(file))

    from snapml_ocr.evaluate.accuracy import evaluate
    from snapml_ocr.evaluate.dataset import open_to_measure
    from snapml_ocr.evaluate.prediction_files import Predictions
    from snapml_ocr.progress import Progress

    dataset = open_to_measure(args.dataset, args.labels, args.kind)
    predictions = {stage: Predictions(paths) for stage, paths in files.items()}
    name = args.name or args.dataset.resolve().name
    with Progress(f"evaluate {name}", len(dataset.images), "image") as progress:
        result = evaluate(dataset, predictions, progress.advance)
    write_json(args.output, {"pipeline": args.pipeline, "dataset": name, **result})


def matching(pattern: Path) -> list[Path]:
    """The files that a pattern stands for, sorted; a path without * stands for itself."""
    if "*" not in pattern.name:
        return [pattern]
    if not (found := sorted(pattern.parent.glob(pattern.name))):
        raise UserError(f"{pattern}: no such files of predictions")
    return found


if __name__ == "__main__":
    run(main)
