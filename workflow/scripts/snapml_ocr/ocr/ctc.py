"""Greedy CTC decoding with a confidence and a position for every character.

Graves et al., "Connectionist Temporal Classification", ICML 2006: the best class of each step, repeats
merged, blanks removed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.ocr.dictionary import BLANK, Dictionary


@dataclass(frozen=True)
class Decoded:
    """A text with, for each character, its probability and the steps [start, end) it was read from."""

    text: str
    confidences: tuple[float, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @property
    def score(self) -> float:
        """Mean probability of the characters; 0.0 for no text."""
        return float(np.mean(self.confidences)) if self.confidences else 0.0


def decode(
    probabilities: NDArray[np.float32],
    dictionary: Dictionary,
    allowed: NDArray[np.bool_] | None = None,
) -> Decoded:
    """Decode the (T, classes) float32 output of one line.

    The confidence of a character is that of the first of its steps. With `allowed`, a (classes,) mask,
    each step takes the best of the allowed classes, so that a look-alike outside the set gives way to the
    one inside it.
    """
    if allowed is not None:
        probabilities = np.where(allowed, probabilities, np.float32(-1.0))
    classes = probabilities.argmax(axis=1)
    changes = np.flatnonzero(np.diff(classes, prepend=-1))
    ends = np.append(changes[1:], len(classes))
    written = classes[changes] != BLANK
    starts, ends, classes = changes[written], ends[written], classes[changes[written]]
    text, confidences, first_steps, last_steps = [], [], [], []
    for start, end, label in zip(starts, ends, classes, strict=True):
        for character in dictionary.characters[label]:  # empty for a class that writes nothing
            text.append(character)
            confidences.append(float(probabilities[start, label]))
            first_steps.append(int(start))
            last_steps.append(int(end))
    return Decoded("".join(text), tuple(confidences), tuple(first_steps), tuple(last_steps))


def word_spans(text: str) -> list[tuple[int, int]]:
    """Return the [first, past last) character indices of the words of a text, which are separated by
    spaces.
    """
    spans: list[tuple[int, int]] = []
    start: int | None = None
    for index, character in enumerate(text):
        if character.isspace():
            if start is not None:
                spans.append((start, index))
            start = None
        elif start is None:
            start = index
    if start is not None:
        spans.append((start, len(text)))
    return spans
