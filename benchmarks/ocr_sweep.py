"""Sweep one threshold of the reading code over a labelled dataset: how docs/ocr.md came by its numbers.

In: the options of inference.py that open the models, --dataset FOLDER with labels, and --sweep NAME
VALUE..., where NAME is an option of inference.py (det_db_unclip_ratio, drop_score, retry_below,
...) or a constant of a module of snapml_ocr.ocr (recognizer.RETRY_STRETCH, reading_order.SAME_ROW,
...).

Out: one line a value: detection and end-to-end hmean, or accuracy of crops, and images per second.
Exit code 0 swept, 2 wrong usage.
"""

import argparse
import importlib
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from snapml_ocr.cli import run
from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.dataset import Dataset, open_dataset
from snapml_ocr.evaluate.detection import hmean
from snapml_ocr.evaluate.end_to_end import score_image
from snapml_ocr.evaluate.recognition import score_crops
from snapml_ocr.ocr.arguments import add_reader_arguments, open_reader


def main() -> None:
    """Measure the dataset once for every value."""
    parser = argparse.ArgumentParser(description="Sweep one threshold over a labelled dataset.")
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--sweep", nargs="+", required=True, metavar=("NAME", "VALUE"))
    add_reader_arguments(parser)
    args = parser.parse_args()
    dataset = open_dataset(args.dataset)
    if dataset.kind == "recognition":
        args.det_model_dir = []
    name, *values = args.sweep
    for text in values:
        value = float(text) if text.replace(".", "", 1).isdecimal() else text
        set_value(args, name, value)
        print(f"{name} {text}: {measured(args, dataset)}", flush=True)


def set_value(args: argparse.Namespace, name: str, value: float | str) -> None:
    """Set an option of the command line or a constant of a module."""
    module, _, constant = name.rpartition(".")
    target: object = importlib.import_module(f"snapml_ocr.ocr.{module}") if module else args
    if not hasattr(target, constant):
        raise UserError(f"--sweep {name}: no such option or constant")
    setattr(target, constant, value)


def measured(args: argparse.Namespace, dataset: Dataset) -> str:
    """Read the dataset and return its scores as text."""
    images = [dataset.path_of(image.name) for image in dataset.images]
    with open_reader(args, images=len(images)) as reader:
        start = time.perf_counter()
        pages = list(reader.read_many(images))
        speed = len(images) / (time.perf_counter() - start)
    if dataset.kind == "recognition":
        pairs = [
            (image.words[0].text, page.lines[0].text)
            for image, page in zip(dataset.images, pages, strict=True)
        ]
        return f"accuracy {score_crops(pairs)['alphanumeric']:.4f}, {speed:.1f} crops/s"
    matched = correct = detections = truths = 0
    for image, page in zip(dataset.images, pages, strict=True):
        quads = [line.quad.tolist() for line in page.lines]
        score = score_image(image.words, quads, [line.text for line in page.lines])
        matched += len(score.matching.pairs)
        correct += score.correct["alphanumeric"]
        detections += len(score.matching.detections)
        truths += len(score.matching.truths)
    found, read = hmean(matched, detections, truths), hmean(correct, detections, truths)
    return f"detection {found:.4f}, end to end {read:.4f}, {speed:.1f} images/s"


if __name__ == "__main__":
    run(main)
