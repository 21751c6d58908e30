"""Read the lines of a page whichever way up they are.

Every line is first read in the direction of the page, which is taken for upright until lines say otherwise.
As long as the page's direction is not known, and for boxes whose slope or shape leaves doubt, the other ways
are tried too, unless the first one reads surely; so they are for lines of which little is read. Long lines
come first, as they are the surest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from snapml_ocr.ocr.crops import VERTICAL_RATIO, crop_quad, part_of_quad
from snapml_ocr.ocr.ctc import word_spans
from snapml_ocr.ocr.dictionary import SPACE
from snapml_ocr.ocr.directions import (
    ALIGNED,
    angle_between,
    direction,
    is_elongated,
    main_direction,
    turned,
    upright,
    ways_to_read,
)
from snapml_ocr.ocr.images import Pixels
from snapml_ocr.ocr.orientation import OrientationClassifier
from snapml_ocr.ocr.page import Line, Word
from snapml_ocr.ocr.probability_map import Box, Quad, side_lengths
from snapml_ocr.ocr.recognizer import Reading, Recognizer
from snapml_ocr.ocr.stacked import side_by_side
from snapml_ocr.ocr.steps import LINES, step

SURE, MANY = 0.9, 7
"""So many letters read upside down score less, and lines read as they stand mostly more: docs/ocr.md has the
figures. Fewer letters may look right upside down, as those that do not are left out."""

SPARSE = 0.8
"""Less certainty than this for each square of a box is sparse: of a line upside down most letters are left
out, and the others are doubtful."""

EVIDENCE = 3.0
"""Certainty, in characters, from which the page's direction is known: one sure line of seven letters."""


class Attempt(NamedTuple):
    """A box read in one way."""

    quad: Quad
    reading: Reading
    is_stacked: bool = False

    @property
    def letters(self) -> int:
        """Number of characters but spaces, which stand for whatever was not read, too."""
        return len(self.reading.text) - self.reading.text.count(SPACE)

    @property
    def certainty(self) -> float:
        """Sum over the characters of the confidence above one half: it grows with what is read, not only
        with how surely, as a line upside down may show one letter that looks right.
        """
        return sum(confidence - 0.5 for confidence in self.reading.confidences)


def evidence(attempts: Sequence[Attempt]) -> float:
    """Return what the attempts at one line, the best first, say of the page's direction, in characters."""
    best, *others = attempts
    return max(0.0, best.certainty - max((one.certainty for one in others), default=0.0))


@dataclass
class PageDirection:
    """The direction of a page, from the lines read so far."""

    angle: float = 0.0
    is_known: bool = False
    _directions: list[float] = field(default_factory=list)
    _weights: list[float] = field(default_factory=list)

    def add(self, attempts: Sequence[Attempt]) -> None:
        """Take the attempts at one line for evidence, the best of them first."""
        best = attempts[0]
        if best.is_stacked or not is_elongated(best.quad) or best.letters == 0:
            return
        self._directions.append(direction(best.quad))
        self._weights.append(evidence(attempts))
        self.angle, support = main_direction(self._directions, self._weights)
        self.is_known = support >= EVIDENCE


class LineReader:
    """Reads boxes with a recognizer and, where there is one, asks the classifier which end comes first."""

    def __init__(self, recognizer: Recognizer, classifier: OrientationClassifier | None = None) -> None:
        self._recognizer, self._classifier = recognizer, classifier

    @step(LINES)
    def read_page(self, pixels: Pixels, boxes: Sequence[Box]) -> list[Line]:
        """Return the line of each box of a (H, W, 3) uint8 BGR page, in the order of the boxes."""
        page = PageDirection()
        best: dict[int, Attempt] = {}
        for index in sorted(range(len(boxes)), key=lambda one: (-_squares(boxes[one].quad), one)):
            attempts = self._attempts(pixels, boxes[index].quad, page)
            page.add(attempts)
            best[index] = attempts[0]
        for index, attempt in best.items():
            # Read before the page's direction was known, and against it.
            if angle_between(direction(attempt.quad), page.angle) > 90 and attempt.reading.score < SURE:
                best[index] = self._attempts(pixels, boxes[index].quad, page)[0]
        return [_line(best[index], box.score) for index, box in enumerate(boxes)]

    @step(LINES)
    def read_crop(self, pixels: Pixels) -> Line:
        """Return the line of a crop that shows nothing else and is not upside down, as far as is known."""
        height, width = pixels.shape[:2]
        whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
        page = PageDirection(is_known=self._classifier is None)
        return _line(self._attempts(pixels, whole, page)[0], 1.0)

    def _attempts(self, pixels: Pixels, quad: Quad, page: PageDirection) -> list[Attempt]:
        """Return the box read in one or several ways, the surest first."""
        ways = self._ordered_ways(pixels, quad, page)
        first = Attempt(ways[0], self._recognizer.read(crop_quad(pixels, ways[0])))
        attempts = [first]
        for attempt in self._others(pixels, self._ways_in_doubt(first, ways, page), page):
            # The page's word counts for more than a reading that is not sure.
            if not page.is_known or attempt.reading.score >= SURE:
                attempts.append(attempt)
        attempts.sort(key=lambda one: -one.certainty)
        best = attempts[0]
        if best is not first and not best.is_stacked:
            attempts[0] = Attempt(best.quad, self._recognizer.read(crop_quad(pixels, best.quad)))
        return attempts

    def _ways_in_doubt(
        self, first: Attempt, ways: Sequence[Quad], page: PageDirection
    ) -> Sequence[Quad] | None:
        """Return the ways in which a box is to be read too after the first one; None when that one stands."""
        score, letters = first.reading.score, first.letters
        if not page.is_known:
            is_sure = score >= SURE and letters >= MANY
        elif is_elongated(first.quad):
            is_aligned = angle_between(direction(first.quad), page.angle) <= ALIGNED
            is_sparse = letters > 0 and score < SURE and first.certainty < SPARSE * _squares(first.quad)
            is_sure = (is_aligned and not is_sparse) or score >= SURE
        elif letters > 0:
            is_sure = True
        else:
            return ways[1:2]  # a nearly square box: its text may run down
        return None if is_sure else ways[1:]

    def _others(self, pixels: Pixels, ways: Sequence[Quad] | None, page: PageDirection) -> Iterator[Attempt]:
        """Yield the other ways, read once each, until one reads surely."""
        if ways is None:
            return
        for way in ways:
            yield (attempt := Attempt(way, self._recognizer.read(crop_quad(pixels, way), retry=False)))
            if attempt.reading.score >= SURE:
                return
        standing = upright(ways[0], page.angle)
        width, height = side_lengths(standing)
        if height >= VERTICAL_RATIO * width:
            letters = side_by_side(crop_quad(pixels, standing))
            if letters is not None:
                yield Attempt(standing, self._recognizer.read(letters), is_stacked=True)

    def _ordered_ways(self, pixels: Pixels, quad: Quad, page: PageDirection) -> list[Quad]:
        """Return the ways to read a box, the likeliest first."""
        ways = ways_to_read(quad, page.angle)
        if self._classifier is not None and not page.is_known:
            opposite = next(index for index, way in enumerate(ways) if np.allclose(way, turned(ways[0], 2)))
            if self._classifier.is_upside_down(crop_quad(pixels, ways[0])):
                ways[0], ways[opposite] = ways[opposite], ways[0]
        return ways


def _squares(quad: Quad) -> float:
    """How many squares fit into a box: at least about as many letters do."""
    width, height = side_lengths(quad)
    return max(width, height) / max(1.0, min(width, height))


def _line(attempt: Attempt, det_score: float) -> Line:
    quad, reading = attempt.quad, attempt.reading
    return Line(quad, det_score, reading.text, reading.confidences, _words(quad, reading, attempt.is_stacked))


def _words(quad: Quad, reading: Reading, is_stacked: bool = False) -> tuple[Word, ...]:
    """Return the words of a line, as they are read, with quads cut from the line's own."""
    words = []
    for first, last in word_spans(reading.text):
        extent = _extent(reading.spans, first, last)
        # Stacked letters follow one another along the quad's other side.
        part = (
            turned(part_of_quad(turned(quad, 1), *extent), -1) if is_stacked else part_of_quad(quad, *extent)
        )
        words.append(Word(part, reading.text[first:last], reading.confidences[first:last]))
    return tuple(words)


def _extent(spans: Sequence[tuple[float, float]], first: int, last: int) -> tuple[float, float]:
    """Return the left and right end of characters [first, last) as fractions of the line.

    CTC fires somewhere inside a character: a word's border is half way to the neighbouring character, at
    the ends of the line the line's own. In a right-to-left line the neighbour to the left is the next one.
    """
    left = min(start for start, _ in spans[first:last])
    right = max(end for _, end in spans[first:last])
    others = [*spans[:first], *spans[last:]]
    before = [end for _, end in others if end <= left]
    after = [start for start, _ in others if start >= right]
    return (max(before) + left) / 2 if before else 0.0, (right + min(after)) / 2 if after else 1.0
