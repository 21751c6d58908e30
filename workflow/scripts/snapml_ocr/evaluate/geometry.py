"""Areas that quadrilaterals of text share."""

from collections.abc import Sequence

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray

Points = Sequence[Sequence[float]]


def as_polygons(outlines: Sequence[Points]) -> NDArray[np.object_]:
    """Turn N outlines of at least three (x, y) pixels into an array (N,) of valid shapely geometries.

    An outline that crosses itself is repaired, so that its area is that of the parts it encloses.
    """
    polygons = np.empty(len(outlines), dtype=object)
    for index, outline in enumerate(outlines):
        polygons[index] = shapely.Polygon(outline)
    broken = ~shapely.is_valid(polygons)
    polygons[broken] = shapely.make_valid(polygons[broken])
    return polygons


def intersection_areas(first: NDArray[np.object_], second: NDArray[np.object_]) -> NDArray[np.float64]:
    """Area in square pixels that each of (N,) polygons shares with each of (M,): (N, M) float64."""
    areas = np.zeros((len(first), len(second)))
    if not areas.size:
        return areas
    one, other = shapely.bounds(first)[:, None], shapely.bounds(second)[None, :]
    near = (
        (one[..., 0] < other[..., 2])
        & (other[..., 0] < one[..., 2])
        & (one[..., 1] < other[..., 3])
        & (other[..., 1] < one[..., 3])
    )
    rows, columns = np.nonzero(near)
    areas[rows, columns] = shapely.area(shapely.intersection(first[rows], second[columns]))
    return areas


def quad_around(outline: Points) -> NDArray[np.float64]:
    """Corners (4, 2) float64 of an outline: its own four, else those of the smallest rectangle around it.

    The rectangle's go clockwise from the one nearest to the outline's first point, where its text begins.
    """
    points = np.asarray(outline, dtype=np.float64)
    if len(points) == 4:
        return points
    corners = cv2.boxPoints(cv2.minAreaRect(points.astype(np.float32))).astype(np.float64)
    return np.roll(corners, -int(np.linalg.norm(corners - points[0], axis=1).argmin()), axis=0)


def text_height(outline: Points) -> float:
    """Height of a line of text in pixels: the shorter of the mean opposite sides of its quadrilateral."""
    corners = quad_around(outline)
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    return float(min(sides[0] + sides[2], sides[1] + sides[3]) / 2)
