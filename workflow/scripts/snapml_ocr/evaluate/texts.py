"""When two texts count as equal, and how far apart they are.

Texts are compared as people see them (`as_seen`), whatever the code points are that they were typed with.
"""

import unicodedata
from collections.abc import Callable

from rapidfuzz.distance import Levenshtein

_UNSEEN = dict.fromkeys([0x00AD, 0x034F, 0x061C, 0x180E, 0x200B, *range(0x200E, 0x2010), 0xFEFF])
_UNSEEN |= dict.fromkeys([*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10)])
"""Soft hyphen, zero-width space, byte order mark, marks of direction, joiners of words, variation selectors.

The joiners of letters (U+200C and U+200D) stay: they change how letters look.
"""

_FORMS = {code: unicodedata.normalize("NFKC", chr(code)).strip() for code in range(0xFF01, 0xFFEF)}
_USUAL = _FORMS | dict.fromkeys([9, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")


def as_seen(text: str) -> str:
    """Return the text that all comparisons start from.

    Invisible characters are left out; full-width and half-width forms become the usual ones; spaces of any
    width, breaking or not, become the space, and those at the ends are left out; the rest is composed (NFC).
    """
    plain = unicodedata.normalize("NFC", text.translate(_UNSEEN))
    return unicodedata.normalize("NFC", plain.translate(_USUAL)).strip(" ")


def strict(text: str) -> str:
    """Every character counts."""
    return as_seen(text)


def alphanumeric(text: str) -> str:
    """Letters, with their marks, and digits of any script only, upper and lower case alike."""
    folded = unicodedata.normalize("NFC", as_seen(text).casefold())
    return "".join(one for one in folded if one.isalnum() or unicodedata.category(one)[0] == "M")


def without_spaces(text: str) -> str:
    """Everything but white space, as PaddleOCR compares by default."""
    return "".join(as_seen(text).split())


COMPARISONS: dict[str, Callable[[str], str]] = {
    "strict": strict,
    "alphanumeric": alphanumeric,
    "without_spaces": without_spaces,
}
"""The names under which scores appear, and the form in which texts are compared."""


def similarity(truth: str, read: str) -> float:
    """1-NED of one pair: 1 - Levenshtein distance / length of the longer; 1.0 when both are empty."""
    return 1.0 - Levenshtein.normalized_distance(as_seen(truth), as_seen(read))
