"""What was read of an image: the page, its lines and their words."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from snapml_ocr.ocr.probability_map import Quad


@dataclass(frozen=True)
class Word:
    """A word of a line: its quad, estimated from where its characters were read."""

    quad: Quad
    text: str
    confidences: tuple[float, ...]

    @property
    def score(self) -> float:
        """Mean confidence of the characters."""
        return float(np.mean(self.confidences))


@dataclass(frozen=True)
class Line:
    """A line of text: (4, 2) quad in image pixels, clockwise from top left as it is read."""

    quad: Quad
    det_score: float
    text: str = ""
    confidences: tuple[float, ...] = ()
    words: tuple[Word, ...] = ()

    @property
    def score(self) -> float:
        """Mean confidence of the characters; 0.0 for no text."""
        return float(np.mean(self.confidences)) if self.confidences else 0.0


@dataclass(frozen=True)
class Page:
    """What was read of one image; `error` says why an image could not be read at all."""

    image: str
    width: int = 0
    height: int = 0
    lines: tuple[Line, ...] = ()
    error: str | None = None
    source: Path | None = field(default=None, compare=False)
