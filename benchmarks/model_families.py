r"""Compare what pipelines read, and how fast, with each other and with RapidOCR 3.10.0 as it comes.

In: pipeline files (results/pipelines/NAME.json) and labelled folders. Readers take turns over blocks of
images, so that a machine that is busy for a while is busy for all of them alike; each has --threads threads.
Out: a table, and with --json FILE the same as JSON: detection, end-to-end or word accuracy as evaluate.py
computes it, images per second from files to texts, and the ratio of that to the first reader's (median over
blocks). Example:

    python benchmarks/model_families.py results/pipelines/*-host.json --rapidocr \
        --dataset sroie=../shared/data/sroie-dev --dataset ic15=../shared/data/ic15-dev,word

A dataset is NAME=FOLDER, with `,word` behind it where its labels are by word. Exit 0 measured, 2 wrong usage.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from snapml_ocr.cli import run
from snapml_ocr.convert.environment import command_in
from snapml_ocr.evaluate.accuracy import evaluate, headline
from snapml_ocr.evaluate.dataset import Dataset, open_dataset
from snapml_ocr.evaluate.prediction_files import Predictions
from snapml_ocr.files import write_json
from snapml_ocr.ocr.images import read_image
from snapml_ocr.ocr.opening import arguments_of, normalisations_of, options_of, reader_settings
from snapml_ocr.ocr.predictions import json_line, page_record
from snapml_ocr.ocr.reader import Reader
from snapml_ocr.plan.axes import ROLES
from snapml_ocr.plan.pipeline_file import read_pipeline_file

PROJECT = Path(__file__).resolve().parents[1]
RAPIDOCR = "RapidOCR 3.10.0"


class Reading(Protocol):
    """Something that reads images."""

    def read(self, images: Sequence[Path]) -> tuple[float, list[dict[str, Any]]]:
        """Return the seconds from files to texts and a prediction record for each image."""


class Pipeline:
    """A pipeline of this project."""

    def __init__(self, path: Path, stage: str | None, threads: int, dataset: Dataset, level: str) -> None:
        file = read_pipeline_file(path)
        roles = [role for role in ROLES if role != "detector" or dataset.kind != "recognition"]
        settings = reader_settings(options_of(file, {"level": level}), normalisations_of(file))
        models = arguments_of(path, file, stage, tuple(roles))
        self._reader = Reader(**models, settings=settings, threads=threads)

    def read(self, images: Sequence[Path]) -> tuple[float, list[dict[str, Any]]]:
        """See `Reading`."""
        started = time.perf_counter()
        pages = list(self._reader.read_many(images))
        seconds = time.perf_counter() - started
        return seconds, [page_record(page) for page in pages]


class Rapid:
    """RapidOCR in its own environment."""

    def __init__(self, threads: int, dataset: Dataset, level: str) -> None:
        command = [
            *command_in(PROJECT / "envs" / "rapidocr3.lock"),
            str(PROJECT / "benchmarks/rapidocr_reads.py"),
        ]
        self._process = subprocess.Popen(
            [*command, str(threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._crops, self._words = dataset.kind == "recognition", level == "word"

    def read(self, images: Sequence[Path]) -> tuple[float, list[dict[str, Any]]]:
        """See `Reading`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"images": list(map(str, images)), "crops": self._crops, "words": self._words}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return answer["seconds"], [
            _record(path, lines) for path, lines in zip(images, answer["pages"], strict=True)
        ]


def _record(path: Path, lines: list[dict[str, Any]]) -> dict[str, Any]:
    height, width = read_image(path).shape[:2]
    whole = [[0, 0], [width, 0], [width, height], [0, height]]
    found = [{**line, "quad": line["quad"] or whole, "det_score": 1.0} for line in lines]
    return {"image": path.name, "width": width, "height": height, "lines": found}


def measure(readers: dict[str, Reading], dataset: Dataset, block: int, folder: Path) -> list[dict[str, Any]]:
    """Let the readers take turns over blocks of images; return a row for each.

    What was read is appended to `folder` block by block, and a run goes on where the last one ended.
    """
    folder.mkdir(parents=True, exist_ok=True)
    images = [dataset.path_of(image.name) for image in dataset.images]
    files = {name: folder / f"{name}.jsonl" for name in readers}
    times = {name: folder / f"{name}.seconds" for name in readers}
    for reader in readers.values():  # the first run of a model is slower
        reader.read(images[:1])
    for start in range(0, len(images), block):
        for name, reader in readers.items():
            if len(_lines(files[name])) > start:
                continue
            took, records = reader.read(images[start : start + block])
            with files[name].open("a", encoding="utf-8") as file:
                file.writelines(map(json_line, records))
            with times[name].open("a", encoding="utf-8") as file:
                file.write(f"{took}\n")
    seconds = {name: [float(line) for line in _lines(times[name])] for name in readers}
    result = evaluate(dataset, {name: Predictions([file]) for name, file in files.items()})
    first = next(iter(readers))
    return [
        {
            "reader": name,
            **{key: round(value, 4) for key, value in headline(dataset.kind, result["stages"][name]).items()},
            "images_per_second": round(len(images) / sum(seconds[name]), 3),
            "speed_ratio": round(
                statistics.median(a / b for a, b in zip(seconds[first], seconds[name], strict=True)), 3
            ),
        }
        for name in readers
    ]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def main() -> None:
    """Measure every dataset, print and write."""
    args = parse_args()
    rows: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="snapml-ocr-") as scratch:
        for name, _, place in (text.partition("=") for text in args.dataset):
            folder, _, level = place.partition(",")
            dataset = open_dataset(Path(folder))
            dataset = replace(dataset, images=dataset.images[: args.images or None])
            readers: dict[str, Reading] = {
                path.stem: Pipeline(path, args.stage, args.threads, dataset, level or "line")
                for path in args.pipelines
            }
            if args.rapidocr:
                readers[RAPIDOCR] = Rapid(args.threads, dataset, level or "line")
            rows[name] = measure(readers, dataset, args.block, (args.output_dir or Path(scratch)) / name)
            print(f"\n{name}: {len(dataset.images)} images")
            for row in [dict(zip(rows[name][0], rows[name][0], strict=True)), *rows[name]]:
                print("\t".join(map(str, row.values())), flush=True)
    if args.json:
        write_json(args.json, rows)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("pipelines", type=Path, nargs="*", help="pipeline files")
    parser.add_argument("--dataset", action="append", required=True, metavar="NAME=FOLDER[,word]")
    parser.add_argument("--stage", help="of the pipelines (default: the one that is shipped)")
    parser.add_argument("--rapidocr", action="store_true", help="RapidOCR 3.10.0 as well")
    parser.add_argument("--threads", type=int, default=2, help="of each reader (default: %(default)s)")
    parser.add_argument("--images", type=int, default=0, help="only the first so many of each dataset")
    parser.add_argument("--block", type=int, default=5, help="images in a turn (default: %(default)s)")
    parser.add_argument("--output_dir", type=Path, help="keep what was read here, and go on from it")
    parser.add_argument("--json", type=Path, help="JSON file to write")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
