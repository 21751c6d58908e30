"""Lines as arrays to train on: inputs of the model, or the features that frozen layers make of them."""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from snapml_ocr.ocr.images import Pixels
from snapml_ocr.ocr.line_input import input_length, scale_line
from snapml_ocr.ocr.normalisation import Normalisation
from snapml_ocr.plan.training_options import WIDTH_STEP
from snapml_ocr.progress import Progress
from snapml_ocr.runtime.model import session_options
from snapml_ocr.training.augmentation import augmented
from snapml_ocr.training.labelled_lines import Line

Floats = NDArray[np.float32]
Halves = NDArray[np.float16 | np.float32]

SAFE_IN_HALF = 2048.0
"""Features up to this size are kept as float16, whose largest number is 32 times as large."""

MAX_IN_MEMORY = 2**29
"""Bytes of features; more lie in a file, of which the system keeps in memory what there is room for."""

AT_ONCE = 8

IMAGE_RANK = 4


def line_input(crop: Pixels, height: int, width: int, normalisation: Normalisation) -> Floats:
    """Return a crop as (3, height, width) float32, zeros behind it; one that is too long is squeezed."""
    length = min(width, input_length(crop, height))
    values = np.zeros((3, height, width), np.float32)
    values[:, :, :length] = normalisation.tensor(scale_line(crop, height, length))[0]
    return values


def at_input_size(line: Line, height: int, width: int) -> Line:
    """Return a line whose crop has the size that `line_input` scales it to, at most (height, width)."""
    length = min(width, input_length(line.crop, height))
    return replace(line, crop=scale_line(line.crop, height, length))


class FeatureMaker:
    """Runs a model up to one tensor, in ONNX Runtime, which takes a third of the time that Paddle needs."""

    def __init__(
        self, model: onnx.ModelProto, wanted: str, shape: tuple[int, int], normalisation: Normalisation
    ) -> None:
        """`wanted` is a tensor of the model or its input; `shape` the input's (height, width) in pixels."""
        import onnxruntime

        self._shape, self._normalisation = shape, normalisation
        self._input, self._wanted = model.graph.input[0].name, wanted
        self._session: Any = None
        if wanted != self._input:
            part = onnx.ModelProto()
            part.CopyFrom(model)
            del part.graph.output[:]
            part.graph.output.append(onnx.ValueInfoProto(name=wanted))
            self._session = onnxruntime.InferenceSession(
                part.SerializeToString(), session_options(threads=2, optimise=True), ["CPUExecutionProvider"]
            )

    def make(self, crops: Sequence[Pixels], width: int = 0) -> Floats:
        """Return the (N, ...) tensors of some crops, at the whole width of the input or a smaller one."""
        shape = (self._shape[0], width or self._shape[1])
        return self._run(np.stack([line_input(crop, *shape, self._normalisation) for crop in crops]))

    def _run(self, batch: Floats) -> Floats:
        if self._session is None:
            return batch
        made: Floats = self._session.run([self._wanted], {self._input: batch})[0]
        return made

    def views(
        self,
        lines: Sequence[Line],
        views: int,
        seed: int,
        scratch: Path,
        title: str,
        *,
        is_exact: bool = True,
    ) -> Halves:
        """Return (views, N, ...): of every line first as it is, then changed at random.

        The same seed gives the same views. They are float16 where the first lines fit in it. Larger results
        lie in `scratch`, which must outlive them. Unless `is_exact`, short lines are run at a smaller width,
        and the features of empty paper stand behind theirs: of words, in a third of the time.
        """

        def crop_of(view: int, index: int) -> Pixels:
            crop = lines[index].crop
            return augmented(crop, np.random.default_rng([seed, index, view])) if view else crop

        height, width = self._shape
        total = views * len(lines)
        paper = self._run(np.zeros((1, 3, height, width), np.float32))
        is_narrow = not is_exact and self._session is not None and paper.ndim == IMAGE_RANK
        lengths = np.array([input_length(line.crop, height) for line in lines] * views)
        order = np.argsort(lengths, kind="stable") if is_narrow else np.arange(total)
        made: Halves | None = None
        with Progress(title, total, "line") as progress:
            for start in range(0, total, AT_ONCE):
                places = order[start : start + AT_ONCE].tolist()
                crops = [crop_of(*divmod(place, len(lines))) for place in places]
                needed = max(input_length(crop, height) for crop in crops) if is_narrow else width
                part = self.make(crops, min(width, WIDTH_STEP * (ceil(needed / WIDTH_STEP) + 1)))
                if made is None:
                    kind = np.float16 if np.abs(part).max() <= SAFE_IN_HALF else np.float32
                    shape, file = (total, *paper.shape[1:]), scratch / f"{title.replace(' ', '_')}.npy"
                    made = _room(shape, np.dtype(kind), file)
                made[places] = paper
                made[places, ..., : part.shape[-1]] = part
                progress.advance(len(part))
        assert made is not None
        return made.reshape(views, len(lines), *made.shape[1:])


def _room(shape: tuple[int, ...], kind: np.dtype[Any], file: Path) -> Halves:
    if kind.itemsize * np.prod(shape, dtype=np.int64) <= MAX_IN_MEMORY:
        return np.empty(shape, kind)
    return np.lib.format.open_memmap(file, mode="w+", dtype=kind, shape=shape)
