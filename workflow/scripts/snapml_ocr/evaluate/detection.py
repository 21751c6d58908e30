"""ICDAR 2015 protocol for text detection (incidental scene text, task 4.1).

Matching is one to one: ground truths are taken in the order of the labels, and each gets the first
detection not yet taken whose intersection over union with it is more than 0.5. A detection with more than
half of its own area inside one don't-care region is dropped before anything is counted. Precision, recall
and hmean are pooled over images.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from snapml_ocr.evaluate.geometry import Points, as_polygons, intersection_areas
from snapml_ocr.evaluate.labels import Word

IOU_THRESHOLD = 0.5
"""A pair matches above this intersection over union (ICDAR 2015 protocol)."""

DONT_CARE_SHARE = 0.5
"""A detection is dropped when more than this share of its area is don't-care (ICDAR 2015 protocol)."""


@dataclass(frozen=True)
class Matching:
    """How the detections of one image meet its ground truth; all numbers are indices into the two lists."""

    pairs: list[tuple[int, int]]
    truths: list[int]
    detections: list[int]
    overlaps: NDArray[np.float64]
    """Intersection areas in square pixels, (ground truths, detections)."""
    truth_areas: NDArray[np.float64]
    detection_areas: NDArray[np.float64]

    @property
    def missed(self) -> list[int]:
        """Ground truths that count and have no detection."""
        matched = {truth for truth, _ in self.pairs}
        return [truth for truth in self.truths if truth not in matched]

    @property
    def spurious(self) -> list[int]:
        """Detections that count and have no ground truth."""
        matched = {detection for _, detection in self.pairs}
        return [detection for detection in self.detections if detection not in matched]


def match(words: Sequence[Word], quads: Sequence[Points]) -> Matching:
    """Match the detections `quads` of one image, in the order given, to its ground truth `words`."""
    truths, detections = as_polygons([word.outline for word in words]), as_polygons(quads)
    overlaps = intersection_areas(truths, detections)
    truth_areas, detection_areas = shapely.area(truths), shapely.area(detections)

    ignored = np.array([word.ignore for word in words], dtype=bool)
    in_dont_care = overlaps[ignored] > DONT_CARE_SHARE * detection_areas[None, :]
    counted_detections = np.flatnonzero(~in_dont_care.any(axis=0)).tolist()
    counted_truths = np.flatnonzero(~ignored).tolist()

    unions = truth_areas[:, None] + detection_areas[None, :] - overlaps
    matches = overlaps > IOU_THRESHOLD * unions
    pairs, free = [], list(counted_detections)
    for truth in counted_truths:
        found = next((detection for detection in free if matches[truth, detection]), None)
        if found is not None:
            free.remove(found)
            pairs.append((truth, found))
    return Matching(pairs, counted_truths, counted_detections, overlaps, truth_areas, detection_areas)


def precision(correct: float, detections: float) -> float:
    """Share of detections that are right; 0 without detections, as the protocol has it."""
    return correct / detections if detections else 0.0


def recall(correct: float, truths: float) -> float:
    """Share of ground truths that were found; 0 without ground truths, as the protocol has it."""
    return correct / truths if truths else 0.0


def hmean(correct: float, detections: float, truths: float) -> float:
    """Harmonic mean of precision and recall, at most 1 because matches are one to one."""
    return 2 * correct / (detections + truths) if correct else 0.0
