"""Which way text runs: of a box the directions it can be read in, of a page the one most of it runs in.

A direction is an angle in degrees on the screen, clockwise: 0 to the right, 90 down, 180 upside down. A quad
is read in the direction of its first side.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.ocr.crops import VERTICAL_RATIO
from snapml_ocr.ocr.probability_map import Quad, side_lengths

ALIGNED = 30.0
"""Directions that differ by less belong together: lines of a page seen askew fan out so far."""

DOWNWARDS = 15.0
"""Of two opposite directions the one nearer to this angle is tried first, so that vertical text is begun at
its top, also when it leans a little."""


def direction(quad: Quad) -> float:
    """Return the direction in which a (4, 2) quad is read, in (-180, 180]."""
    right = quad[1] + quad[2] - quad[0] - quad[3]
    return float(np.degrees(np.arctan2(right[1], right[0])))


def angle_between(first: float, second: float) -> float:
    """Return by how many degrees two directions differ, in [0, 180]."""
    return abs((first - second + 180.0) % 360.0 - 180.0)


def turned(quad: Quad, quarters: int) -> Quad:
    """Return the quad begun so many corners later, which is read so many quarters further clockwise."""
    return quad[[(corner + quarters) % 4 for corner in range(4)]]


def is_elongated(quad: Quad) -> bool:
    """Whether the shape tells along which axis the text runs."""
    width, height = side_lengths(quad)
    return max(width, height) >= VERTICAL_RATIO * min(width, height)


def ways_to_read(quad: Quad, page: float = 0.0) -> list[Quad]:
    """Return the quad begun at each corner at which its text may begin, the page's direction first.

    These are the two ends of an elongated quad, and all four corners of one that is nearly square.
    """
    ways = [turned(quad, quarters) for quarters in range(4)]
    if is_elongated(quad):
        ways = [way for way in ways if np.greater(*side_lengths(way))]
    return sorted(ways, key=lambda way: round(angle_between(direction(way), page + DOWNWARDS), 3))


def upright(quad: Quad, page: float) -> Quad:
    """Return the quad begun so that its direction is nearest to the page's, whatever its shape."""
    return min(
        (turned(quad, quarters) for quarters in range(4)), key=lambda way: angle_between(direction(way), page)
    )


def main_direction(directions: Sequence[float], weights: Sequence[float]) -> tuple[float, float]:
    """Return the direction that most weight is ALIGNED with, and that weight; (0, 0) for none.

    It is the weighted median of the directions that agree with it.
    """
    if not directions:
        return 0.0, 0.0
    angles: NDArray[np.float64] = np.asarray(directions, np.float64)
    heavy: NDArray[np.float64] = np.asarray(weights, np.float64)
    apart = (angles[None, :] - angles[:, None] + 180.0) % 360.0 - 180.0
    agreeing = np.abs(apart) <= ALIGNED
    support = agreeing @ heavy
    best = min(range(len(angles)), key=lambda index: (-round(float(support[index]), 6), abs(angles[index])))
    members = np.flatnonzero(agreeing[best])
    members = members[np.argsort(apart[best, members], kind="stable")]
    half = np.cumsum(heavy[members])
    median = members[min(int(np.searchsorted(half, half[-1] / 2)), len(members) - 1)]
    return float(angles[median]), float(support[best])
