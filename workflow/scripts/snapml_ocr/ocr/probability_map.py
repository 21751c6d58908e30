"""From a detector's probability map to text boxes: the post-processing of DB.

Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", AAAI 2020, section 3.5:
threshold the map, take connected regions, grow each by the distance D = area * ratio / perimeter, which
undoes the shrinking of the training labels. Corners are indices of map pixels taken as coordinates as they
are, without half a pixel added: so the labels of the training were drawn, and docs/ocr.md has the numbers.
"""

from dataclasses import dataclass
from math import dist

import cv2
import numpy as np
import pyclipper
from numpy.typing import NDArray

from snapml_ocr.plan.reader_options import DEFAULTS

Quad = NDArray[np.float64]
"""(4, 2) corners (x, y), clockwise from top left."""

CLIPPER_UNITS = 1024
"""Clipper computes in integers; so many to a pixel keep its rounding far below anything visible."""


@dataclass(frozen=True)
class BoxSettings:
    """The thresholds of the post-processing, by default those the PP-OCR detectors were published with."""

    threshold: float = DEFAULTS.det_db_thresh
    """Pixels above it are text."""
    box_threshold: float = DEFAULTS.det_db_box_thresh
    """Boxes with a mean probability below it are dropped."""
    unclip_ratio: float = DEFAULTS.det_db_unclip_ratio
    """How far a region grows, see the module."""
    dilation: bool = DEFAULTS.use_dilation
    """Join regions one pixel apart."""
    score_mode: str = DEFAULTS.det_db_score_mode
    """"fast": mean probability inside the rectangle around a region; "slow": inside the region itself."""
    min_size: float = 3.0
    """Shortest side of a region and of a box, in map pixels."""
    max_candidates: int = 1000
    """Regions looked at, largest first; a page has fewer, noise may have thousands."""


@dataclass(frozen=True)
class Box:
    """A text box: corners clockwise from top left, and the mean probability inside."""

    quad: Quad
    score: float


def find_boxes(probabilities: NDArray[np.float32], settings: BoxSettings) -> list[Box]:
    """Return the text boxes of a (H, W) float32 probability map, in map coordinates."""
    bitmap = (probabilities > settings.threshold).astype(np.uint8)
    if settings.dilation:
        bitmap = cv2.dilate(bitmap, np.ones((2, 2), np.uint8)).astype(np.uint8)
    boxes = []
    for contour in _regions(bitmap, settings.max_candidates):
        rectangle = cv2.minAreaRect(contour)
        if min(rectangle[1]) < settings.min_size:
            continue
        region = np.asarray(cv2.boxPoints(rectangle), np.float64)
        outline = contour[:, 0, :] if settings.score_mode == "slow" else region
        score = mean_inside(probabilities, outline)
        if score < settings.box_threshold:
            continue
        quad = unclip(region, settings.unclip_ratio)
        if quad is None or min(side_lengths(quad)) < settings.min_size + 2:
            continue
        boxes.append(Box(quad, score))
    return boxes


def unclip(polygon: NDArray[np.float64], ratio: float) -> Quad | None:
    """Grow a (N, 2) polygon by area * ratio / perimeter; return the smallest rectangle around the result.

    None for a polygon without area.
    """
    area = abs(_signed_area(polygon))
    perimeter = float(np.linalg.norm(polygon - np.roll(polygon, 1, axis=0), axis=1).sum())
    if area <= 0 or perimeter <= 0:
        return None
    offset = pyclipper.PyclipperOffset()
    path = np.rint(polygon * CLIPPER_UNITS).astype(np.int64).tolist()
    offset.AddPath(path, pyclipper.JT_MITER, pyclipper.ET_CLOSEDPOLYGON)
    grown = offset.Execute(area * ratio / perimeter * CLIPPER_UNITS)
    if not grown:
        return None
    points = np.asarray(max(grown, key=len), np.float32) / CLIPPER_UNITS
    return clockwise_from_top_left(cv2.boxPoints(cv2.minAreaRect(points)))


def mean_inside(probabilities: NDArray[np.float32], polygon: NDArray[np.generic]) -> float:
    """Return the mean of the (H, W) map over the pixels whose centres lie in a (N, 2) polygon of pixel
    indices.
    """
    height, width = probabilities.shape
    corners = np.asarray(polygon, np.float64)
    left, top = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, [width - 1, height - 1])
    right, bottom = np.clip(np.ceil(corners.max(axis=0)).astype(int), 0, [width - 1, height - 1])
    mask = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(mask, [np.rint(corners - (left, top)).astype(np.int32)], 1)
    return float(cv2.mean(probabilities[top : bottom + 1, left : right + 1], mask)[0])


def clockwise_from_top_left(corners: NDArray[np.generic]) -> Quad:
    """Order the corners of a convex (4, 2) quadrilateral clockwise, the top left first.

    The two leftmost corners are the left side and the upper of them is the first: a line of text keeps
    its corners in reading order up to a slope of 45 degrees.
    """
    points = np.asarray(corners, np.float64)
    centre = points.mean(axis=0)
    # y points down, so growing angles go clockwise on the screen.
    ring = points[np.argsort(np.arctan2(points[:, 1] - centre[1], points[:, 0] - centre[0]), kind="stable")]
    left = np.argsort(ring[:, 0], kind="stable")[:2]
    first = left[int(np.argmin(ring[left, 1]))]
    return np.roll(ring, -int(first), axis=0)


def side_lengths(quad: Quad) -> tuple[float, float]:
    """Return (width, height) of a quadrilateral: the longer of each pair of opposite sides, in pixels."""
    first, second, third, fourth = quad.tolist()  # ten times faster than NumPy on four points
    width = max(dist(first, second), dist(third, fourth))
    return width, max(dist(second, third), dist(fourth, first))


def _regions(bitmap: NDArray[np.uint8], most: int) -> list[NDArray[np.int32]]:
    """Return the outer contours of all regions, also of those inside a hole of another, largest first."""
    contours, hierarchy = cv2.findContours(bitmap, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return []
    outer = [contour for contour, links in zip(contours, hierarchy[0], strict=True) if links[3] < 0]
    if len(outer) > most:
        outer = sorted(outer, key=cv2.contourArea, reverse=True)[:most]
    return outer  # type: ignore[return-value]


def _signed_area(polygon: NDArray[np.float64]) -> float:
    x, y = polygon[:, 0], polygon[:, 1]
    return float(0.5 * (np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))))
