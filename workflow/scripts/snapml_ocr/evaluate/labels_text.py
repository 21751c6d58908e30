"""Label files of other tools, a text line per label: PaddleOCR's Label.txt and rec_gt.txt, ICDAR's gt_*.txt.

- `Label.txt`: image, tab, JSON list of `{"transcription", "points", "difficult"?}`. The texts `###`, `*` and
  `TEMPORARY` and `difficult: true` mark don't-care regions, as in PaddleOCR's data loader and labelling tool.
- `rec_gt.txt`: image, tab, text; or ICDAR's `image, "text"`.
- `gt_{image}.txt`: see `labels_icdar`.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.labels import (
    LabelledImage,
    Place,
    Word,
    checked_name,
    checked_outline,
    checked_text,
    require_distinct,
)
from snapml_ocr.files import decoded

PADDLE_DONT_CARE = ("###", "*", "TEMPORARY")

_ICDAR_CROP = re.compile(r'([^\t"]*\.\w{3,4}), *"(.*)"\s*')
"""A line of ICDAR 2015's word recognition: the image, a comma, the text in quotes."""


def read_paddle_detection(file: Path, text: str) -> list[LabelledImage]:
    """Read PaddleOCR's Label.txt; raises `UserError` with the line that is wrong."""
    return require_distinct((_paddle_line(line, place), place) for line, place in lines_of(file, text))


def read_paddle_recognition(file: Path, text: str) -> list[LabelledImage]:
    """Read PaddleOCR's rec_gt.txt; raises `UserError` with the line that is wrong."""
    return require_distinct(
        (LabelledImage(checked_name(name, place), (Word((), truth),)), place)
        for line, place in lines_of(file, text)
        for name, truth in [_fields(line, place)]
    )


def looks_like_paddle_detection(file: Path, text: str) -> bool:
    """Whether the labels are JSON lists of outlined words and not the texts of crops.

    Raises `UserError` with the first line that is of the other kind than those before it.
    """
    first = None
    for line, place in lines_of(file, text):
        _, tab, label = line.partition("\t")
        is_list = label.lstrip().startswith(("[{", "[]"))
        first = is_list if first is None else first
        if tab and is_list != first:
            kinds = ("the text of a crop", "a JSON list of words")
            raise place.wrong(f"{kinds[is_list]} after the tab, but before this line {kinds[first]}")
    return bool(first)


def read_text(file: Path) -> str:
    """Read UTF-8, with or without a byte order mark, or UTF-16 with one; raises `UserError` for the rest."""
    try:
        return decoded(file.read_bytes())
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Place(file, line).wrong("not UTF-8 text; save the labels as UTF-8") from None
    except FileNotFoundError:
        raise UserError(f"{file}: no such file") from None


def lines_of(file: Path, text: str) -> Iterator[tuple[str, Place]]:
    """Yield the lines that are not blank, without their ends."""
    for number, line in enumerate(re.split("\r\n|\n|\r", text), start=1):
        if line.strip():
            yield line, Place(file, number)


def _fields(line: str, place: Place) -> tuple[str, str]:
    if crop := _ICDAR_CROP.fullmatch(line):
        return crop[1].strip(), crop[2].replace('\\"', '"')
    name, tab, label = line.partition("\t")
    if not tab:
        raise place.wrong("expected the image, a tab and the label; found no tab")
    return name.strip(), label


def _paddle_line(line: str, place: Place) -> LabelledImage:
    name, label = _fields(line, place)
    try:
        entries = json.loads(label)
    except (json.JSONDecodeError, RecursionError) as error:
        raise place.wrong(f"expected a JSON list of words after the tab: {error}") from None
    if not isinstance(entries, list):
        raise place.wrong("expected a JSON list of words after the tab")
    return LabelledImage(checked_name(name, place), tuple(_paddle_word(entry, place) for entry in entries))


def _paddle_word(entry: Any, place: Place) -> Word:
    if not isinstance(entry, dict) or not {"transcription", "points"} <= entry.keys():
        raise place.wrong("expected words with the keys transcription and points")
    text = checked_text(entry["transcription"], place)
    ignore = text in PADDLE_DONT_CARE or bool(entry.get("difficult", False))
    return Word(checked_outline(entry["points"], place), text, ignore)
