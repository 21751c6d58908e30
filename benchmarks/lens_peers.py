r"""Compare the bundle's JavaScript with npm `paddleocr` on the same models, accuracy and time, in one run.

Both run in Node on ONNX Runtime Web with one thread and take turns over the pictures. `paddleocr` stretches
the detector's input, so its pictures are made square with black first; it takes one recognizer, the widest.
Prints the median time a picture and the end-to-end scores, with and without spaces. Goes on where it was
stopped. Example:

    python benchmarks/lens_peers.py --pipeline results/pipelines/ppocrv4-v6-en.json \
        --bundle results/lens/ppocrv4-v6-en --dataset DIR --output results/lens/peers
"""

import argparse
import json
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from snapml_ocr.evaluate.accuracy import evaluate
from snapml_ocr.evaluate.dataset import open_dataset
from snapml_ocr.evaluate.prediction_files import Predictions
from snapml_ocr.lens.bundle import SOURCES
from snapml_ocr.lens.comparison import read_in_node
from snapml_ocr.lens.node import running_script
from snapml_ocr.ocr.images import read_image
from snapml_ocr.plan.pipeline_file import files_of, read_pipeline_file


def main() -> None:
    """Read with both in turns, score both."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--pipeline", type=Path, required=True)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True, help="folder of what both read, and when")
    parser.add_argument("--most", type=int, help="read so many more pictures alone, and score at the end")
    args = parser.parse_args()
    dataset = open_dataset(args.dataset, None, "end_to_end")
    args.output.mkdir(parents=True, exist_ok=True)
    files = {who: args.output / f"{who}.jsonl" for who in ("bundle", "paddleocr")}
    known = {one["image"] for one in _lines_of(args.output / "times.jsonl")}
    paths = {image.name: dataset.path_of(image.name) for image in dataset.images}
    read(args, {name: path for name, path in paths.items() if name not in known}, files)
    times = _lines_of(args.output / "times.jsonl")
    for who in files:
        print(who, f"{statistics.median(one[who] for one in times):.0f} ms a picture, {len(times)} pictures")
    if len(times) == len(paths):
        result = evaluate(dataset, {who: Predictions([file]) for who, file in files.items()})
        for who, stage in result["stages"].items():
            scores = {
                name: round(ratios["hmean"]["value"], 4) for name, ratios in stage["end_to_end"].items()
            }
            print(who, "detection", round(stage["detection"]["hmean"]["value"], 4), scores)


def read(args: argparse.Namespace, paths: dict[str, Path], files: dict[str, Path]) -> None:
    """Append to `files` what both read of the pictures, and how long it took."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        job = folder / "job.json"
        job.write_text(json.dumps(job_of(args.pipeline)))
        bundle = running_script(SOURCES / "verify/read_pictures.mjs", args.bundle.resolve())
        peer = running_script(SOURCES / "verify/peer.mjs", job)
        with bundle as ours, peer as theirs:
            for name, path in list(paths.items())[: args.most]:
                pixels = read_image(path)
                height, width = pixels.shape[:2]
                side = max(height, width)
                square = cv2.copyMakeBorder(
                    pixels, 0, side - height, 0, side - width, cv2.BORDER_CONSTANT, value=(0, 0, 0)
                )
                answers = {
                    "bundle": read_in_node(ours, pixels, folder),
                    "paddleocr": read_in_node(theirs, square, folder),  # type: ignore[arg-type]
                }
                for who, answer in answers.items():
                    _append(files[who], record(name, width, height, answer["lines"]))
                times = {who: milliseconds_of(answer) for who, answer in answers.items()}
                _append(args.output / "times.jsonl", {"image": name} | times)


def milliseconds_of(answer: Any) -> float:
    """Return the time of a picture, of which the bundle tells the steps, and the number of lines."""
    spent = answer["milliseconds"]
    if isinstance(spent, dict):
        return float(sum(value for step, value in spent.items() if step != "lines"))
    return float(spent)


def _lines_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def _append(file: Path, entry: dict[str, Any]) -> None:
    with file.open("a") as target:
        target.write(json.dumps(entry) + "\n")


def record(name: str, width: int, height: int, lines: list[Any]) -> dict[str, Any]:
    """Return a line of predictions.jsonl; lines below the usual score are left out for both."""
    kept = [line for line in lines if line["score"] >= 0.6 and line["text"].strip()]
    return {
        "image": name,
        "width": width,
        "height": height,
        "lines": [
            {
                "quad": np.reshape(line["quad"], (4, 2)).tolist(),
                "text": line["text"],
                "score": line["score"],
                "det_score": line["detScore"],
            }
            for line in kept
        ],
    }


def job_of(pipeline_file: Path) -> dict[str, Any]:
    """Return what verify/peer.mjs is told."""
    pipeline = read_pipeline_file(pipeline_file)
    detector, recognizer = pipeline.detector, pipeline.recognizer
    assert detector is not None
    assert recognizer is not None
    assert recognizer.dictionary is not None
    return {
        "detector": str(files_of(pipeline_file, detector, pipeline.shipped)[-1].resolve()),
        "recognizer": str(files_of(pipeline_file, recognizer, pipeline.shipped)[-1].resolve()),
        "detectorShape": detector.shapes[-1],
        "recognizerShape": recognizer.shapes[-1],
        "mean": detector.normalisation.mean,
        "std": detector.normalisation.std,
        "characters": [*recognizer.dictionary, " "],
    }


if __name__ == "__main__":
    main()
