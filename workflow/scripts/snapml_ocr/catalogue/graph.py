"""What an exported graph does, found by running it: its task, its classes, the sizes it takes."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.errors import UserError
from snapml_ocr.runtime.model import OnnxModel

RECOGNIZER_HEIGHTS = (48, 32)
"""Of PP-OCR v3 and later, and of v2."""

CLASSES_OF_ORIENTATION = 2
"""Upright and upside down."""

SMALL_ERROR = 1e-3
"""Of a sum of float32 probabilities, of which a recognizer has up to 20,000."""

_SEED = 0
_FAILED_NODE = re.compile(r"while running (\w+) node\. Name:'([^']*)'")


@dataclass(frozen=True)
class Behaviour:
    """What a model gave for one input size, in pixels."""

    task: str
    height: int
    width: int
    shape: tuple[int, ...]
    """Of the output."""

    @property
    def classes(self) -> int:
        """Classes of a recognizer or classifier."""
        return self.shape[-1]

    @property
    def evidence(self) -> str:
        """One clause that says what was seen."""
        given = f"run at 1x3x{self.height}x{self.width}, it gives"
        if self.task == "detection":
            return f"{given} a map of that size with values from 0 to 1"
        if self.task == "recognition":
            return f"{given} {self.shape[1]} steps of {self.classes} probabilities"
        return f"{given} {self.classes} probabilities"


class Graph:
    """An exported model that is run at one size after the other."""

    def __init__(self, path: Path, label: str) -> None:
        """`label` names the model in messages. Raises `UserError` when its input is no single image."""
        self._model, self._label = OnnxModel(path, optimise=False), label
        shape = self._model.input_shape
        if len(shape) != 4 or shape[1] not in {None, 3}:
            shown = "x".join("?" if size is None else str(size) for size in shape)
            raise UserError(f"{label}: its input is {shown}, expected one colour image, 1x3xHEIGHTxWIDTH")
        self.height, self.width = shape[2], shape[3]
        self.outputs = self._model.output_names

    @property
    def size_text(self) -> str:
        """The input size as the graph has it, `?` for a side that is open."""
        return "x".join("?" if size is None else str(size) for size in (self.height, self.width))

    def takes(self, height: int, width: int) -> bool:
        """Whether the graph's own input size allows this one."""
        return self.height in {None, height} and self.width in {None, width}

    def runs(self, height: int, width: int) -> bool:
        """Whether the model runs at a size; inside, a graph may allow less than its input does."""
        try:
            self.behaviour(height, width)
        except UserError:
            return False
        return True

    def recognizer_height(self, width: int) -> int:
        """The input height of a recognizer: the graph's own, or else the first usual one at which it runs."""
        usual = (one for one in RECOGNIZER_HEIGHTS if self.runs(one, self.width or width))
        return self.height or next(usual, RECOGNIZER_HEIGHTS[0])

    def behaviour(self, height: int, width: int) -> Behaviour:
        """Run the model at a size and tell what it is; raises `UserError` when it does not run or is none."""
        if not self.takes(height, width):
            raise UserError(
                f"{self._label}: the graph was exported for {self.size_text} input and takes no other size;"
                f" {height}x{width} was asked for. Ask for a size that fits, or export it again with this"
                " side open"
            )
        random = np.random.default_rng(_SEED).uniform(-1, 1, (1, 3, height, width)).astype(np.float32)
        try:
            output = self._model.run(random)
        except UserError as error:
            reason = _short(str(error).rpartition("input of ")[2].partition(": ")[2])
            raise UserError(
                f"{self._label}: does not run at {height}x{width} ({reason}); it was exported for another"
                " size, which --shapes can name"
            ) from None
        return Behaviour(self._task(output, height, width), height, width, output.shape)

    def _task(self, output: NDArray[np.float32], height: int, width: int) -> str:
        low, high = (float(output.min()), float(output.max())) if output.size else (0.0, 0.0)
        sums_to_one = output.ndim > 0 and bool(np.all(np.abs(output.sum(axis=-1) - 1) < SMALL_ERROR))
        if output.shape == (1, 1, height, width) and 0 <= low <= high <= 1:
            return "detection"
        if output.ndim == 3 and output.shape[0] == 1 and sums_to_one and low >= 0:
            return "recognition"
        if output.shape == (1, CLASSES_OF_ORIENTATION) and sums_to_one and low >= 0:
            return "classification"
        shape = "x".join(map(str, output.shape))
        raise UserError(
            f"{self._label}: at {height}x{width} it gives {shape} numbers from {low:.3g} to {high:.3g};"
            f" expected a probability map 1x1x{height}x{width} (DB detector), 1xSTEPSxCLASSES probabilities"
            " (CTC recognizer) or 1x2 probabilities (orientation classifier)"
        )

    def steps_at_twice_the_width(self, seen: Behaviour) -> int | None:
        """Return how many steps a recognizer gives at twice the width; None when it takes no such width.

        CTC gives a step for every few columns, so twice the width gives twice the steps. Decoders with
        attention (NRTR, SAR, ViTSTR) give as many steps as their longest text, whatever the width; for them
        `UserError` is raised.
        """
        if not self.runs(seen.height, 2 * seen.width):
            return None
        steps = self.behaviour(seen.height, 2 * seen.width).shape[1]
        if steps < 1.5 * seen.shape[1]:
            raise UserError(
                f"{self._label}: gives {seen.shape[1]} steps at width {seen.width} and {steps} at"
                f" {2 * seen.width}; a CTC recognizer, the kind that is read here, gives twice as many"
            )
        return steps


def _short(reason: str) -> str:
    """Name the node where ONNX Runtime stopped, instead of a paragraph about it."""
    failed = _FAILED_NODE.search(reason)
    return f"{failed[1]} node {failed[2]} fails" if failed else reason
