"""Detection and reading together: a match counts when its text is equal too."""

from collections.abc import Sequence
from dataclasses import dataclass

from snapml_ocr.evaluate.detection import Matching, match
from snapml_ocr.evaluate.geometry import Points
from snapml_ocr.evaluate.labels import Word
from snapml_ocr.evaluate.texts import COMPARISONS, similarity


@dataclass(frozen=True)
class ReadImage:
    """The score of one image: what was matched, and of the matches how many texts are equal."""

    matching: Matching
    correct: dict[str, int]
    """Matches with equal text, by comparison (see `texts.COMPARISONS`)."""
    similarity: float
    """Sum of 1-NED over the matches."""


def score_image(words: Sequence[Word], quads: Sequence[Points], texts: Sequence[str]) -> ReadImage:
    """Score the lines found in one image: `quads[i]` says `texts[i]`."""
    matching = match(words, quads)
    pairs = [(words[truth].text, texts[detection]) for truth, detection in matching.pairs]
    correct = {
        name: sum(form(truth) == form(read) for truth, read in pairs) for name, form in COMPARISONS.items()
    }
    return ReadImage(matching, correct, sum(similarity(truth, read) for truth, read in pairs))
