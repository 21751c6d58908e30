"""Whether two stages give a user the same lines, whatever the labels say."""

from typing import Any

import numpy as np

from snapml_ocr.evaluate.prediction_files import Prediction

SAME_CORNER = 1.0
"""Pixels by which a corner may move in a box that counts as the same: corners are rounded to whole pixels."""

MAX_LISTED = 20
"""Differing images that a result lists."""


class Agreement:
    """Counts images in which a stage differs from the baseline."""

    def __init__(self) -> None:
        self._images = self._same_texts = self._same_boxes = 0
        self._largest_shift = 0.0
        self._different: list[dict[str, Any]] = []

    def add(self, name: str, baseline: Prediction, other: Prediction) -> None:
        """Compare what both read in the image `name`."""
        self._images += 1
        shift = _largest_shift(baseline, other)
        same_boxes = shift is not None and shift <= SAME_CORNER
        same_texts = baseline.texts == other.texts and baseline.error == other.error
        self._same_boxes += same_boxes
        self._same_texts += same_texts
        if shift is not None:
            self._largest_shift = max(self._largest_shift, shift)
        if not (same_boxes and same_texts) and len(self._different) < MAX_LISTED:
            self._different.append({"image": name, **_first_difference(baseline, other)})

    def summary(self) -> dict[str, Any]:
        """Counts, the largest shift of a corner in pixels (of equally many boxes), and differing images."""
        return {
            "images": self._images,
            "images_with_same_texts": self._same_texts,
            "images_with_same_boxes": self._same_boxes,
            "largest_corner_shift_px": round(self._largest_shift, 3),
            "different": self._different,
        }


def _largest_shift(one: Prediction, other: Prediction) -> float | None:
    """Largest move of a corner in pixels; None when the numbers of boxes differ."""
    if len(one.quads) != len(other.quads):
        return None
    if not one.quads:
        return 0.0
    return float(np.abs(np.asarray(one.quads) - np.asarray(other.quads)).max())


def _first_difference(one: Prediction, other: Prediction) -> dict[str, Any]:
    result: dict[str, Any] = {"boxes": [len(one.quads), len(other.quads)]}
    if one.error or other.error:
        result["errors"] = [one.error, other.error]
    for first, second in zip((*one.texts, None), (*other.texts, None), strict=False):
        if first != second:
            return {**result, "texts": [first, second]}
    return result
