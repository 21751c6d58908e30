"""Put text boxes in the order a person reads them, whichever way the page is turned."""

from collections.abc import Sequence

import numpy as np

from snapml_ocr.ocr.directions import direction, is_elongated, main_direction, ways_to_read
from snapml_ocr.ocr.probability_map import Quad, side_lengths

SAME_ROW = 0.5
"""Boxes whose centres differ by less than this fraction of the smaller height, across the page's own
direction, are in one row: half a line is where a box stops belonging to it."""


def reading_order(quads: Sequence[Quad]) -> list[int]:
    """Return the indices of the (4, 2) quads row by row from the page's top, each row from its left.

    The quads begin where their text does. The page's direction is that of most of them, weighted by their
    lengths; rows are found after turning the centres back by it.
    """
    if not quads:
        return []
    tilt = np.deg2rad(page_direction(quads))
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


def page_direction(quads: Sequence[Quad]) -> float:
    """Return the direction in degrees of most boxes that are longer than high, 0 when there is none."""
    lying = [quad for quad in quads if np.greater(*side_lengths(quad))]
    return main_direction([direction(quad) for quad in lying], [side_lengths(quad)[0] for quad in lying])[0]


def likely_direction(quads: Sequence[Quad]) -> float:
    """Return the direction in degrees of lines whose boxes these are, none of them upside down.

    0 unless most boxes, weighted by their lengths, agree in it.
    """
    ways = [ways_to_read(quad)[0] for quad in quads]
    lengths = [max(side_lengths(way)) for way in ways]
    told = [(direction(way), length) for way, length in zip(ways, lengths, strict=True) if is_elongated(way)]
    likely, support = main_direction([one for one, _ in told], [length for _, length in told])
    return likely if support > sum(lengths) / 2 else 0.0


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
