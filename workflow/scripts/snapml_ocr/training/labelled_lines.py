"""Lines to train on: cut out of labelled images, checked before the first step, split by image."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil
from pathlib import Path

import cv2
import numpy as np

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.dataset import Dataset, has_labels, open_named_dataset
from snapml_ocr.evaluate.geometry import quad_around
from snapml_ocr.ocr.crops import along_the_line, crop_quad
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.images import Pixels, UnreadableImageError, find_images, read_image
from snapml_ocr.ocr.line_input import input_length
from snapml_ocr.ocr.text_direction import as_read

FEW_LINES = 300
"""Below it letters suffer while spaces and punctuation are learned: see docs/training.md."""

KEPT_HEIGHT = 96
"""Crops are kept at most this high, twice the tallest input, so that many fit in memory."""

MAX_LISTED = 5
SHORTEST_WIDTH, MAX_WIDTH, WIDTH_STEP = 320, 384, 32


@dataclass(frozen=True)
class Line:
    """One line of text: a (H, W, 3) uint8 BGR crop, what it says, and the image it is from."""

    crop: Pixels = field(repr=False)
    text: str
    image: str


@dataclass
class Checked:
    """Lines that can be used, and why others cannot."""

    lines: list[Line]
    skipped: list[tuple[str, str, str]]
    """(image, text, reason) of every line that is left out."""
    unknown: Counter[str]
    """Characters that the dictionary lacks, with the number of lines that have them."""
    ignored: int = 0

    def table(self) -> str:
        """What was found, as text for people."""
        reasons = Counter(reason for _, _, reason in self.skipped)
        rows = [
            ("lines to use", len(self.lines)),
            ("marked as ignored", self.ignored),
            *sorted(reasons.items()),
        ]
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"  {name:<{width}}  {count}" for name, count in rows)

    def require_few_bad(self, most_percent: float) -> None:
        """Raise `UserError` when more than `most_percent` of the lines are unusable."""
        total = len(self.lines) + len(self.skipped)
        advice = ""
        if self.unknown:
            common = "".join(character for character, _ in self.unknown.most_common())
            advice = f"; --characters {common!r} adds what the dictionary lacks"
        if not self.lines:
            raise UserError(f"no line to train on; {_examples(self.skipped) or 'the data is empty'}{advice}")
        if len(self.skipped) * 100 > most_percent * total:
            raise UserError(
                f"{len(self.skipped)} of {total} lines cannot be used, at most {most_percent:g} percent may"
                f" (--bad_lines): {_examples(self.skipped)}{advice}"
            )


def read_lines(datasets: Iterable[Dataset]) -> tuple[list[Line], list[tuple[str, str, str]], int]:
    """Return the lines of labelled crops and images, what is unreadable, and how many are to be ignored."""
    lines: list[Line] = []
    unreadable: list[tuple[str, str, str]] = []
    ignored = 0
    for dataset in datasets:
        for image in dataset.images:
            words = [word for word in image.words if not word.ignore]
            ignored += len(image.words) - len(words)
            name = str(Path(dataset.folder.name) / image.name)
            try:
                pixels = read_image(dataset.path_of(image.name)) if words else None
            except UserError as error:
                reason = "damaged image" if isinstance(error, UnreadableImageError) else "missing image"
                unreadable += [(name, word.text, reason) for word in words]
                continue
            for word in words:
                assert pixels is not None
                crop = (
                    crop_quad(pixels, along_the_line(quad_around(word.outline))) if word.outline else pixels
                )
                lines.append(Line(_kept(crop), " ".join(word.text.split()), name))
    return lines, unreadable, ignored


def rehearsal_lines(name: str) -> list[Line]:
    """Return the lines of FOLDER or FOLDER:LABELS, or of a folder without labels each image as one crop."""
    folder = Path(name)
    if folder.is_dir() and not has_labels(folder):
        return [Line(_kept(read_image(path)), "", path.name) for path in find_images(folder)]
    return read_lines([open_named_dataset(name)])[0]


def check_lines(
    lines: Sequence[Line],
    dictionary: Dictionary,
    steps: int,
    unreadable: Sequence[tuple[str, str, str]] = (),
    ignored: int = 0,
) -> Checked:
    """Sort out lines that `dictionary` or an input of `steps` steps cannot be trained on, and doubles."""
    checked = Checked([], list(unreadable), Counter(), ignored)
    encoder = Encoder(dictionary)
    seen: dict[bytes, str] = {}
    for line in lines:
        digest = hashlib.sha256(line.crop.tobytes() + str(line.crop.shape).encode()).digest()
        unknown = set(line.text) - set(encoder.classes)
        checked.unknown.update(unknown)
        reason = ""
        if not line.text:
            reason = "empty text"
        elif unknown:
            reason = "characters that the dictionary lacks: " + "".join(sorted(unknown))
        elif encoder.steps_of(line.text) > steps:
            reason = f"more characters than the {steps} steps of the input"
        elif seen.get(digest) == line.text:
            reason = "the same crop twice"
        elif digest in seen:
            reason = "the same crop with another text"
        seen.setdefault(digest, line.text)
        if reason:
            checked.skipped.append((line.image, line.text, reason))
        else:
            checked.lines.append(line)
    return checked


class Encoder:
    """Texts as the classes that a recognizer writes from left to right."""

    def __init__(self, dictionary: Dictionary) -> None:
        # Of two classes for one character, such as two spaces, the models write the last.
        self.classes = {
            entry: number for number, entry in enumerate(dictionary.characters) if len(entry) == 1
        }
        self._right_to_left = dictionary.right_to_left

    def encode(self, text: str) -> list[int]:
        """Return the classes of a text; raises KeyError for characters that are not in the dictionary."""
        # PaddleOCR trains on lines whose runs were turned round; doing it twice gives the line back.
        return [
            self.classes[character]
            for character in (as_read(text, "paddleocr") if self._right_to_left else text)
        ]

    def steps_of(self, text: str) -> int:
        """Return how many steps CTC needs for a text: one for each character and one between equal ones."""
        return len(text) + sum(first == second for first, second in pairwise(text))


def split_by_image(lines: Sequence[Line], share: float, seed: int) -> tuple[list[Line], list[Line]]:
    """Return (training, validation): whole images are drawn until they hold `share` of the lines.

    Raises `UserError` for lines of one image alone.
    """
    counts = Counter(line.image for line in lines)
    if len(counts) < 2:
        raise UserError("all lines are from one image; validation needs others: give --validation")
    order = np.random.default_rng([seed, 1]).permutation(sorted(counts))
    held: set[str] = set()
    for image in order[:-1]:
        if sum(counts[name] for name in held) >= share * len(lines):
            break
        held.add(str(image))
    return [line for line in lines if line.image not in held], [line for line in lines if line.image in held]


def without_doubles(training: Sequence[Line], validation: Sequence[Line]) -> tuple[list[Line], int]:
    """Return the training lines whose crop is in no validation line, and how many are."""
    held = {line.crop.tobytes() for line in validation}
    kept = [line for line in training if line.crop.tobytes() not in held]
    return kept, len(training) - len(kept)


def width_for(lines: Sequence[Line], height: int) -> int:
    """Return an input width in pixels that nine of ten lines fit in, from 320 to 384."""
    lengths = [input_length(line.crop, height) for line in lines]
    wanted = float(np.percentile(lengths, 90)) if lengths else 0.0
    return int(min(MAX_WIDTH, max(SHORTEST_WIDTH, WIDTH_STEP * ceil(wanted / WIDTH_STEP))))


def fingerprint(lines: Iterable[Line]) -> str:
    """SHA-256 of pixels and texts."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(f"{line.crop.shape} {line.text}\n".encode() + line.crop.tobytes())
    return digest.hexdigest()


def _kept(crop: Pixels) -> Pixels:
    if crop.shape[0] <= KEPT_HEIGHT:
        return crop
    size = (max(1, round(crop.shape[1] * KEPT_HEIGHT / crop.shape[0])), KEPT_HEIGHT)
    return cv2.resize(crop, size, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def _examples(skipped: Sequence[tuple[str, str, str]]) -> str:
    shown = "; ".join(f"{image} {text!r}: {reason}" for image, text, reason in skipped[:MAX_LISTED])
    more = len(skipped) - MAX_LISTED
    return f"{shown}; and {more} more" if more > 0 else shown
