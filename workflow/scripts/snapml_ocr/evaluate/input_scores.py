"""Scores of one model on evaluation inputs: tensors are identical, only the model can make a difference."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from snapml_ocr.evaluate.detection import hmean, match
from snapml_ocr.evaluate.labels import Word
from snapml_ocr.evaluate.recognition import score_crops
from snapml_ocr.evaluate.score_sums import DECIMALS

Samples = Sequence[Mapping[str, Any]]
"""Of an archive of inputs, with their labels (`evaluate.sampling`)."""


def input_scores(task: str, samples: Samples, decoded: Sequence[Any]) -> dict[str, float]:
    """Detection hmean, recognition scores, or the share of right orientations."""
    return {name: round(value, DECIMALS) for name, value in _SCORES[task](samples, decoded).items()}


def _boxes(samples: Samples, decoded: Sequence[Any]) -> dict[str, float]:
    matched = detections = truths = 0
    for sample, boxes in zip(samples, decoded, strict=True):
        words = [
            Word(tuple((x, y) for x, y in word["outline"]), word["text"], word["ignore"])
            for word in sample["words"]
        ]
        matching = match(words, boxes.tolist())
        matched += len(matching.pairs)
        detections += len(matching.detections)
        truths += len(matching.truths)
    return {"detection_hmean": hmean(matched, detections, truths)}


def _texts(samples: Samples, decoded: Sequence[Any]) -> dict[str, float]:
    return score_crops(
        [(sample["words"][0]["text"], text) for sample, text in zip(samples, decoded, strict=True)]
    )


def _orientations(samples: Samples, decoded: Sequence[Any]) -> dict[str, float]:
    """Every second sample is upside down."""
    right = sum(turned == index % 2 for index, turned in enumerate(decoded))
    return {"orientation": right / max(1, len(samples))}


_SCORES: dict[str, Callable[[Samples, Sequence[Any]], dict[str, float]]] = {
    "detection": _boxes,
    "recognition": _texts,
    "classification": _orientations,
}
