"""Draw what was read: the image with numbered boxes, and beside it the texts with their numbers."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path

import cv2
import numpy as np

from snapml_ocr.errors import UserError
from snapml_ocr.ocr.images import Pixels
from snapml_ocr.ocr.page import Line
from snapml_ocr.ocr.probability_map import Quad

Colour = tuple[int, int, int]

PALETTE: tuple[Colour, ...] = (
    (178, 114, 0),
    (0, 94, 213),
    (115, 158, 0),
    (167, 121, 204),
    (0, 159, 230),
)
"""Blue, vermilion, bluish green, reddish purple and orange in BGR, from the colours of Okabe and Ito
(2008) that people with any colour vision tell apart. The numbers say the same without colour."""

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)

PICTURE_LONG_SIDE = (720, 1600)
"""Images are enlarged or shrunk so that their long side lies between these: numbers and boxes stay apart,
and the picture opens quickly."""

TEXT_SIZE = 22
"""Font size of the list, in pixels: read without zooming at the sizes above."""

TAG_SIZE = 15
ROW_HEIGHT = 34
MARGIN = 16
MIN_ROWS = 12
MAX_TEXT_WIDTH = 760
"""Longer texts continue in the next row."""


@dataclass(frozen=True)
class _Entry:
    """A row of the list; the rows of a text after its first have no number."""

    number: int | None
    text: str


def load_font(path: Path | None) -> "cv2.FontFace":
    """Return the font at `path`, or OpenCV's own, which has Latin, Greek, Cyrillic and Chinese characters."""
    if path is None:
        return cv2.FontFace("sans")
    font = cv2.FontFace()
    if not path.is_file() or not font.set(str(path)):
        raise UserError(f"{path}: not a font file (TrueType or OpenType)")
    return font


def draw_page(image: Pixels, lines: tuple[Line, ...], font: "cv2.FontFace") -> Pixels:
    """Return a (H, W, 3) uint8 BGR picture of the image with its boxes and, when texts were read, their
    list.
    """
    scale = _picture_scale(image)
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    picture = cv2.resize(image, size, interpolation=interpolation)
    quads = [line.quad * scale for line in lines]
    for index, quad in enumerate(quads):
        _outline(picture, quad, _colour(index))  # type: ignore[arg-type]
    for index, quad in enumerate(quads):
        _tag(picture, quad, index, font)  # type: ignore[arg-type]
    if not any(line.text for line in lines):
        return picture  # type: ignore[return-value]
    return _beside(picture, _text_list(lines, picture.shape[0], font))  # type: ignore[arg-type]


def _picture_scale(image: Pixels) -> float:
    long_side: int = max(image.shape)
    least, most = PICTURE_LONG_SIDE
    return max(least / long_side, 1.0) if long_side < most else most / long_side


def _outline(picture: Pixels, quad: Quad, colour: Colour) -> None:
    """A coloured line on a white one is seen on any ground."""
    corners = [np.rint(quad).astype(np.int32)]
    cv2.polylines(picture, corners, True, WHITE, 5, cv2.LINE_AA)
    cv2.polylines(picture, corners, True, colour, 2, cv2.LINE_AA)


def _tag(picture: Pixels, quad: Quad, index: int, font: "cv2.FontFace") -> None:
    """Put the number left of the box, or where there is room."""
    text = str(index + 1)
    width, height = _text_width(text, TAG_SIZE, font) + 8, TAG_SIZE + 5
    x = int(np.clip(quad[0, 0] - width - 2, 0, max(0, picture.shape[1] - width)))
    y = int(np.clip(quad[0, 1] - 2, 0, max(0, picture.shape[0] - height)))
    cv2.rectangle(picture, (x, y), (x + width, y + height), _colour(index), cv2.FILLED)
    cv2.rectangle(picture, (x, y), (x + width, y + height), WHITE, 1)
    cv2.putText(picture, text, (x + 4, y + height - 5), _digit_colour(index), font, TAG_SIZE, 700)


def _text_list(lines: tuple[Line, ...], height: int, font: "cv2.FontFace") -> Pixels:
    """Return the texts in as many columns as the height of the picture asks for."""
    entries = [entry for index, line in enumerate(lines) for entry in _wrapped(index, line.text, font)]
    rows = max(MIN_ROWS, (height - 2 * MARGIN) // ROW_HEIGHT)
    rows = min(rows, ceil(len(entries) / ceil(len(entries) / rows)))
    columns = [entries[start : start + rows] for start in range(0, len(entries), rows)]
    tag_width = _text_width(str(len(lines)), TAG_SIZE, font) + 8
    panels = []
    for column in columns:
        widest = max(_text_width(entry.text, TEXT_SIZE, font) for entry in column)
        panel = np.full((rows * ROW_HEIGHT + 2 * MARGIN, tag_width + widest + 3 * MARGIN, 3), 255, np.uint8)
        for row, entry in enumerate(column):
            baseline = MARGIN + row * ROW_HEIGHT + ROW_HEIGHT - 10
            if entry.number is not None:
                top = baseline - TAG_SIZE - 1
                corner = (MARGIN + tag_width, top + TAG_SIZE + 5)
                cv2.rectangle(panel, (MARGIN, top), corner, _colour(entry.number), cv2.FILLED)
                number = str(entry.number + 1)
                ink = _digit_colour(entry.number)
                cv2.putText(panel, number, (MARGIN + 4, baseline), ink, font, TAG_SIZE, 700)
            left = 2 * MARGIN + tag_width
            cv2.putText(panel, entry.text, (left, baseline), BLACK, font, TEXT_SIZE, 400)
        panels.append(panel)
    return np.hstack(panels)


def _wrapped(index: int, text: str, font: "cv2.FontFace") -> list[_Entry]:
    """Break a text into rows of at most `MAX_TEXT_WIDTH` pixels."""
    rows = [""]
    for character in text:
        if rows[-1] and _text_width(rows[-1] + character, TEXT_SIZE, font) > MAX_TEXT_WIDTH:
            rows.append("")
        rows[-1] += character
    return [_Entry(index if row == 0 else None, part) for row, part in enumerate(rows)]


def _beside(left: Pixels, right: Pixels) -> Pixels:
    """Put two pictures side by side on white, both starting at the top."""
    height = max(left.shape[0], right.shape[0])
    canvas = np.full((height, left.shape[1] + right.shape[1], 3), 255, np.uint8)
    canvas[: left.shape[0], : left.shape[1]] = left
    canvas[: right.shape[0], left.shape[1] :] = right
    return canvas


def _text_width(text: str, size: int, font: "cv2.FontFace") -> int:
    if not text:
        return 0
    _, _, width, _ = cv2.getTextSize((1, 1), text, (0, 0), font, size, 400)
    return int(width)


def _digit_colour(index: int) -> Colour:
    """White on blue, black on the lighter colours: contrast of at least 5 (WCAG 2 asks for 4.5)."""
    return WHITE if index % len(PALETTE) == 0 else BLACK


def _colour(index: int) -> Colour:
    return PALETTE[index % len(PALETTE)]
