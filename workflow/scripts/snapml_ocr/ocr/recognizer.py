"""Read the text of line crops with fixed-width recognizers."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from snapml_ocr.errors import UserError
from snapml_ocr.ocr.ctc import Decoded, decode
from snapml_ocr.ocr.dictionary import SPACE, Dictionary
from snapml_ocr.ocr.dictionary_metadata import from_metadata, has_dictionary
from snapml_ocr.ocr.fixed_shape import FixedShapeModel, open_at_shapes
from snapml_ocr.ocr.images import Pixels
from snapml_ocr.ocr.line_input import input_length, scale_line
from snapml_ocr.ocr.line_split import split_columns
from snapml_ocr.ocr.normalisation import RECOGNITION, Normalisation
from snapml_ocr.ocr.spaces import insert_spaces
from snapml_ocr.ocr.text_direction import BidiOrder, logical_order
from snapml_ocr.plan.reader_options import DEFAULTS
from snapml_ocr.plan.space_rule import SpaceRule
from snapml_ocr.runtime.kept_classes import KeptClasses
from snapml_ocr.runtime.score_output import WithSoftmax, gives_scores

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
    retry_below: float = DEFAULTS.retry_below
    """A line read with a lower score is read again, stretched, and the surer reading counts; 0 never does."""
    space_recovery: bool = True
    """Spaces that the recognizer saw and did not write are inserted, see `spaces`."""
    bidi_order: BidiOrder = "unicode"
    """How right-to-left lines are put in order: by the bidirectional algorithm, or as PaddleOCR does."""


MAX_SQUEEZE = 1.3
"""A line up to so many times longer than the widest input is shrunk to fit; a longer one is split at gaps."""

RETRY_STRETCH = 1.3
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


class Look(NamedTuple):
    """One run of a recognizer on a line."""

    decoded: Decoded
    space: NDArray[np.float32]
    """(steps,) probability of the space; zero where there is no class for it or it is not allowed."""
    grey: Pixels
    """(height, length), the line as it lies at the left of the input."""
    columns_per_step: float


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
        space_rule: SpaceRule | None = None,
        shapes: Sequence[tuple[int, int]] = (),
        settings: RecognizerSettings | None = None,
        threads: int = 2,
    ) -> None:
        self._inputs = open_at_shapes(models, shapes, threads=threads, default=DEFAULT_SHAPE)
        heights = sorted({one.height for one in self._inputs})
        if len(heights) > 1:
            raise UserError(f"recognizers of different heights ({heights}): give one model at several widths")
        self._settings = settings or RecognizerSettings()
        self._space_rule = space_rule or SpaceRule()
        self._dictionary = (
            dictionary if isinstance(dictionary, Dictionary) else _own_dictionary(self._inputs, dictionary)
        )
        self._inputs = [_checked(one, trained_with or self._dictionary) for one in self._inputs]
        for doubt in doubts_about(trained_with or self._dictionary, self._inputs[0]):
            print(f"warning: {doubt}", file=sys.stderr)
        if trained_with is not None:
            kept = trained_with.classes_of(self._dictionary)
            self._inputs = [replace(one, model=KeptClasses(one.model, kept)) for one in self._inputs]
        self._allowed = None
        if self._settings.allowed is not None:
            self._allowed = self._dictionary.allowed_classes(self._settings.allowed)
        self._space_classes = [
            number
            for number, written in enumerate(self._dictionary.characters)
            if written == SPACE and (self._allowed is None or self._allowed[number])
        ]

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """(height, width) of the inputs, narrowest first."""
        return [(one.height, one.width) for one in self._inputs]

    def read(self, crop: Pixels, *, retry: bool = True) -> Reading:
        """Return the text of a (H, W, 3) uint8 BGR crop that holds one line, its left end at the left.

        Without `retry` it is read once, however unsure that is.
        """
        seen = self._read_left_to_right(crop, retry)
        if not self._dictionary.right_to_left:
            return seen
        return seen.from_right_to_left(self._settings.bidi_order)

    def _read_left_to_right(self, crop: Pixels, retry: bool) -> Reading:
        widest = self._inputs[-1]
        length = input_length(crop, self._inputs[0].height)
        if length <= MAX_SQUEEZE * widest.width:
            return self._read_whole(crop, retry)
        most = int(widest.width * crop.shape[0] / widest.height)
        return self._read_parts(crop, split_columns(crop, most), retry)

    def _read_whole(self, crop: Pixels, retry: bool) -> Reading:
        return self._reading(self.best_look(crop, retry=retry))

    def best_look(self, crop: Pixels, *, retry: bool = True) -> Look:
        """Run once on a crop that no input is too narrow for, and with `retry` again when that is not sure.

        Returns the surer of the two.
        """
        length = input_length(crop, self._inputs[0].height)
        first = self.look_at(crop)
        stretched = ceil(RETRY_STRETCH * length)
        is_sure = not retry or first.decoded.score >= self._settings.retry_below
        if is_sure or stretched > self._inputs[-1].width:
            return first
        return max(first, self.look_at(crop, stretched), key=lambda look: look.decoded.score)

    def look_at(self, crop: Pixels, length: int | None = None) -> Look:
        """Run once on a (H, W, 3) uint8 BGR crop, scaled to the input's height and `length` pixels width.

        By default the length is the crop's own; both are made to fit the widest input.
        """
        length = length or input_length(crop, self._inputs[0].height)
        model = next((one for one in self._inputs if one.width >= length), self._inputs[-1])
        scaled = scale_line(crop, model.height, min(length, model.width))
        # Zero after normalisation, the padding of the training.
        tensor = np.zeros((1, 3, model.height, model.width), np.float32)
        tensor[:, :, :, : scaled.shape[1]] = self._settings.normalisation.tensor(scaled)
        probabilities = model.run(tensor)[0]
        decoded = decode(probabilities, self._dictionary, self._allowed)
        space = probabilities[:, self._space_classes].sum(axis=1)
        grey = cv2.cvtColor(scaled, cv2.COLOR_BGR2GRAY)
        # Steps divide the input evenly.
        return Look(decoded, space, grey, model.width / len(probabilities))  # type: ignore[arg-type]

    def _reading(self, look: Look) -> Reading:
        decoded, length = look.decoded, look.grey.shape[1]
        if self._settings.space_recovery and self._space_classes:
            decoded = insert_spaces(decoded, look.space, look.grey, look.columns_per_step, self._space_rule)
        # What lies in the padding belongs to the end of the crop.
        steps = np.array([decoded.starts, decoded.ends]).T * (look.columns_per_step / length)
        spans = tuple((float(start), float(end)) for start, end in np.minimum(1.0, steps))
        return Reading(decoded.text, decoded.confidences, spans)

    def _read_parts(self, crop: Pixels, parts: list[tuple[int, int, bool]], retry: bool) -> Reading:
        """Read the parts of a long line one by one and put their texts together."""
        text = ""
        confidences: tuple[float, ...] = ()
        spans: tuple[tuple[float, float], ...] = ()
        whole = crop.shape[1]
        for start, end, is_word_gap in parts:
            reading = self._read_whole(crop[:, start:end], retry)
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


def doubts_about(dictionary: Dictionary, one: FixedShapeModel) -> list[str]:
    """Say what speaks against a dictionary that has as many entries as a model needs.

    That the model carries another one, or lines which do not belong into it.
    """
    metadata = one.model.metadata
    if has_dictionary(metadata):
        own = from_metadata(metadata, one.path, space=dictionary.space)
        if different := dictionary.difference(own):
            return [f"{dictionary.source} overrules the dictionary that {one.path} carries: {different}"]
        return []
    flaw = dictionary.flaw(len(dictionary.characters))
    return [f"{dictionary.source}: {flaw}"] if flaw else []


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
