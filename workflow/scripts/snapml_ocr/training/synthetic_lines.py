"""Rendered lines for characters or languages of which there are no labelled crops."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from fontTools.ttLib import TTFont
from numpy.random import Generator

from lettering import FACES, UNICASE, Style, set_line
from snapml_ocr.errors import UserError
from snapml_ocr.ocr.images import Pixels
from snapml_ocr.training.labelled_lines import Line

MAX_WORDS = 4
WITH_NEW = 0.6
"""Share of the lines that hold one of the characters to add; the others show what they are not."""

DARK_ON_LIGHT = 0.7
"""Print is mostly dark on light."""

FORMS: tuple[Callable[[str], str], ...] = (str, str.upper, str.lower, str.title)

MIN_CONTRAST = 70
"""Grey levels between letters and ground."""


@dataclass(frozen=True)
class SyntheticLines:
    """What is rendered: words drawn from a list, set in the faces of the sample images' generator."""

    words: Sequence[str]
    lines: int = 1000
    fonts: Sequence[str] = tuple(FACES)
    on_signs: bool = False
    """One word a line, its letters small, capital or as they are, light on dark as often as dark on light."""

    @classmethod
    def from_json(cls, text: str) -> "SyntheticLines":
        """Read {"words": text file, "lines": number, "fonts": names of faces}."""
        try:
            document = json.loads(text)
            file, lines = Path(document["words"]), int(document.get("lines", 1000))
            fonts = tuple(document.get("fonts") or FACES)
        except (ValueError, TypeError, KeyError):
            raise UserError(f'synthetic: {text!r} found, expected {{"words": FILE, "lines": 1000}}') from None
        unknown = sorted(set(fonts) - set(FACES))
        if unknown:
            raise UserError(f"synthetic: no face {unknown[0]!r}; there are {', '.join(FACES)}")
        try:
            words = file.read_text(encoding="utf-8").split()
        except (FileNotFoundError, UnicodeDecodeError):
            raise UserError(f"{file}: no list of words in UTF-8") from None
        if not words or lines < 1:
            raise UserError(f"{file}: no word in it" if lines > 0 else f"synthetic: lines: {lines}")
        return cls(words, lines, fonts)

    def render(self, characters: str, seed: int) -> list[Line]:
        """Return the lines; their "image" is the face, so that validation is done on other faces.

        `characters` are put into three of five lines, each equally often. The same seed gives the same lines.
        Raises `UserError` for a character that no face has.
        """
        for character in characters:
            if not any(character in _glyphs(face) for face in self.fonts):
                raise UserError(f"synthetic: none of the faces has the character {character!r}")
        lacking: Counter[str] = Counter()
        made = list(self.drawn(characters, seed, lacking))
        if len(made) < self.lines / 2:
            common = " ".join(character for character, _ in lacking.most_common(10))
            raise UserError(f"synthetic: most lines have characters that no face has; among them {common}")
        return made

    def drawn(self, characters: str, seed: int, lacking: Counter[str] | None = None) -> Iterator[Line]:
        """Yield the lines one by one, but those that no face can set, whose characters `lacking` counts."""
        for number in range(self.lines):
            rng = np.random.default_rng([seed, 5, number])
            text = self._text(characters, number, rng)
            faces = [face for face in self.fonts if _can_set(face, text)]
            if faces:
                face = faces[int(rng.integers(len(faces)))]
                picture = _rendered(text, face, rng, 0 if self.on_signs else DARK_ON_LIGHT)
                yield Line(picture, text, f"synthetic/{face}")
            elif lacking is not None:
                lacking.update(set(text))

    def _text(self, characters: str, number: int, rng: Generator) -> str:
        if self.on_signs:
            return FORMS[int(rng.integers(len(FORMS)))](self.words[int(rng.integers(len(self.words)))])
        count = int(rng.integers(1, MAX_WORDS + 1))
        words = [self.words[index] for index in rng.integers(0, len(self.words), count)]
        if characters and rng.random() < WITH_NEW:
            character = characters[number % len(characters)]
            place = int(rng.integers(len(words)))
            words[place] = _with_character(words[place], character, rng)
        return " ".join(words)


def _with_character(word: str, character: str, rng: Generator) -> str:
    """Put a character into a word, at one of its ends, or beside a number."""
    amount = f"{rng.integers(1, 1000)}{'.,'[int(rng.integers(2))]}{rng.integers(0, 100):02}"
    kind = rng.random()
    if kind < 0.25:
        return [f"{character}{amount}", f"{amount}{character}", f"{amount} {character}"][int(rng.integers(3))]
    place = int(rng.integers(len(word) + 1))
    return word[:place] + character + word[place + (kind < 0.5) :]


@cache
def _glyphs(face: str) -> frozenset[str]:
    package, stem = FACES[face].split("/")
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return frozenset()
    with TTFont(Path(spec.origin).parent / "files" / f"{stem}.ttf", lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


def _can_set(face: str, text: str) -> bool:
    return set(text) <= _glyphs(face) and not (face in UNICASE and text != text.upper())


def _rendered(text: str, face: str, rng: Generator, dark_on_light: float) -> Pixels:
    """One line as (H, W, 3) uint8 BGR: two colours, an uneven ground, margins as of a detector's boxes.

    `dark_on_light` is the share of the lines on dark ground whose colours are exchanged.
    """
    style = Style(face, int(rng.integers(24, 64)), tracking=float(rng.choice([0.0, 0.0, 0.05])))
    mask = np.asarray(set_line(text, style).mask, np.float32) / 255
    before, after, above, below = (int(share * mask.shape[0]) for share in rng.uniform(0.05, 0.35, 4))
    mask = np.pad(mask, ((above, below), (before, after)))[..., None]
    ground = rng.uniform(0, 255, 3)
    ink = rng.uniform(0, 255, 3)
    while abs(ink.mean() - ground.mean()) < MIN_CONTRAST:
        ground, ink = rng.uniform(0, 255, (2, 3))
    if rng.random() < dark_on_light and ground.mean() < ink.mean():
        ground, ink = ink, ground
    size: Any = mask.shape[1::-1]
    uneven = cv2.resize(rng.normal(0, 12, (2, 4)).astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    picture = (ground + uneven[..., None]) * (1 - mask) + ink * mask
    return np.clip(picture, 0, 255).astype(np.uint8)
