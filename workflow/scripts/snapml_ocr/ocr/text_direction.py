"""From the order in which a line is seen, left to right, to the order in which its text is read and stored.

CTC writes what it sees from left to right. Text of a script that runs right to left, such as Arabic, is
stored from its first letter on, which is the rightmost. How stored text is laid out is the Unicode
Bidirectional Algorithm (UAX #9), for which python-bidi is used; here it is inverted.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from functools import cache
from typing import Literal

from bidi import get_display

_LEFT_TO_RIGHT = re.compile("[a-zA-Z0-9 :*./%+-]+|.", re.DOTALL)
"""Runs that keep their order inside a right-to-left line, and every other character by itself: PaddleOCR's
own set (`pred_reverse` in ppocr/postprocess/rec_postprocess.py)."""

_MIRRORED = str.maketrans("()[]{}<>\u00ab\u00bb", ")(][}{><\u00bb\u00ab")
"""Characters whose glyph is the other one's in right-to-left text (rule L4)."""

MAX_STEPS = 8
"""Texts people write need one or two; those that no text is laid out as would go round in circles."""


BidiOrder = Literal["unicode", "paddleocr"]


def as_read(seen: str, order: BidiOrder = "unicode") -> str:
    """Return the text of a right-to-left line as it is stored, see `logical_order`."""
    return logical_order(seen, order)[0]


def logical_order(seen: str, bidi_order: BidiOrder = "unicode") -> tuple[str, list[int]]:
    """Return the text of a right-to-left line as it is stored, and the index in `seen` of each character.

    The text is the one which the bidirectional algorithm lays out as `seen`; in the order "paddleocr" it is
    what PaddleOCR writes, which keeps runs of Latin letters, digits and some marks and turns all else around.

    A model writes brackets as the characters that are stored, when it was trained on texts that were only
    turned around, or as the glyphs that are seen. Where the former would close before they open, they are
    taken for the latter.
    """
    if bidi_order == "paddleocr":
        pieces = [range(*piece.span()) for piece in _LEFT_TO_RIGHT.finditer(seen)]
        order = [index for piece in reversed(pieces) for index in piece]
        return "".join(seen[index] for index in order), order
    if (mirrored := seen.translate(_MIRRORED)) == seen:
        order = _logical_order(seen)
        return "".join(seen[index] for index in order), order
    readings = []
    for line in (seen, mirrored):
        order = _logical_order(line)
        readings.append(("".join(line[index] for index in order), order))
    return max(readings, key=lambda reading: _opens_first(reading[0]))


def _logical_order(seen: str) -> list[int]:
    """Return the order of the characters in which they are laid out as `seen`."""
    first = len(seen) - len(seen.lstrip())
    core = seen.strip()
    order = _laid_out(core)
    for _ in range(MAX_STEPS):
        shown = _laid_out("".join(core[index] for index in order))
        if [order[number] for number in shown] == list(range(len(core))):
            break
        order = [place for _, place in sorted(zip(shown, range(len(core)), strict=True))]
    return [*range(first + len(core), len(seen)), *(first + index for index in order), *range(first)]


def _opens_first(text: str) -> bool:
    """Whether brackets are balanced, each opened before it is closed."""
    depth: Counter[str] = Counter()
    for character in text:
        if character in "([{<\u00ab":
            depth[character] += 1
        elif character in ")]}>\u00bb":
            opening = character.translate(_MIRRORED)
            depth[opening] -= 1
            if depth[opening] < 0:
                return False
    return not any(depth.values())


def _laid_out(text: str) -> list[int]:
    """Return the index in a right-to-left `text` of what is shown at each place, from the left."""
    used: dict[str, int] = defaultdict(int)
    stand_ins = []
    for character in text:
        kind = unicodedata.bidirectional(character)
        kind = "ON" if kind in ("WS", "B", "S") else kind  # spaces inside a line are neutral as well
        pool = "" if unicodedata.mirrored(character) else _pool(kind)
        stand_ins.append(pool[used[kind]] if used[kind] < len(pool) else character)
        used[kind] += bool(pool)
    places: dict[str, list[int]] = defaultdict(list)
    for index, character in enumerate(stand_ins):
        places[character].append(index)
    # Characters that occur twice have more than one answer, all of which give the same text.
    return [places[character].pop() for character in get_display("".join(stand_ins), base_dir="R")]


@cache
def _pool(kind: str) -> str:
    """Different characters of one bidirectional class, to tell apart those that are equal in a text."""
    if kind == "L":
        return "".join(map(chr, range(0x4E00, 0x5E00)))
    return "".join(
        character
        for character in map(chr, range(0x20, 0x1F000))
        if unicodedata.bidirectional(character) == kind and not unicodedata.mirrored(character)
    )
