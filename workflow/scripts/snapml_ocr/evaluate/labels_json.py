"""The project's own label files: labels.json for whole images, rec_labels.json for crops.

`labels.json` is `[{"image", "words": [{"quad": [[x, y] * 4], "text", "ignore"}], "category"?, "expected"?}]`,
`rec_labels.json` is `[{"image", "text", "category"?, "expected"?}]`. `ignore` may be left out and is false
then; `expected` is "good" or "bad".
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from snapml_ocr.evaluate.labels import (
    Expected,
    Kind,
    LabelledImage,
    Place,
    Word,
    checked_name,
    checked_outline,
    checked_text,
    require_distinct,
)

_OPTIONAL = {"category", "expected"}
_SPACE = re.compile(r"[ \t\n\r]*")


def read_json_labels(file: Path, text: str) -> tuple[Kind, list[LabelledImage]]:
    """Read the `text` of a label file; entries with "words" are whole images, with "text" crops.

    Raises `UserError` with the line of the entry that is wrong.
    """
    entries = list(_entries(file, text))
    kind: Kind = "recognition"
    if any("words" in entry for entry, _ in entries):
        kind = "end_to_end"
    read = _whole_image if kind == "end_to_end" else _crop
    return kind, require_distinct((read(entry, place), place) for entry, place in entries)


def _entries(file: Path, text: str) -> Iterator[tuple[dict[str, Any], Place]]:
    """Step through the outermost list, so that every entry is known with its line."""
    decoder = json.JSONDecoder()
    line, counted_to = 1, 0

    def place_of(offset: int) -> Place:
        nonlocal line, counted_to
        line, counted_to = line + text.count("\n", counted_to, offset), offset
        return Place(file, line)

    def skip_space(offset: int) -> int:
        found = _SPACE.match(text, offset)
        return found.end() if found else offset

    offset = skip_space(0)
    if text[offset : offset + 1] != "[":
        raise place_of(offset).wrong("expected a JSON list with one entry per image")
    offset = skip_space(offset + 1)
    while text[offset : offset + 1] != "]":
        place = place_of(offset)
        try:
            entry, offset = decoder.raw_decode(text, offset)
        except json.JSONDecodeError as error:
            raise Place(file, error.lineno).wrong(f"not JSON: {error.msg}") from None
        except RecursionError:
            raise place.wrong("not a label entry: nested too deeply") from None
        if not isinstance(entry, dict):
            raise place.wrong("expected an object with the keys image and words, or image and text")
        yield entry, place
        offset = skip_space(offset)
        if text[offset : offset + 1] == ",":
            offset = skip_space(offset + 1)
        elif text[offset : offset + 1] != "]":
            raise place_of(offset).wrong("not JSON: expected a comma or the end of the list")


def _whole_image(entry: dict[str, Any], place: Place) -> LabelledImage:
    _require_keys(entry, place, required={"image", "words"}, allowed={"image", "words", *_OPTIONAL})
    if not isinstance(entry["words"], list):
        raise place.wrong(f"image {entry['image']!r}: expected a list of words")
    words = []
    for number, word in enumerate(entry["words"], start=1):
        inside = _InsideEntry(place, f"image {entry['image']!r}, word {number}")
        if not isinstance(word, dict):
            raise inside.wrong("expected an object with the keys quad and text")
        _require_keys(word, inside, required={"quad", "text"}, allowed={"quad", "text", "ignore"})
        ignore = word.get("ignore", False)
        if not isinstance(ignore, bool):
            raise inside.wrong(f"expected true or false for ignore, found {ignore!r}")
        words.append(Word(checked_outline(word["quad"], inside), checked_text(word["text"], inside), ignore))
    return LabelledImage(
        checked_name(entry["image"], place), tuple(words), _category(entry, place), _expected(entry, place)
    )


def _crop(entry: dict[str, Any], place: Place) -> LabelledImage:
    _require_keys(entry, place, required={"image", "text"}, allowed={"image", "text", *_OPTIONAL})
    words = (Word((), checked_text(entry["text"], place)),)
    return LabelledImage(
        checked_name(entry["image"], place), words, _category(entry, place), _expected(entry, place)
    )


def _category(entry: dict[str, Any], place: Place) -> str | None:
    category = entry.get("category")
    if category is not None and (not isinstance(category, str) or not category):
        raise place.wrong(f"expected the category as a string, found {category!r}")
    return category


def _expected(entry: dict[str, Any], place: Place) -> Expected | None:
    expected: Expected | None = entry.get("expected")
    if expected not in (None, "good", "bad"):
        raise place.wrong(f'expected "good" or "bad" for the key expected, found {expected!r}')
    return expected


def _require_keys(entry: dict[str, Any], place: Place, *, required: set[str], allowed: set[str]) -> None:
    if missing := sorted(required - entry.keys()):
        raise place.wrong(f"the key {missing[0]!r} is missing; found {', '.join(sorted(entry)) or 'none'}")
    if unknown := sorted(entry.keys() - allowed):
        raise place.wrong(f"unknown key {unknown[0]!r}; known are {', '.join(sorted(allowed))}")


class _InsideEntry(Place):
    """A place that also says which word of the entry is meant."""

    def __init__(self, place: Place, part: str) -> None:
        super().__init__(place.file, place.line)
        self._part = part

    def wrong(self, message: str):  # type: ignore[no-untyped-def]
        return super().wrong(f"{self._part}: {message}")
