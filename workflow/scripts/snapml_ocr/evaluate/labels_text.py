"""Label files of other tools, a text line per label: PaddleOCR's Label.txt and rec_gt.txt, ICDAR's gt_*.txt.

- `Label.txt`: image, tab, JSON list of `{"transcription", "points", "difficult"?}`. The texts `###` and `*`
  and `difficult: true` mark don't-care regions, as in PaddleOCR's own data loader and its labelling tool.
- `rec_gt.txt`: image, tab, text.
- `gt_{image}.txt`: per word `x1,y1,x2,y2,x3,y3,x4,y4,text`; the text `###` marks a don't-care region.
"""

import json
from collections.abc import Iterator, Sequence
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

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")
PADDLE_DONT_CARE = ("###", "*")
ICDAR_DONT_CARE = "###"


def read_paddle_detection(file: Path, text: str) -> list[LabelledImage]:
    """Read PaddleOCR's Label.txt; raises `UserError` with the line that is wrong."""
    return require_distinct((_paddle_line(line, place), place) for line, place in _lines(file, text))


def read_paddle_recognition(file: Path, text: str) -> list[LabelledImage]:
    """Read PaddleOCR's rec_gt.txt; raises `UserError` with the line that is wrong."""
    return require_distinct(
        (LabelledImage(checked_name(name, place), (Word((), truth),)), place)
        for line, place in _lines(file, text)
        for name, truth in [_fields(line, place)]
    )


def looks_like_paddle_detection(text: str) -> bool:
    """Whether the first label is a JSON list of outlined words and not the text of a crop."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return first.partition("\t")[2].lstrip().startswith(("[{", "[]"))


def read_icdar(files: Sequence[Path], images: Path) -> list[LabelledImage]:
    """Read one gt_{image}.txt per image; `images` is the folder in which the images lie.

    Raises `UserError` with file and line of what is wrong, or when a file has no image.
    """
    labelled = []
    for file in files:
        text = read_text(file)
        words = tuple(_icdar_line(line, place) for line, place in _lines(file, text))
        labelled.append(LabelledImage(_icdar_image(file, images), words))
    return labelled


def read_text(file: Path) -> str:
    """Read UTF-8 with or without a byte order mark; raises `UserError` when it is something else."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Place(file, line).wrong("not UTF-8 text; save the labels as UTF-8") from None
    except FileNotFoundError:
        raise UserError(f"{file}: no such file") from None


def _lines(file: Path, text: str) -> Iterator[tuple[str, Place]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield line.rstrip("\r"), Place(file, number)


def _fields(line: str, place: Place) -> tuple[str, str]:
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
    return Word(checked_outline(entry["points"], place, at_most=None), text, ignore)


def _icdar_line(line: str, place: Place) -> Word:
    fields = line.split(",", 8)
    if len(fields) < 9:
        raise place.wrong(f"expected x1,y1,x2,y2,x3,y3,x4,y4,text; found {len(fields)} fields")
    try:
        numbers = [float(field) for field in fields[:8]]
    except ValueError as error:
        raise place.wrong(f"expected eight coordinates before the text: {error}") from None
    points = [[x, y] for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
    return Word(checked_outline(points, place), fields[8], ignore=fields[8].strip() == ICDAR_DONT_CARE)


def _icdar_image(file: Path, images: Path) -> str:
    stem = file.stem.removeprefix("gt_")
    for suffix in IMAGE_SUFFIXES:
        for candidate in (f"{stem}{suffix}", f"{stem}{suffix.upper()}"):
            if (images / candidate).is_file():
                return candidate
    raise UserError(f"{file}: its image {stem}{IMAGE_SUFFIXES[0]} (or another format) is not in {images}")
