"""Cut a quadrilateral out of an image as an upright rectangle."""

import cv2
import numpy as np

from snapml_ocr.ocr.images import Pixels
from snapml_ocr.ocr.probability_map import Quad, side_lengths

VERTICAL_RATIO = 1.5
"""A crop so many times higher than wide holds a line that runs downwards; the value of PP-OCR and the
tutorial."""


def crop_quad(image: Pixels, quad: Quad) -> Pixels:
    """Return the (H, W, 3) uint8 content of a (4, 2) quad, clockwise from the line's top left, as a
    rectangle.

    The rectangle has the quad's own side lengths, at least 1 pixel, so nothing is enlarged yet. Outside
    the image its border is repeated.
    """
    width, height = (max(1, round(side)) for side in side_lengths(quad))
    # OpenCV counts from pixel centres, quads from pixel edges.
    source = quad.astype(np.float32) - np.float32(0.5)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - np.float32(0.5)
    transform = cv2.getPerspectiveTransform(source, target)
    return cv2.warpPerspective(  # type: ignore[return-value]
        image, transform, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )


def is_vertical(quad: Quad) -> bool:
    """Whether the text of a quad runs downwards."""
    width, height = side_lengths(quad)
    return height >= VERTICAL_RATIO * width


def along_the_line(quad: Quad) -> Quad:
    """Return the quad with its corners in reading order of the line: a vertical line is turned to the left.

    The right side of a vertical quad becomes the top of the line, so that it is read from top to bottom.
    """
    return np.roll(quad, -1, axis=0) if is_vertical(quad) else quad


def part_of_quad(quad: Quad, start: float, end: float) -> Quad:
    """Return the part of a line's quad between two fractions of its length, from the left."""
    top_left, top_right, bottom_right, bottom_left = quad
    return np.array(
        [
            top_left + start * (top_right - top_left),
            top_left + end * (top_right - top_left),
            bottom_left + end * (bottom_right - bottom_left),
            bottom_left + start * (bottom_right - bottom_left),
        ]
    )
