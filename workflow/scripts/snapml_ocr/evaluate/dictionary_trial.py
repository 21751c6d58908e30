"""Try a dictionary on labelled lines: one of another model reads nonsense, and with high confidence."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from snapml_ocr.evaluate.dataset import open_dataset
from snapml_ocr.evaluate.geometry import quad_around
from snapml_ocr.evaluate.texts import alphanumeric, similarity
from snapml_ocr.ocr.crops import along_the_line, crop_quad
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.images import read_image
from snapml_ocr.ocr.recognizer import Recognizer, RecognizerSettings

LINES = 24
"""Lines that are read; a model reads most of them, with another's dictionary none."""

SURE = 0.6
"""Mean confidence from which a model is taken to know the script of the lines."""

RIGHT, WRONG = 0.5, 0.3
"""Mean 1-NED (letters and digits) from which a dictionary is the model's, and below which it is not. With
their own the recognizers of this project come to 0.95 and more, with another order to 0.02 to 0.08."""


@dataclass(frozen=True)
class Trial:
    """What was read of so many lines."""

    lines: int
    confidence: float
    similarity: float
    offset: int | None
    """By how many classes most characters are off, when it is one number for most."""
    example: tuple[str, str]
    """A text and what was read instead."""

    @property
    def verdict(self) -> bool | None:
        """Whether it is the model's dictionary; None when the lines do not tell."""
        if self.similarity >= RIGHT:
            return True
        return False if self.confidence >= SURE and self.similarity < WRONG else None

    def __str__(self) -> str:
        truth, read = self.example
        found = f"{self.lines} sample lines read with confidence {self.confidence:.2f}"
        text = f"{found}, {self.similarity:.0%} of letters and digits right (as {read!r} for {truth!r})"
        return text + (f"; most are off by {self.offset} lines of the file" if self.offset else "")


def try_dictionary(
    models: Sequence[Path], dictionary: Dictionary, folder: Path, shapes: Sequence[tuple[int, int]]
) -> Trial | None:
    """Read lines of a labelled folder whose characters the dictionary has; None when it has hardly any.

    `shapes` are (height, width) for dynamic models.
    """
    dataset = open_dataset(folder)
    known = set("".join(dictionary.characters)) | {" "}
    lines = [
        (image.name, word)
        for image in dataset.images
        if image.expected != "bad"
        for word in image.words
        if not word.ignore and len(alphanumeric(word.text)) >= 4 and set(word.text) <= known
    ]
    if len(lines) < LINES // 2:
        return None
    spread = np.linspace(0, len(lines) - 1, min(LINES, len(lines))).round().astype(int).tolist()
    recognizer = Recognizer(models, dictionary, shapes=shapes, settings=RecognizerSettings(retry_below=0))
    pairs, scores = [], []
    for name, word in (lines[index] for index in spread):
        pixels = read_image(dataset.path_of(name))
        crop = crop_quad(pixels, along_the_line(quad_around(word.outline))) if word.outline else pixels
        reading = recognizer.read(crop)
        pairs.append((word.text, reading.text))
        scores.append(reading.score)
    likeness = [similarity(alphanumeric(truth), alphanumeric(read)) for truth, read in pairs]
    example = pairs[int(np.argmin(likeness))]
    return Trial(
        len(pairs), float(np.mean(scores)), float(np.mean(likeness)), _offset(pairs, dictionary), example
    )


def _offset(pairs: Sequence[tuple[str, str]], dictionary: Dictionary) -> int | None:
    """By how many classes what was read is before or behind what is there, in texts of the same length."""
    number = {entry: index for index, entry in reversed(list(enumerate(dictionary.characters)))}
    offsets = Counter(
        number[one] - number[other]
        for truth, read in pairs
        if len(truth) == len(read)
        for one, other in zip(read, truth, strict=True)
        if one in number and other in number
    )
    if not offsets:
        return None
    most, count = offsets.most_common(1)[0]
    return most if 2 * count > offsets.total() else None
