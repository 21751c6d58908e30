"""Split a line that is too long for the widest input, between letters where possible."""

from math import ceil

import cv2
import numpy as np

from snapml_ocr.ocr.images import Pixels

SEARCH = 0.25
"""A cut may lie so far from the even division, as a fraction of a part's length: wide enough for a word."""

WORD_GAP = 0.25
"""A gap so wide, as a fraction of the line's height, is taken for a space: the usual width of one in
print."""


def split_columns(crop: Pixels, most: int) -> list[tuple[int, int, bool]]:
    """Cut a (H, W, 3) uint8 line crop into parts of at most `most` pixels width.

    Returns (first column, past last column, whether a word gap lies before). Cuts are sought around the even
    division, at the middle of the widest run of columns without ink.
    """
    height, width = crop.shape[:2]
    # Cuts move by up to SEARCH to either side, so parts are planned shorter by that.
    count = ceil(width * (1 + SEARCH) / most)
    if count <= 1:
        return [(0, width, False)]
    part = width / count
    empty = empty_columns(crop)
    cuts, gaps = [0], [False]
    for index in range(1, count):
        reach = part * SEARCH / 2
        first, last = int(index * part - reach), ceil(index * part + reach)
        start, end = _longest_run(empty[first:last])
        cuts.append(first + (start + end) // 2 if end > start else round(index * part))
        gaps.append(end - start >= WORD_GAP * height)
    return list(zip(cuts, [*cuts[1:], width], gaps, strict=True))


def empty_columns(crop: Pixels) -> list[bool]:
    """Tell for each column whether it shows no ink: its grey values vary little from top to bottom."""
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY).astype(np.float32)
    spread = grey.max(axis=0) - grey.min(axis=0)
    # Half way between a flat column and the most inked one separates the two for any contrast.
    middle = (float(spread.min()) + float(spread.max())) / 2
    return [bool(column < middle) for column in spread]


def _longest_run(flags: list[bool]) -> tuple[int, int]:
    """Return [start, end) of the first longest run of true values, (0, 0) for none."""
    best, start = (0, 0), None
    for index, flag in enumerate([*flags, False]):
        if flag and start is None:
            start = index
        elif not flag and start is not None:
            if index - start > best[1] - best[0]:
                best = (start, index)
            start = None
    return best
