"""Scale the crop of a line to the height of a model's input."""

import cv2

from snapml_ocr.ocr.images import Pixels


def input_length(crop: Pixels, height: int) -> int:
    """Return the width in pixels, at least 1, of a (H, W, 3) crop at an input's height."""
    own_height, own_width = crop.shape[:2]
    return max(1, -(-int(own_width) * height // int(own_height)))


def scale_line(crop: Pixels, height: int, length: int, *, averaging: bool = True) -> Pixels:
    """Return a (H, W, 3) uint8 crop as (height, length, 3).

    With `averaging` a crop that is higher than the input is averaged over pixels, which reads more right than
    linear interpolation (docs/ocr.md); the published orientation classifier was trained without.
    """
    shrinking = averaging and crop.shape[0] > height
    interpolation = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
    return cv2.resize(crop, (length, height), interpolation=interpolation)  # type: ignore[return-value]
