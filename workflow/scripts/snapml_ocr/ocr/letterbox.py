"""Fit an image into a fixed input shape with its aspect ratio kept, and map coordinates back exactly.

Coordinates are continuous: the first pixel covers 0 to 1, so its centre is at 0.5. In them resizing is a
plain multiplication, which is also how OpenCV resizes.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from snapml_ocr.ocr.images import Pixels


@dataclass(frozen=True)
class Letterbox:
    """Where an image of `width` x `height` pixels lies inside an input of `input_width` x `input_height`."""

    width: int
    height: int
    input_width: int
    input_height: int

    @property
    def scale(self) -> float:
        """Input pixels per image pixel, the largest with which the whole image fits."""
        return min(self.input_width / self.width, self.input_height / self.height)

    @property
    def resized(self) -> tuple[int, int]:
        """Width and height of the resized image in input pixels, at least 1 each."""
        return (
            min(self.input_width, max(1, round(self.width * self.scale))),
            min(self.input_height, max(1, round(self.height * self.scale))),
        )

    @property
    def offset(self) -> tuple[int, int]:
        """Input pixel where the resized image starts: it lies in the centre."""
        resized_width, resized_height = self.resized
        return (self.input_width - resized_width) // 2, (self.input_height - resized_height) // 2

    def apply(self, image: Pixels) -> Pixels:
        """Return the (input_height, input_width, 3) uint8 input: `image` resized, the rest black."""
        resized_width, resized_height = self.resized
        left, top = self.offset
        canvas = np.zeros((self.input_height, self.input_width, 3), np.uint8)
        target = canvas[top : top + resized_height, left : left + resized_width]
        if target.shape == image.shape:
            target[:] = image
        else:
            cv2.resize(image, (resized_width, resized_height), dst=target, interpolation=self._interpolation)
        return canvas

    @property
    def _interpolation(self) -> int:
        return cv2.INTER_LINEAR

    def to_input(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map (..., 2) points (x, y) from the image to the input."""
        return points * self._factors + self.offset

    def to_image(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map (..., 2) points (x, y) from the input to the image: the inverse of `to_input`."""
        return (points - self.offset) / self._factors

    @property
    def _factors(self) -> NDArray[np.float64]:
        """Horizontal and vertical scale; they differ from `scale` by the rounding to whole pixels."""
        resized_width, resized_height = self.resized
        return np.array([resized_width / self.width, resized_height / self.height])
