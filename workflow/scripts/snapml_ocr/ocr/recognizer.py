"""Read the text of line crops with fixed-width recognizers."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

import numpy as np

from snapml_ocr.errors import UserError
from snapml_ocr.ocr.ctc import Decoded, decode
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.fixed_shape import FixedShapeModel, open_at_shapes
from snapml_ocr.ocr.images import Pixels
from snapml_ocr.ocr.line_input import input_length, scale_line
from snapml_ocr.ocr.line_split import split_columns
from snapml_ocr.ocr.normalisation import RECOGNITION, Normalisation
from snapml_ocr.ocr.text_direction import BidiOrder, logical_order
from snapml_ocr.runtime.kept_classes import KeptClasses
from snapml_ocr.runtime.scores import WithSoftmax, gives_scores

DEFAULT_SHAPE = (32, 320)
"""The published recognizers' own training width, for a dynamic model without any shape given."""

DictionaryOf = Callable[[Mapping[str, str], Path], Dictionary]
"""Makes the dictionary out of a model's metadata; raises `UserError` with the path when there is none."""


@dataclass(frozen=True)
class RecognizerSettings:
    """What is done before and after the recognizer."""

    normalisation: Normalisation = RECOGNITION
    allowed: str | None = None
    """Only these characters are written; None allows all."""
    second_look_below: float = 0.9
    """A line read with a lower score is read again, stretched, and the surer reading counts; 0 never does."""
    bidi_order: BidiOrder = "unicode"
    """How right-to-left lines are put in order: by the bidirectional algorithm, or as PaddleOCR does."""


MOST_SQUEEZE = 1.3
"""A line up to so many times longer than the widest input is shrunk to fit; a longer one is split at gaps."""

SECOND_LOOK_STRETCH = 1.3
"""Narrow letters get more steps of the recognizer that way; the best of the factors swept in docs/ocr.md."""


@dataclass(frozen=True)
class Reading:
    """The text of a crop; `spans` are each character's start and end as fractions of the crop's length."""

    text: str
    confidences: tuple[float, ...]
    spans: tuple[tuple[float, float], ...]

    @property
    def score(self) -> float:
        """Mean probability of the characters; 0.0 for no text."""
        return float(np.mean(self.confidences)) if self.confidences else 0.0

    def from_right_to_left(self, bidi_order: BidiOrder = "unicode") -> "Reading":
        """Return the reading of a right-to-left line: its characters in the order in which they are read."""
        text, order = logical_order(self.text, bidi_order)
        return Reading(
            text,
            tuple(self.confidences[index] for index in order),
            tuple(self.spans[index] for index in order),
        )


class Recognizer:
    """Recognizers of several widths; every crop goes to the smallest that holds it.

    `dictionary` is what they write, or what reads it from their metadata. Models whose classes are those of
    the dictionary they were `trained_with` are read as if they had been cut to `dictionary`.
    """

    def __init__(
        self,
        models: Sequence[Path],
        dictionary: Dictionary | DictionaryOf,
        *,
        trained_with: Dictionary | None = None,
        shapes: Sequence[tuple[int, int]] = (),
        settings: RecognizerSettings | None = None,
        threads: int = 2,
    ) -> None:
        self._inputs = open_at_shapes(models, shapes, threads=threads, default=DEFAULT_SHAPE)
        heights = sorted({one.height for one in self._inputs})
        if len(heights) > 1:
            raise UserError(f"recognizers of different heights ({heights}): give one model at several widths")
        self._settings = settings or RecognizerSettings()
        self._dictionary = (
            dictionary if isinstance(dictionary, Dictionary) else _own_dictionary(self._inputs, dictionary)
        )
        self._inputs = [_checked(one, trained_with or self._dictionary) for one in self._inputs]
        if trained_with is not None:
            kept = trained_with.classes_of(self._dictionary)
            self._inputs = [replace(one, model=KeptClasses(one.model, kept)) for one in self._inputs]
        self._allowed = None
        if self._settings.allowed is not None:
            self._allowed = self._dictionary.allowed_classes(self._settings.allowed)

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """(height, width) of the inputs, narrowest first."""
        return [(one.height, one.width) for one in self._inputs]

    def read(self, crop: Pixels) -> Reading:
        """Return the text of a (H, W, 3) uint8 BGR crop that holds one line, its left end at the left."""
        seen = self._read_left_to_right(crop)
        if not self._dictionary.right_to_left:
            return seen
        return seen.from_right_to_left(self._settings.bidi_order)

    def _read_left_to_right(self, crop: Pixels) -> Reading:
        widest = self._inputs[-1]
        length = input_length(crop, self._inputs[0].height)
        if length <= MOST_SQUEEZE * widest.width:
            return self._read_whole(crop)
        return self._read_parts(crop, split_columns(crop, int(widest.width * crop.shape[0] / widest.height)))

    def _read_whole(self, crop: Pixels) -> Reading:
        """Read a crop, and again when that is not sure."""
        length = input_length(crop, self._inputs[0].height)
        first = self._read_at(crop, length)
        stretched = ceil(SECOND_LOOK_STRETCH * length)
        if first.score >= self._settings.second_look_below or stretched > self._inputs[-1].width:
            return first
        return max(first, self._read_at(crop, stretched), key=lambda reading: reading.score)

    def _read_at(self, crop: Pixels, length: int) -> Reading:
        """Read a crop scaled to the input's height and `length` pixels width, or less where it must fit."""
        model = next((one for one in self._inputs if one.width >= length), self._inputs[-1])
        length = min(length, model.width)
        decoded, steps = self._decoded(model, crop, length)
        # Steps divide the input evenly; what lies in the padding belongs to the end of the crop.
        to_fraction = model.width / (steps * length)
        return Reading(
            decoded.text,
            decoded.confidences,
            tuple(
                (min(1.0, start * to_fraction), min(1.0, end * to_fraction))
                for start, end in zip(decoded.starts, decoded.ends, strict=True)
            ),
        )

    def _decoded(self, model: FixedShapeModel, crop: Pixels, length: int) -> tuple[Decoded, int]:
        scaled = scale_line(crop, model.height, length)
        # Zero after normalisation, the padding of the training.
        tensor = np.zeros((1, 3, model.height, model.width), np.float32)
        tensor[:, :, :, :length] = self._settings.normalisation.tensor(scaled)
        probabilities = model.run(tensor)[0]
        return decode(probabilities, self._dictionary, self._allowed), len(probabilities)

    def _read_parts(self, crop: Pixels, parts: list[tuple[int, int, bool]]) -> Reading:
        """Read the parts of a long line one by one and put their texts together."""
        text = ""
        confidences: tuple[float, ...] = ()
        spans: tuple[tuple[float, float], ...] = ()
        whole = crop.shape[1]
        for start, end, is_word_gap in parts:
            reading = self._read_whole(crop[:, start:end])
            if is_word_gap and text and reading.text:
                text, confidences = f"{text} ", (*confidences, 1.0)
                spans = (*spans, (start / whole, start / whole))
            text += reading.text
            confidences += reading.confidences
            spans += tuple(
                ((start + first * (end - start)) / whole, (start + last * (end - start)) / whole)
                for first, last in reading.spans
            )
        return Reading(text, confidences, spans)


def _own_dictionary(inputs: Sequence[FixedShapeModel], dictionary_of: DictionaryOf) -> Dictionary:
    first, *others = ((one.path, dictionary_of(one.model.metadata, one.path)) for one in inputs)
    for path, dictionary in others:
        if dictionary.characters != first[1].characters:
            raise UserError(
                f"{path} carries another dictionary than {first[0]}: give one model at several widths"
            )
    return first[1]


def _checked(one: FixedShapeModel, dictionary: Dictionary) -> FixedShapeModel:
    """Return a recognizer with as many classes as the dictionary, its scores made probabilities."""
    output = one.run(np.zeros((1, 3, one.height, one.width), np.float32))
    if output.ndim != 3 or output.shape[0] != 1:
        raise UserError(
            f"{one.path}: output of shape {output.shape}, expected (1, steps, classes); is it a recognizer?"
        )
    dictionary.require_classes(output.shape[2], one.path)
    if not gives_scores(output):
        return one
    print(f"{one.path.name}: gives scores and no probabilities; their softmax is used", file=sys.stderr)
    return replace(one, model=WithSoftmax(one.model))
