"""Sweep one threshold of the reading code over a labelled dataset: how docs/ocr.md came by its numbers.

In: the options of inference.py that open the models, --dataset FOLDER with labels, and --sweep NAME
VALUE..., where NAME is an option of inference.py (det_db_unclip_ratio, drop_score, retry_below,
...) or a constant of a module of snapml_ocr.ocr (recognizer.RETRY_STRETCH, line_reader.SPARSE,
...). With --degrees the images are turned by each of these angles, clockwise.

Out: one line a value: detection and end-to-end hmean, or accuracy of crops, both of letters and digits, how
often models ran, and images per second. Exit code 0 swept, 2 wrong usage.
"""

import argparse
import importlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from rotation import labelled_images, turned_image

from snapml_ocr.cli import run
from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.dataset import Dataset, open_dataset
from snapml_ocr.evaluate.detection import hmean
from snapml_ocr.evaluate.end_to_end import score_image
from snapml_ocr.evaluate.recognition import score_crops
from snapml_ocr.ocr.arguments import add_reader_arguments, open_reader
from snapml_ocr.ocr.images import read_image
from snapml_ocr.ocr.steps import MODEL


def main() -> None:
    """Measure the dataset once for every value."""
    parser = argparse.ArgumentParser(description="Sweep one threshold over a labelled dataset.")
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--sweep", nargs="+", required=True, metavar=("NAME", "VALUE"))
    parser.add_argument("--degrees", type=float, nargs="+", default=[0.0])
    parser.add_argument("--category", nargs="+", help="of the images to read; all by default")
    add_reader_arguments(parser)
    args = parser.parse_args()
    dataset = open_dataset(args.dataset)
    if dataset.kind == "recognition":
        args.det_model_dir = []
    name, *values = args.sweep
    for text in values:
        value = float(text) if text.lstrip("-").replace(".", "", 1).isdecimal() else text
        set_value(args, name, value)
        print(f"{name} {text}: {measured(args, dataset)}", flush=True)


def set_value(args: argparse.Namespace, name: str, value: float | str) -> None:
    """Set an option of the command line, or a constant wherever modules have it by its name."""
    module, _, constant = name.rpartition(".")
    target: object = importlib.import_module(f"snapml_ocr.ocr.{module}") if module else args
    if not hasattr(target, constant):
        raise UserError(f"--sweep {name}: no such option or constant")
    old = getattr(target, constant)
    setattr(target, constant, value)
    if module:
        for path, other in sys.modules.items():
            if path.startswith("snapml_ocr.ocr.") and getattr(other, constant, None) is old:
                setattr(other, constant, value)


@dataclass
class Runs:
    """How often models ran."""

    count: int = 0

    @contextmanager
    def counted(self, step: str) -> Iterator[None]:
        """Take note of a step."""
        self.count += step == MODEL
        yield


def measured(args: argparse.Namespace, dataset: Dataset) -> str:
    """Read the dataset and return its scores as text."""
    runs, spent = Runs(), 0.0
    pairs = []
    matched = correct = detections = truths = images = 0
    with open_reader(args, images=1) as reader:
        for degrees in args.degrees:
            for image in labelled_images(dataset, args.category):
                picture, words = turned_image(read_image(dataset.path_of(image.name)), image.words, degrees)
                start = time.perf_counter()
                lines = reader.read(picture, on_step=runs.counted).lines
                spent += time.perf_counter() - start
                images += 1
                if dataset.kind == "recognition":
                    pairs.append((words[0].text, lines[0].text))
                    continue
                quads = [line.quad.tolist() for line in lines]
                score = score_image(words, quads, [line.text for line in lines])
                matched += len(score.matching.pairs)
                correct += score.correct["alphanumeric"]
                detections += len(score.matching.detections)
                truths += len(score.matching.truths)
    cost = f"{runs.count} model runs, {images / spent:.1f} images/s"
    if dataset.kind == "recognition":
        return f"accuracy {score_crops(pairs)['alphanumeric']:.4f}, {cost}"
    found, read = hmean(matched, detections, truths), hmean(correct, detections, truths)
    return f"detection {found:.4f}, end to end {read:.4f}, {cost}"


if __name__ == "__main__":
    run(main)
