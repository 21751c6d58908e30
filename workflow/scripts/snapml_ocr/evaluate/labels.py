"""The one form every label file is read into, and the checks that all formats share."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal, TypeAlias

import shapely

from snapml_ocr.errors import UserError

Kind: TypeAlias = Literal["end_to_end", "recognition"]
"""What a dataset can measure: whole images with outlined text, or crops of one line each."""

Expected: TypeAlias = Literal["good", "bad"]
"""Whether an image should be read well: frontal and clear text is, slanted or ornamented text is not."""

Outline: TypeAlias = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Word:
    """One piece of text: its outline in pixels, clockwise from top left, and what it says.

    `ignore` marks a don't-care region. In a crop the outline is empty: the text fills the image.
    """

    outline: Outline
    text: str
    ignore: bool = False


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """Ground truth of one image; of a crop, `words` has exactly one entry."""

    name: str
    words: tuple[Word, ...]
    category: str | None = None
    expected: Expected | None = None


class Place:
    """Where in a label file something stands, to begin an error message with."""

    def __init__(self, file: Path, line: int) -> None:
        self.file, self.line = file, line

    def wrong(self, message: str) -> UserError:
        """Give the error to raise: file, line, what was found, what was expected."""
        return UserError(f"{self.file}, line {self.line}: {message}")


def checked_name(name: object, place: Place) -> str:
    """Image name as a relative POSIX path; raises `UserError` when it is none or leads out of the folder."""
    if not isinstance(name, str) or not name or "\0" in name:
        raise place.wrong(f"expected the file name of an image, found {name!r}")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise place.wrong(f"image {name!r} is outside the dataset's folder; give a path relative to it")
    return str(path)


def checked_outline(points: object, place: Place, *, corners: int | None = None) -> Outline:
    """Outline of finite [x, y] points: so many `corners`, or when that is None any number from two on.

    Two points are opposite corners of an upright rectangle. Raises `UserError` for anything else.
    """
    expected = "four [x, y] points" if corners == 4 else "two, four or more [x, y] points"
    if not isinstance(points, list) or len(points) < 2 or (corners and len(points) != corners):
        raise place.wrong(f"expected {expected} around the text, found {_short(points)}")
    outline = []
    for point in points:
        if not (isinstance(point, list) and len(point) == 2 and all(map(_is_coordinate, point))):
            raise place.wrong(f"expected {expected} in pixels, found the point {_short(point)}")
        outline.append((float(point[0]), float(point[1])))
    if len(outline) == 2:
        (left, right), (top, bottom) = map(sorted, zip(*outline, strict=True))
        return (left, top), (right, top), (right, bottom), (left, bottom)
    return tuple(outline)


def checked_text(text: object, place: Place) -> str:
    """Text of a label; raises `UserError` when it is no string."""
    if not isinstance(text, str):
        raise place.wrong(f"expected the text as a string, found {_short(text)}")
    return text


def require_distinct(images: Iterable[tuple[LabelledImage, Place]]) -> list[LabelledImage]:
    """Collect images; raises `UserError` at the second of two that have one name."""
    first_line: dict[str, int] = {}
    collected = []
    for image, place in images:
        if image.name in first_line:
            raise place.wrong(
                f"image {image.name!r} is labelled a second time; first in line {first_line[image.name]}"
            )
        first_line[image.name] = place.line
        collected.append(image)
    return collected


PLACEHOLDERS = frozenset({"\u5f85\u8bc6\u522b", "no_label"})
"""What labelling tools write until somebody enters the text; the first is PPOCRLabel's "to be recognized"."""


def is_placeholder(text: str) -> bool:
    """Whether a text says "not readable" or "not yet entered": three or more #, or the words of a tool."""
    bare = text.strip()
    return bare in PLACEHOLDERS or (len(bare) >= 3 and not bare.strip("#"))


ADJUSTMENTS = {
    "outlines_put_in_order": "outlines had their corners in another order than clockwise",
    "placeholders_ignored": "texts are placeholders and count as don't-care",
    "without_text_ignored": "outlines have no text and count as don't-care",
    "crops_left_out": "crops have no text or a placeholder and are left out",
    "no_text_at_all": "outlines, none with a text: only detection can be measured",
}
"""What may be done to labels when they are read, for people."""


def arranged(file: Path, images: Sequence[LabelledImage]) -> tuple[list[LabelledImage], dict[str, int]]:
    """Put corners in order and texts not entered aside; also say how often which of it was done.

    Outlines of four corners go clockwise from the line's own first corner where most of the file's do; then
    a line that is turned in the image stays turned. Otherwise the order is no evidence of direction, and they
    go clockwise from the top left. A placeholder, or no text where others have one, is a don't-care region; a
    crop without text is left out. Raises `UserError` when the outlines cannot be pixels around text.
    """
    counts: Counter[str] = Counter()
    words = [word for image in images for word in image.words]
    outlines = [word.outline for word in words if word.outline]
    _require_plausible(file, outlines)
    starts = Counter(_start(outline) for outline in outlines if len(outline) == 4)
    keep_starts = 2 * starts[0] > sum(starts.values())
    has_texts = any(word.text.strip() for word in words if not word.ignore)

    def entered(word: Word) -> Word:
        outline = _in_order(word.outline, keep_starts)
        counts["outlines_put_in_order"] += outline != word.outline
        ignore = word.ignore
        if not ignore and is_placeholder(word.text):
            counts["placeholders_ignored"] += bool(outline)
            ignore = True
        elif not ignore and (has_texts or not word.outline) and not word.text.strip():
            counts["without_text_ignored"] += bool(outline)
            ignore = True
        if outline is word.outline and ignore == word.ignore:
            return word
        return replace(word, outline=outline, ignore=ignore)

    kept = []
    for image in images:
        read = tuple(map(entered, image.words))
        if any(word.ignore and not word.outline for word in read):
            counts["crops_left_out"] += 1
            continue
        kept.append(image if read == image.words else replace(image, words=read))
    counts["no_text_at_all"] = 0 if has_texts else len(outlines)
    return kept, {name: count for name, count in sorted(counts.items()) if count}


def _require_plausible(file: Path, outlines: Sequence[Outline]) -> None:
    """Refuse outlines of which most have no area or are shares of the image's size."""
    empty = sum(
        not _signed_area(outline) and not shapely.MultiPoint(outline).convex_hull.area for outline in outlines
    )
    if 2 * empty > len(outlines):
        raise UserError(
            f"{file}: {empty} of {len(outlines)} outlines have no area; expected corners x, y in pixels"
        )
    if outlines and all(0 <= number <= 1 for outline in outlines for point in outline for number in point):
        raise UserError(
            f"{file}: all coordinates lie between 0 and 1, as shares of the image's size; expected pixels"
        )


def _signed_area(outline: Outline) -> float:
    """Area in square pixels, positive when the corners go clockwise on the screen, where y points down."""
    following = (*outline[1:], *outline[:1])
    pairs = zip(outline, following, strict=True)
    return sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in pairs) / 2


def _start(outline: Outline) -> int | None:
    """Place of the first corner in the clockwise order from the top left; None for another order."""
    clockwise = _clockwise(outline)
    start = clockwise.index(outline[0])
    return start if (*clockwise[start:], *clockwise[:start]) == outline else None


def _in_order(outline: Outline, keep_starts: bool) -> Outline:
    if len(outline) == 4:
        return outline if keep_starts and _start(outline) is not None else _clockwise(outline)
    if len(outline) < 6 or shapely.Polygon(outline).is_valid:
        return outline
    # Both sides written from left to right, one after the other.
    half = len(outline) // 2
    turned = (*outline[:half], *outline[: half - 1 : -1])
    return turned if shapely.Polygon(turned).is_valid else outline


def _clockwise(outline: Outline) -> Outline:
    """Corners of a quadrilateral clockwise, first the upper of the two at the left, as in `probability_map`.

    One that is not convex has no such order and is only turned clockwise.
    """
    centre_x, centre_y = (sum(values) / 4 for values in zip(*outline, strict=True))
    ring = tuple(sorted(outline, key=lambda point: math.atan2(point[1] - centre_y, point[0] - centre_x)))
    if any(_signed_area((ring[n - 2], ring[n - 1], ring[n])) < 0 for n in range(4)):
        ring = outline if _signed_area(outline) >= 0 else outline[::-1]
    first = min(sorted(ring)[:2], key=lambda point: point[1])
    start = ring.index(first)
    return (*ring[start:], *ring[:start])


MAX_COORDINATE = 1e6
"""Pixels; beyond any image, and small enough that areas stay exact."""


def _is_coordinate(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and -MAX_COORDINATE <= value <= MAX_COORDINATE
    )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
