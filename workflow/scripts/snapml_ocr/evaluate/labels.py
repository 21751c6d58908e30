"""The one form every label file is read into, and the checks that all formats share."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal, TypeAlias

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


def checked_outline(points: object, place: Place, *, at_most: int | None = 4) -> Outline:
    """Outline of four or, when `at_most` is None, of four or more finite [x, y] points.

    Raises `UserError` otherwise.
    """
    expected = "four [x, y] points" if at_most == 4 else "four or more [x, y] points"
    if not isinstance(points, list) or len(points) < 4 or (at_most and len(points) > at_most):
        raise place.wrong(f"expected {expected} around the text, found {_short(points)}")
    outline = []
    for point in points:
        if not (isinstance(point, list) and len(point) == 2 and all(map(_is_coordinate, point))):
            raise place.wrong(f"expected {expected} in pixels, found the point {_short(point)}")
        outline.append((float(point[0]), float(point[1])))
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


LARGEST_COORDINATE = 1e6
"""Pixels; beyond any image, and small enough that areas stay exact."""


def _is_coordinate(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and -LARGEST_COORDINATE <= value <= LARGEST_COORDINATE
    )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
