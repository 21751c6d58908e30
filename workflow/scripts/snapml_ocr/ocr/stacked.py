"""Letters that stand under each other, as on a hotel's sign: cut apart and put side by side as a line."""

import cv2
import numpy as np

from snapml_ocr.ocr.images import Pixels
from snapml_ocr.ocr.line_split import empty_columns

TALLEST = 2.0
"""A letter, or the band of rows it fills, is at most so many times higher than the box is wide."""

SHORTEST = 0.35
"""A band of less than this part of the median band's height is a dot or an accent of the letter below it."""

MARGIN = 0.06
"""Paper left around a letter, as a part of its height."""


def side_by_side(crop: Pixels) -> Pixels | None:
    """Return the letters of a tall (H, W, 3) crop as one line; None when its rows are no stack of letters.

    A crop not much higher than wide is a letter by itself and comes back as it is.
    """
    height, width = crop.shape[:2]
    bands = _bands(crop)
    if len(bands) < 2:
        return crop if height <= TALLEST * width else None
    if any(end - start > TALLEST * width for start, end in bands):
        return None
    # Every letter keeps the width of the stack, so that narrow ones stay narrow.
    tall = max(end - start for start, end in bands)
    margin = max(1, round(MARGIN * tall))
    letters = []
    for start, end in bands:
        letter = _without_sides(crop[start:end])
        spare = tall - letter.shape[0]
        letters.append(
            cv2.copyMakeBorder(
                letter, margin + spare // 2, margin + spare - spare // 2, margin, margin, cv2.BORDER_REPLICATE
            )
        )
    return np.hstack(letters)


def _bands(crop: Pixels) -> list[tuple[int, int]]:
    """Return [start, end) of the runs of rows that show ink, slivers joined to what follows them."""
    empty = np.array([True, *empty_columns(np.ascontiguousarray(crop.transpose(1, 0, 2))), True])
    edges = np.flatnonzero(empty[1:] != empty[:-1])
    bands = [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
    if not bands:
        return []
    least = SHORTEST * float(np.median([end - start for start, end in bands]))
    for index in reversed(range(len(bands) - 1)):
        if bands[index][1] - bands[index][0] < least:
            bands[index : index + 2] = [(bands[index][0], bands[index + 1][1])]
    return bands


def _without_sides(letter: Pixels) -> Pixels:
    inked = np.flatnonzero(np.logical_not(empty_columns(letter)))
    return letter[:, inked[0] : inked[-1] + 1] if len(inked) else letter
