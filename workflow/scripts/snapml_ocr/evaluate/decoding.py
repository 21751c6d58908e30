"""What the output of a model says in the end, by which outputs are compared: boxes, texts, orientation."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.ocr.ctc import decode
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.dictionary_metadata import from_metadata
from snapml_ocr.ocr.probability_map import BoxSettings, find_boxes
from snapml_ocr.ocr.text_direction import as_read

Output = NDArray[np.float32]

SAME_CORNER = 0.5
"""Input pixels by which a corner may move in a box that counts as the same."""


class Decoder(Protocol):
    """Turns the first output of a model for one sample into what a user sees."""

    threshold: float | None
    """Threshold of a probability map; None where the last axis holds classes."""

    def decode(self, output: Output) -> Any:
        """Decoded form of one output."""

    def equal(self, one: Any, other: Any) -> bool:
        """Whether two decoded forms are the same to a user."""


class BoxDecoder:
    """Boxes of a detector's (1, 1, H, W) map."""

    def __init__(self, settings: BoxSettings | None = None) -> None:
        self._settings = settings or BoxSettings()
        self.threshold: float | None = self._settings.threshold

    def decode(self, output: Output) -> NDArray[np.float64]:
        """(N, 4, 2) corners in input pixels."""
        boxes = find_boxes(output[0, 0], self._settings)
        return np.asarray([box.quad for box in boxes]).reshape(-1, 4, 2)

    def equal(self, one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
        """As many boxes, each in its place."""
        return one.shape == other.shape and bool(np.all(np.abs(one - other) <= SAME_CORNER))


class TextDecoder:
    """Text of a recognizer's (1, T, classes) probabilities."""

    threshold: float | None = None

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary

    def decode(self, output: Output) -> str:
        """Greedy CTC text; raises `UserError` when the dictionary is not the model's."""
        self._dictionary.require_classes(output.shape[-1], Path("the model"))
        seen = decode(output[0], self._dictionary).text
        return as_read(seen) if self._dictionary.right_to_left else seen

    def equal(self, one: str, other: str) -> bool:
        """The same characters."""
        return one == other


class OrientationDecoder:
    """Orientation of a classifier's (1, 2) probabilities: 0 upright, 1 upside down."""

    threshold: float | None = None

    def decode(self, output: Output) -> int:
        """Index of the likelier orientation."""
        return int(output[0].argmax())

    def equal(self, one: int, other: int) -> bool:
        """The same orientation."""
        return one == other


def decoder_for(
    task: str,
    boxes: BoxSettings,
    dictionary: Dictionary | None = None,
    model: Path = Path("the model"),
    metadata: Mapping[str, str] | None = None,
) -> Decoder:
    """Give the decoder of a task: boxes by their settings, texts by a dictionary, else by the model's own.

    Raises `UserError` when a recognizer comes without dictionary.
    """
    if task == "detection":
        return BoxDecoder(boxes)
    if task == "classification":
        return OrientationDecoder()
    return TextDecoder(dictionary or from_metadata(metadata or {}, model))
