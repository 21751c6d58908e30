"""From the order in which a line is seen, left to right, to the order in which its text is read and stored.

CTC writes what it sees from left to right. Text of a script that runs right to left, such as Arabic, is
stored from its first letter on, which is the rightmost.
"""

import re

_LEFT_TO_RIGHT = re.compile("[a-zA-Z0-9 :*./%+-]+|.", re.DOTALL)
"""Runs that keep their order inside a right-to-left line, and every other character by itself: PaddleOCR's
own set (`pred_reverse` in ppocr/postprocess/rec_postprocess.py)."""


def logical_order(seen: str) -> list[int]:
    """Return, for a right-to-left line as it is seen, the index of each character in the order it is read."""
    pieces = [range(*piece.span()) for piece in _LEFT_TO_RIGHT.finditer(seen)]
    return [index for piece in reversed(pieces) for index in piece]


def as_read(seen: str) -> str:
    """Return the text of a right-to-left line from the characters as they are seen."""
    return "".join(seen[index] for index in logical_order(seen))
