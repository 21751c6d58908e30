r"""Measure what the import settings of Snap's own OCR template cost, on the same models.

The template hands R first to models that want B first, multiplies by 0.0078 for 1 / 127.5, and pads a line
with black on both sides where the training pads mid grey at the right. Each is done to the models' inputs by
itself, then all together. Prints end-to-end scores of the shipped models. Example:

    python benchmarks/lens_template.py --pipeline results/pipelines/ppocrv4-v6-en.json --dataset
    ../shared/data/sroie-dev
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from snapml_ocr.evaluate.accuracy import evaluate
from snapml_ocr.evaluate.dataset import open_dataset
from snapml_ocr.evaluate.prediction_files import Predictions
from snapml_ocr.ocr.opening import normalisations_of
from snapml_ocr.ocr.predictions import json_line, page_record
from snapml_ocr.ocr.reader import Reader
from snapml_ocr.plan.pipeline_file import read_pipeline_file

Change = Callable[[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]
"""From a (1, 3, H, W) input, mean and std of shape (3, 1, 1), to the input as the template would give it."""


def red_first(batch: NDArray[np.float32], mean: Any, std: Any) -> NDArray[np.float32]:
    """Exchange red and blue before normalisation."""
    exchanged: NDArray[np.float32] = ((batch * std + mean)[:, ::-1] - mean) / std
    return exchanged


def rounded_scale(batch: NDArray[np.float32], mean: Any, std: Any) -> NDArray[np.float32]:
    """Multiply pixels by 0.0078 and subtract 1."""
    scaled: NDArray[np.float32] = np.where(batch == 0, 0, (batch * std + mean) * 255 * 0.0078 - 1)
    return scaled


def black_padding(batch: NDArray[np.float32], mean: Any, std: Any) -> NDArray[np.float32]:
    """Put the line in the middle, and black on both sides."""
    filled = np.flatnonzero(np.any(batch != 0, axis=(0, 1, 2)))
    length = int(filled[-1]) + 1 if len(filled) else batch.shape[3]
    padded: NDArray[np.float32] = np.zeros_like(batch) - mean / std
    left = (batch.shape[3] - length) // 2
    padded[..., left : left + length] = batch[..., :length]
    return padded


VARIANTS: dict[str, tuple[list[Change], list[Change]]] = {
    "as trained": ([], []),
    "R first, detector": ([red_first], []),
    "R first, recognizer": ([], [red_first]),
    "0.0078, recognizer": ([], [rounded_scale]),
    "black on both sides, recognizer": ([], [black_padding]),
    "all of it": ([red_first], [red_first, rounded_scale, black_padding]),
}


class Changed:
    """A model whose inputs are changed first."""

    def __init__(self, model: Any, changes: list[Change], normalisation: Any) -> None:
        self._model, self._changes = model, changes
        self._mean, self._std = (
            np.array(values, np.float32)[:, None, None] for values in (normalisation.mean, normalisation.std)
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `RunnableModel`."""
        for change in self._changes:
            batch = change(batch, self._mean, self._std)
        result: NDArray[np.float32] = self._model.run(np.ascontiguousarray(batch, np.float32))
        return result


def main() -> None:
    """Read with every variant, score all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--pipeline", type=Path, required=True)
    parser.add_argument("--dataset", type=Path, required=True)
    args = parser.parse_args()
    dataset = open_dataset(args.dataset, None, "end_to_end")
    normal = normalisations_of(read_pipeline_file(args.pipeline))
    with TemporaryDirectory() as folder:
        files = {}
        for number, (name, changes) in enumerate(VARIANTS.items()):
            reader = Reader.open(args.pipeline)
            for role, change in zip(("detector", "recognizer"), changes, strict=True):
                part = getattr(reader, role)
                part._inputs = [
                    replace(one, model=Changed(one.model, change, normal[role])) for one in part._inputs
                ]
            pages = reader.read_many(dataset.path_of(image.name) for image in dataset.images)
            files[name] = Path(folder) / f"{number}.jsonl"
            files[name].write_text("".join(json_line(page_record(page)) for page in pages), encoding="utf-8")
        result = evaluate(dataset, {name: Predictions([file]) for name, file in files.items()})
    for name, stage in result["stages"].items():
        scores = {kind: round(ratios["hmean"]["value"], 4) for kind, ratios in stage["end_to_end"].items()}
        print(
            f"{name:34} detection {stage['detection']['hmean']['value']:.4f} {json.dumps(scores)}", flush=True
        )


if __name__ == "__main__":
    main()
