"""ICDAR's label files, one per image and a line per word, as they and the sets that followed write them.

- `x1,y1,x2,y2,x3,y3,x4,y4,text`: ICDAR 2015. More pairs of numbers are outlines of as many corners.
- `x1,y1,...,####text`: the text follows four number signs (AdelaiDet); any number of corners, line by line.
- `x1,y1,x2,y2,x3,y3,x4,y4,script,text`: ICDAR MLT 2017 and 2019, when every line names a script.
- `left top right bottom "text"`, with blanks or commas: ICDAR 2013; the quotes are no part of the text.
- `x: [[...]], y: [[...]], ornt: [u'h'], transcriptions: [u'text']`: Total-Text; its `#` means not readable.

`###` marks a don't-care region. A text may hold commas and may be a number: how many numbers are coordinates
is seen from all lines together.
"""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.labels import LabelledImage, Outline, Place, Word, checked_outline
from snapml_ocr.evaluate.labels_text import lines_of, read_text
from snapml_ocr.ocr.images import IMAGE_SUFFIXES

SCRIPTS = re.compile(
    r"\s*(arabic|bangla|bengali|chinese|cyrillic|devanagari|english|french|german|greek|hebrew|hindi|italian"
    r"|japanese|korean|latin|mixed|none|russian|spanish|symbols|thai|vietnamese)\s*",
    re.IGNORECASE,
)
"""What a column before the text may say: ICDAR MLT's scripts and languages, and their like."""

PREFIXES = ("poly_gt_", "gt_")
"""With which names of label files begin; the rest is the image's name."""

_NUMBER = r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
_SEPARATED = [re.compile(_NUMBER + separator, re.ASCII) for separator in (r"\s*(,|$)\s?", r"(\s+|$)")]
"""A number and what follows it: commas in one line, blanks in another."""

_TOTAL_TEXT = re.compile(
    r"x:\s*\[\[(.*?)\]\],\s*y:\s*\[\[(.*?)\]\].*?transcriptions:\s*\[u?(.*?)\]\s*(?=x:|\Z)", re.DOTALL
)
_QUOTED = re.compile(r'\s*"(.*)"\s*')


class _Line:
    """A line before it is known how many of the numbers at its beginning are coordinates."""

    def __init__(self, line: str, place: Place) -> None:
        before, self.marked, after = (part.strip() for part in line.partition("####"))
        self.place, self.numbers, self._ends, self._line = place, list[float](), list[int](), line
        for pattern in _SEPARATED:
            self._read(pattern, before if self.marked else line)
            if self.marked and self._ends and self._ends[-1] == len(before):
                self._line, self._ends[-1] = before + after, len(before)
                return
            if len(self.numbers) >= 4:
                break
        if self.marked:  # number signs inside a text
            self.marked = ""
            self._read(_SEPARATED[0], line)

    def _read(self, pattern: re.Pattern[str], line: str) -> None:
        self.numbers, self._ends, self.has_text = [], [], True
        while found := pattern.match(line, self._ends[-1] if self._ends else 0):
            self.numbers.append(float(found[1]))
            self._ends.append(found.end())
            if not found[2]:
                self.has_text = False
                return

    def text(self, coordinates: int) -> str:
        """What follows so many coordinates."""
        return self._line[self._ends[coordinates - 1] :].strip()

    @property
    def likely(self) -> int | None:
        """The number of coordinates that the line by itself seems to have; None when there is none."""
        count = len(self.numbers)
        if self.marked:
            return count if count % 2 == 0 and count >= 4 else None
        if self.has_text and count in (6, 7):
            return None
        if count >= (10 if self.has_text else 12):
            return count // 2 * 2 if self._is_one_outline() else 8
        return {4: 4, 5: 4, 6: 4, 8: 8, 9: 8, 10: 8, 11: 8}.get(count)

    def _is_one_outline(self) -> bool:
        """Whether the numbers beyond eight are as near to the first four points as further corners are."""
        points = np.reshape(self.numbers[: len(self.numbers) // 2 * 2], (-1, 2))
        low, high = points[:4].min(axis=0), points[:4].max(axis=0)
        reach = len(points) * max(high - low)
        return bool((np.abs(points[4:] - (low + high) / 2) <= reach).all())


def read_icdar(files: Sequence[Path], images: Path) -> list[LabelledImage]:
    """Read one label file per image; `images` is the folder in which the images lie.

    Raises `UserError` with file and line of what is wrong, or when a file has no image.
    """
    words: dict[Path, list[Word]] = {file: [] for file in files}
    lines = []
    for file in files:
        text = read_text(file)
        if "transcriptions:" in text:
            words[file] += _total_text(file, text)
        else:
            lines += [_Line(line, place) for line, place in lines_of(file, text)]
    plain = [line for line in lines if not line.marked]
    counts = Counter(line.likely for line in plain if line.likely)
    usual = counts.most_common(1)[0][0] if counts else 8
    coordinates = {id(line): _coordinates(line, usual) for line in lines}
    texts = {id(line): line.text(coordinates[id(line)]) for line in lines}
    scripts = [text.partition(",") for line in plain for text in [texts[id(line)]]]
    named = [bool(comma and SCRIPTS.fullmatch(script)) for script, comma, _ in scripts]
    if 2 * sum(named) > len(named) and not all(named):
        raise plain[named.index(False)].place.wrong("no script before the text, as most other lines have")
    quoted = [_QUOTED.fullmatch(texts[id(line)]) for line in plain]
    for line, script, quotes in zip(plain, scripts, quoted, strict=True):
        if all(named):
            texts[id(line)] = script[2].strip()
        elif quotes and all(quoted) and (usual == 4 or len(quoted) > 1):
            texts[id(line)] = re.sub(r'\\(["\\])', r"\1", quotes[1])
    for line in lines:
        outline, text = _outline(line.numbers[: coordinates[id(line)]], line.place), texts[id(line)]
        dont_care = not text.strip("#") and (bool(line.marked) or len(text) >= 3)
        words[line.place.file].append(Word(outline, text, dont_care))
    return [LabelledImage(_image_of(file, images), tuple(found)) for file, found in words.items()]


def _coordinates(line: _Line, usual: int) -> int:
    """How many numbers are coordinates, when most lines have the `usual` number."""
    likely = line.likely
    if likely and likely > usual >= 8 and not (line.has_text or line.marked):
        return usual
    if likely is None and usual == 4 and len(line.numbers) >= 4 and not line.marked:
        return 4
    if likely is None or (likely < min(usual, 8) and not line.marked):
        raise line.place.wrong(
            f"expected {usual} coordinates and the text, as x1,y1,x2,y2,…,text;"
            f" found {len(line.numbers)} numbers at the beginning"
        )
    return likely


def _outline(numbers: Sequence[float], place: Place) -> Outline:
    return checked_outline([[x, y] for x, y in zip(numbers[::2], numbers[1::2], strict=True)], place)


def _total_text(file: Path, text: str) -> list[Word]:
    """Words of Total-Text's own format, whose records may be broken into several lines."""
    words, end = [], 0
    for found in _TOTAL_TEXT.finditer(text):
        place = Place(file, text.count("\n", 0, found.start()) + 1)
        if text[end : found.start()].strip():
            break
        try:
            xs, ys = ([float(number) for number in re.split(r"[\s,]+", found[n].strip())] for n in (1, 2))
        except ValueError as error:
            raise place.wrong(f"expected numbers after x: and y: {error}") from None
        if len(xs) != len(ys):
            raise place.wrong(f"{len(xs)} numbers after x:, but {len(ys)} after y:")
        said, end = found[3].strip()[1:-1], found.end()
        outline = checked_outline([list(point) for point in zip(xs, ys, strict=True)], place)
        words.append(Word(outline, said, ignore=not said.strip("#")))
    if rest := text[end:].strip():
        place = Place(file, text.count("\n", 0, text.index(rest, end)) + 1)
        raise place.wrong("expected x: [[...]], y: [[...]], ornt: [...], transcriptions: [...]")
    return words


def _image_of(file: Path, images: Path) -> str:
    stem = next(
        (file.stem.removeprefix(start) for start in PREFIXES if file.stem.startswith(start)), file.stem
    )
    for suffix in sorted(IMAGE_SUFFIXES):
        for candidate in (f"{stem}{suffix}", f"{stem}{suffix.upper()}"):
            if (images / candidate).is_file():
                return candidate
    raise UserError(f"{file}: its image {stem}.jpg (or another format) is not in {images}")
