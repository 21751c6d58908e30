"""Which pictures there are: name, category, and the scene with what is written on it."""

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

from numpy.random import Generator, default_rng

from generator.photo import Photo


@dataclass(frozen=True)
class Sample:
    """One picture; `name` is its file name."""

    name: str
    category: str
    paint: Callable[[Generator], Photo]
    quality: int = 80
    """JPEG quality."""

    def rng(self) -> Generator:
        """A generator of the picture's own, so that adding one picture changes no other."""
        return default_rng([2024, crc32(self.name.encode())])


def samples() -> list[Sample]:
    """All pictures in the order of labels.json."""
    from generator.content import billboards, books, dense, plates, slanted, spaces, stylised

    categories = (plates, billboards, books, slanted, stylised, spaces, dense)
    return [sample for category in categories for sample in category.samples()]
