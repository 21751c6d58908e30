r"""Compare the bundle's JavaScript with npm `paddleocr` on the same models, accuracy and time, in one run.

Both run in Node on ONNX Runtime Web with one thread and take turns over the pictures. `paddleocr` stretches
the detector's input, so its pictures are made square with black first; it takes one recognizer, the widest.
Prints the end-to-end scores, with and without spaces, and the median time a picture. Example:

    python benchmarks/lens_peers.py --pipeline results/pipelines/ppocrv4-en.json --bundle
    results/lens/ppocrv4-en \
        --dataset ../shared/data/sroie-dev
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
    parser.add_argument("--most", type=int, help="the first so many pictures alone")
    args = parser.parse_args()
    dataset = open_dataset(args.dataset, None, "end_to_end")
    names = [image.name for image in dataset.images][: args.most]
    records: dict[str, list[dict[str, Any]]] = {"bundle": [], "paddleocr": []}
    times: dict[str, list[float]] = {"bundle": [], "paddleocr": []}
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        job = folder / "job.json"
        job.write_text(json.dumps(job_of(args.pipeline)))
        bundle = running_script(SOURCES / "verify/read_pictures.mjs", args.bundle.resolve())
        peer = running_script(SOURCES / "verify/peer.mjs", job)
        with bundle as ours, peer as theirs:
            for name in names:
                pixels = read_image(dataset.path_of(name))
                height, width = pixels.shape[:2]
                side = max(height, width)
                square = cv2.copyMakeBorder(
                    pixels, 0, side - height, 0, side - width, cv2.BORDER_CONSTANT, value=(0, 0, 0)
                )
                answers = {"bundle": read_in_node(ours, pixels, folder)}
                answers["paddleocr"] = read_in_node(theirs, square, folder)  # type: ignore[arg-type]
                for who, answer in answers.items():
                    spent = answer["milliseconds"]
                    spent = (
                        {key: value for key, value in spent.items() if key != "lines"}
                        if isinstance(spent, dict)
                        else spent
                    )
                    times[who].append(sum(spent.values()) if isinstance(spent, dict) else spent)
                    records[who].append(record(name, width, height, answer["lines"]))
        files = {}
        for who, pages in records.items():
            files[who] = folder / f"{who}.jsonl"
            files[who].write_text("".join(json.dumps(page) + "\n" for page in pages))
        if args.most is None:
            result = evaluate(dataset, {who: Predictions([file]) for who, file in files.items()})
            for who, stage in result["stages"].items():
                scores = {
                    name: round(ratios["hmean"]["value"], 4) for name, ratios in stage["end_to_end"].items()
                }
                print(who, "detection", round(stage["detection"]["hmean"]["value"], 4), scores)
    for who, spent in times.items():
        print(who, f"{statistics.median(spent):.0f} ms a picture, {len(spent)} pictures")


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
