"""What went wrong, so that a user knows what to fix: misread characters, missed, split and merged lines."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from snapml_ocr.evaluate.detection import Matching
from snapml_ocr.evaluate.geometry import text_height
from snapml_ocr.evaluate.labels import Word
from snapml_ocr.evaluate.texts import alphanumeric, strict, without_spaces

COVERED = 0.5
"""A line counts as lying in another when more than this share of its area does (as for don't-care
regions)."""

TOUCHED = 0.1
"""Below this share of a line's area an overlap is taken for chance."""

HEIGHTS = (0, 8, 12, 16, 24, 32, 48)
"""Lower ends of the classes of text height, in pixels of the source image."""

MAX_CONFUSIONS = 40
"""Pairs of characters that a result lists."""


class ReadingErrors:
    """Counts how texts were misread."""

    def __init__(self) -> None:
        self._kinds: Counter[str] = Counter()
        self._characters: Counter[tuple[str, str]] = Counter()

    def add(self, truth: str, read: str) -> None:
        """Count one line that says `truth` and was read as `read`."""
        truth, read = strict(truth), strict(read)
        self._kinds[_kind_of_misreading(truth, read)] += 1
        for edit in Levenshtein.editops(truth, read):
            expected = "" if edit.tag == "insert" else truth[edit.src_pos]
            found = "" if edit.tag == "delete" else read[edit.dest_pos]
            self._characters[expected, found] += 1

    def summary(self) -> dict[str, Any]:
        """`lines` by kind of misreading, and the most frequent wrong characters.

        An empty `truth` is a character too many, an empty `read` one that is missing.
        """
        ordered = sorted(self._characters.items(), key=lambda item: (-item[1], item[0]))
        return {
            "lines": {kind: self._kinds[kind] for kind in READING_KINDS},
            "wrong_characters": sum(self._characters.values()),
            "confusions": [
                {"truth": expected, "read": found, "count": count}
                for (expected, found), count in ordered[:MAX_CONFUSIONS]
            ],
        }


READING_KINDS = ("right", "spaces_only", "case_only", "punctuation_only", "other", "nothing_read")


class FindingErrors:
    """Counts how lines of text were missed, and what was found where no line is."""

    def __init__(self) -> None:
        self._truths: Counter[str] = Counter()
        self._detections: Counter[str] = Counter()
        self._heights: dict[str, Counter[int]] = {name: Counter() for name in ("lines", "found", "not_found")}

    def add(self, words: Sequence[Word], matching: Matching) -> None:
        """Count one image."""
        share_of_truth, share_of_detection, merging = _coverage(matching)
        heights = {
            truth: int(np.searchsorted(HEIGHTS, text_height(words[truth].outline), side="right") - 1)
            for truth in matching.truths
        }
        missed = set(matching.missed)
        for truth in matching.truths:
            fate = (
                _fate(share_of_truth[truth], share_of_detection[truth], merging)
                if truth in missed
                else "found"
            )
            self._truths[fate] += 1
            self._heights["lines"][heights[truth]] += 1
            if fate in self._heights:
                self._heights[fate][heights[truth]] += 1
        for detection in matching.spurious:
            cause = _cause(share_of_detection[:, detection], merging=detection in merging)
            self._detections[cause] += 1

    def summary(self) -> dict[str, Any]:
        """`lines` by fate, `false_detections` by cause, and lines found by text height in pixels."""
        return {
            "lines": {fate: self._truths[fate] for fate in TRUTH_FATES},
            "false_detections": {cause: self._detections[cause] for cause in DETECTION_CAUSES},
            "by_height": [
                {"from_px": low, "below_px": high}
                | {name: counts[index] for name, counts in self._heights.items()}
                for index, (low, high) in enumerate(zip(HEIGHTS, (*HEIGHTS[1:], None), strict=True))
            ],
        }


TRUTH_FATES = ("found", "merged", "split", "badly_framed", "not_found")
DETECTION_CAUSES = ("merges_lines", "part_of_line", "badly_framed", "no_text")


def _kind_of_misreading(truth: str, read: str) -> str:
    if truth == read:
        return "right"
    if not read:
        return "nothing_read"
    for kind, form in (
        ("spaces_only", without_spaces),
        ("case_only", str.casefold),
        ("punctuation_only", alphanumeric),
    ):
        if form(truth) == form(read):
            return kind
    return "other"


def _coverage(matching: Matching) -> tuple[Any, Any, set[int]]:
    """Shares of each ground truth and of each detection that the overlaps are, and the merging detections."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share_of_truth = np.nan_to_num(matching.overlaps / matching.truth_areas[:, None], posinf=0.0)
        share_of_detection = np.nan_to_num(matching.overlaps / matching.detection_areas[None, :], posinf=0.0)
    covered = (share_of_truth[matching.truths] > COVERED).sum(axis=0)
    return share_of_truth, share_of_detection, set(np.flatnonzero(covered >= 2).tolist())


def _fate(share_of_truth: Any, share_of_detection: Any, merging: set[int]) -> str:
    """What became of one missed ground truth, from its overlaps with all detections."""
    if any(share_of_truth[detection] > COVERED for detection in merging):
        return "merged"
    if (share_of_detection > COVERED).sum() >= 2:
        return "split"
    return "badly_framed" if (share_of_truth > TOUCHED).any() else "not_found"


def _cause(share_of_detection: Any, *, merging: bool) -> str:
    """Why one detection has no ground truth, from its overlaps with all of them."""
    if merging:
        return "merges_lines"
    if (share_of_detection > COVERED).any():
        return "part_of_line"
    return "badly_framed" if (share_of_detection > TOUCHED).any() else "no_text"
