"""Compare two ONNX models by running them: every output, graph optimisations off."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from snapml_ocr.errors import CheckFailedError, UserError
from snapml_ocr.onnx_files.model_file import graph_inputs, read_model
from snapml_ocr.runtime.model import session_options

Array = NDArray[Any]
Feeds = Mapping[str, Array]

MAX_INPUT_ELEMENTS = 2**27
"""A picture of 6000 x 6000 pixels has fewer."""


def run_all(model: onnx.ModelProto | Path, feeds: Feeds, threads: int = 1) -> dict[str, Array]:
    """Return every output of `model` by name for `feeds` (arrays by input name).

    ONNX Runtime's optimisations are off, since they move outputs by themselves. Raises `UserError` when the
    model cannot be opened or does not take the feeds.
    """
    return OpenedModel(model, threads).run(feeds)


def largest_difference(
    reference: onnx.ModelProto | Path, other: onnx.ModelProto | Path, feeds_list: Iterable[Feeds]
) -> float:
    """Return the largest absolute difference over all outputs and all feeds; 0.0 for no feeds.

    Inputs are matched by name when the names agree, else by order. Raises `CheckFailedError` when output
    names, shapes or types differ, or when one model gives NaN or infinity where the other does not.
    """
    first, second = OpenedModel(reference), OpenedModel(other)
    largest = 0.0
    for feeds in feeds_list:
        expected = first.run(feeds)
        found = second.run(_renamed(feeds, first.input_names, second.input_names))
        if list(expected) != list(found):
            raise CheckFailedError(f"outputs differ: {list(expected)} became {list(found)}")
        for name, array in expected.items():
            largest = max(largest, _output_difference(name, array, found[name]))
    return largest


def random_feeds(model: onnx.ModelProto | Path, seed: int) -> dict[str, Array]:
    """Return an array for every input of `model`, which must have fixed shapes.

    The same `seed` gives the same arrays. Floats are uniform in [-1, 1), the range of normalised pixels;
    integers are 0 or 1 (a valid index anywhere that has two entries). Raises `UserError` for an input of
    dynamic or absurd shape.
    """
    proto = read_model(model) if isinstance(model, Path) else model
    generator = np.random.default_rng(seed)
    feeds: dict[str, Array] = {}
    for value in graph_inputs(proto.graph):
        tensor_type = value.type.tensor_type
        if any(not dim.HasField("dim_value") for dim in tensor_type.shape.dim):
            raise UserError(f"input {value.name} has a dynamic shape; fix it first")
        shape = tuple(dim.dim_value for dim in tensor_type.shape.dim)
        if min(shape, default=1) < 0 or math.prod(shape) > MAX_INPUT_ELEMENTS:
            raise UserError(f"input {value.name} has the shape {shape}, which no model for a Lens has")
        dtype = helper.tensor_dtype_to_np_dtype(tensor_type.elem_type)
        if np.issubdtype(dtype, np.floating):
            feeds[value.name] = generator.uniform(-1.0, 1.0, shape).astype(dtype)
        else:
            feeds[value.name] = generator.integers(0, 2, shape).astype(dtype)
    return feeds


class OpenedModel:
    """A model opened once for many runs, since opening costs more than a run; optimisations off."""

    def __init__(self, model: onnx.ModelProto | Path, threads: int = 1) -> None:
        import onnxruntime

        source = str(model) if isinstance(model, Path) else model.SerializeToString()
        self._label = str(model) if isinstance(model, Path) else f"model {model.graph.name}"
        try:
            self._session = onnxruntime.InferenceSession(
                source, session_options(threads=threads, optimise=False), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime's exceptions share no other base class
            raise UserError(f"{self._label}: ONNX Runtime cannot open it: {_line(error)}") from None
        self.input_names = [one.name for one in self._session.get_inputs()]
        self.output_names = [output.name for output in self._session.get_outputs()]

    def run(self, feeds: Feeds) -> dict[str, Array]:
        """Return every output by name; raises `UserError` when the model does not take the feeds."""
        try:
            outputs = self._session.run(self.output_names, dict(feeds))
        except Exception as error:  # as above
            raise UserError(f"{self._label}: cannot be run: {_line(error)}") from None
        return dict(zip(self.output_names, outputs, strict=True))


def _renamed(feeds: Feeds, names: list[str], other_names: list[str]) -> Feeds:
    if set(feeds) == set(other_names):
        return feeds
    if len(names) != len(other_names):
        raise CheckFailedError(f"inputs differ: {names} became {other_names}")
    return {other: feeds[name] for name, other in zip(names, other_names, strict=True)}


def _output_difference(name: str, expected: Array, found: Array) -> float:
    if expected.shape != found.shape:
        raise CheckFailedError(f"output {name}: shape {expected.shape} became {found.shape}")
    if expected.dtype != found.dtype:
        raise CheckFailedError(f"output {name}: type {expected.dtype} became {found.dtype}")
    if expected.size == 0:
        return 0.0
    first, second = expected.astype(np.float64), found.astype(np.float64)
    if not np.array_equal(np.isfinite(first), np.isfinite(second)):
        raise CheckFailedError(f"output {name}: NaN or infinity in one model only")
    with np.errstate(invalid="ignore"):
        return float(np.nanmax(np.abs(np.where(first == second, 0.0, first - second))))


def _line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
