"""Put text boxes in the order a person reads them, also on slightly tilted pages."""

from collections.abc import Sequence

import numpy as np

from snapml_ocr.ocr.probability_map import Quad, side_lengths

SAME_ROW = 0.5
"""Boxes whose centres differ by less than this fraction of the smaller height, across the page's own
tilt, are in one row: half a line is where a box stops belonging to it."""

MOST_TILT = np.deg2rad(30)
"""Boxes tilted more than this are signs in the scene, not lines of a page, and say nothing about its tilt."""


def reading_order(quads: Sequence[Quad]) -> list[int]:
    """Return the indices of the (4, 2) quads row by row from the top, each row from the left.

    The page's tilt is the median slope of its boxes, weighted by their lengths; rows are found after
    turning the centres back by it.
    """
    if not quads:
        return []
    tilt = _page_tilt(quads)
    cosine, sine = np.cos(tilt), np.sin(tilt)
    centres = np.array([quad.mean(axis=0) for quad in quads])
    along = centres @ np.array([cosine, sine])
    across = centres @ np.array([-sine, cosine])
    heights = np.array([min(side_lengths(quad)) for quad in quads])
    rows: list[list[int]] = []
    for index in sorted(range(len(quads)), key=lambda one: (across[one], along[one])):
        row = rows[-1] if rows else None
        if row is not None and _in_row(index, row, across, along, heights):
            row.append(index)
        else:
            rows.append([index])
    return [index for row in rows for index in sorted(row, key=lambda one: (along[one], across[one]))]


def _in_row(
    index: int,
    row: list[int],
    across: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    along: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    heights: "np.ndarray[tuple[int], np.dtype[np.float64]]",
) -> bool:
    """Whether a box lies beside the member of the row that is nearest along it.

    The nearest is asked and not the row's mean, so that a row may bend as paper does.
    """
    nearest = min(row, key=lambda one: abs(along[one] - along[index]))
    limit = SAME_ROW * min(heights[nearest], heights[index])
    return bool(abs(across[nearest] - across[index]) < limit)


def _page_tilt(quads: Sequence[Quad]) -> float:
    """Return the slope of the page's lines in radians, 0 when no box tells it."""
    slopes, lengths = [], []
    for quad in quads:
        width, height = side_lengths(quad)
        right = (quad[1] + quad[2] - quad[0] - quad[3]) / 2
        slope = float(np.arctan2(right[1], right[0]))
        if width > height and abs(slope) <= MOST_TILT:
            slopes.append(slope)
            lengths.append(width)
    if not slopes:
        return 0.0
    order = np.argsort(slopes, kind="stable")
    half = np.cumsum(np.array(lengths)[order])
    return float(slopes[order[int(np.searchsorted(half, half[-1] / 2))]])
