"""Pooled scores with intervals, from what each image adds to the sums.

A row of counts has one number per column named here; scores are ratios of sums over images.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.evaluate.end_to_end import ReadImage
from snapml_ocr.evaluate.intervals import bootstrap_interval
from snapml_ocr.evaluate.labels import Kind
from snapml_ocr.evaluate.recognition import ReadCrop
from snapml_ocr.evaluate.texts import COMPARISONS

Floats = NDArray[np.float64]

DECIMALS = 6
"""Decimals that a result keeps: more than any comparison needs, fewer than float noise between machines."""

IMAGE_COLUMNS = ("matched", "lines", "detections", *COMPARISONS, "similarity")
CROP_COLUMNS = ("crops", *COMPARISONS, "similarity", "similarity_alphanumeric")


def image_row(read: ReadImage) -> list[float]:
    """What one whole image adds to the sums, in the order of IMAGE_COLUMNS."""
    matching = read.matching
    counts = [len(matching.pairs), len(matching.truths), len(matching.detections)]
    return [*counts, *(read.correct[name] for name in COMPARISONS), read.similarity]


def crop_row(read: ReadCrop) -> list[float]:
    """What one crop adds to the sums, in the order of CROP_COLUMNS."""
    return [1, *(read.correct[name] for name in COMPARISONS), read.similarity, read.similarity_alphanumeric]


def summarise(kind: Kind, rows: Floats) -> dict[str, Any]:
    """Scores of a set of images, each as {"value", "low", "high"}, and the sums they come from.

    `rows` is (images, columns) float64. The ends are those of the bootstrap 95% interval.
    """
    names, columns, statistic = _PLANS[kind]
    values = statistic(rows.sum(axis=0, keepdims=True))[0]
    low, high = bootstrap_interval(rows, statistic)
    result: dict[str, Any] = {"images": len(rows)}
    for path, *numbers in zip(names, values, low, high, strict=True):
        target = result
        for key in path[:-1]:
            target = target.setdefault(key, {})
        target[path[-1]] = {
            end: round(float(number), DECIMALS)
            for end, number in zip(("value", "low", "high"), numbers, strict=True)
        }
    result["counts"] = {
        name: _plain(total) for name, total in zip(columns, rows.sum(axis=0).tolist(), strict=True)
    }
    return result


def _plain(total: float) -> int | float:
    return int(total) if total == int(total) else round(total, DECIMALS)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _image_scores(sums: Floats) -> Floats:
    matched, lines, detections = sums[:, 0], sums[:, 1], sums[:, 2]
    scores = []
    for correct in (matched, *(sums[:, 3 + index] for index in range(len(COMPARISONS)))):
        scores += [
            _ratio(correct, detections),
            _ratio(correct, lines),
            _ratio(2 * correct, detections + lines),
        ]
    scores += [_ratio(sums[:, column], matched) for column in range(3, len(IMAGE_COLUMNS))]
    return np.stack(scores, axis=1)


def _crop_scores(sums: Floats) -> Floats:
    return np.stack([_ratio(sums[:, column], sums[:, 0]) for column in range(1, len(CROP_COLUMNS))], axis=1)


def _image_names() -> Sequence[tuple[str, ...]]:
    ratios = ("precision", "recall", "hmean")
    return [
        *(("detection", ratio) for ratio in ratios),
        *(("end_to_end", comparison, ratio) for comparison in COMPARISONS for ratio in ratios),
        *(("reading_of_found", comparison) for comparison in COMPARISONS),
        ("reading_of_found", "one_minus_ned"),
    ]


def _crop_names() -> Sequence[tuple[str, ...]]:
    scores = (*COMPARISONS, "one_minus_ned", "one_minus_ned_alphanumeric")
    return [("recognition", score) for score in scores]


_PLANS: dict[Kind, Any] = {
    "end_to_end": (_image_names(), IMAGE_COLUMNS, _image_scores),
    "recognition": (_crop_names(), CROP_COLUMNS, _crop_scores),
}
