"""Compare any two ONNX models that take the same inputs: names, then shapes, then values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.differences import Differences, DifferenceSums
from snapml_ocr.ocr.probe import probe_tensor
from snapml_ocr.onnx_files.model_file import graph_inputs
from snapml_ocr.runtime.feeds import random_feeds, run_all

Feeds = dict[str, NDArray[Any]]

IMAGE_SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"}


@dataclass(frozen=True)
class OutputComparison:
    """One output in both models; `differences` is None where they cannot be compared, for the `reason`."""

    name: str
    other_name: str
    differences: Differences | None
    reason: str = ""


@dataclass(frozen=True)
class Comparison:
    """All outputs of two models."""

    outputs: list[OutputComparison]

    def within(self, max_abs_diff: float) -> bool:
        """Whether every output could be compared and none is further apart."""
        return all(
            output.differences is not None
            and output.differences.max_abs <= max_abs_diff
            and not output.differences.not_finite
            for output in self.outputs
        )


def fixed_inputs(
    first: onnx.ModelProto, second: onnx.ModelProto, shapes: Mapping[str, Sequence[int]]
) -> onnx.ModelProto:
    """Return `first` without its nodes and with every size of its inputs known.

    A size that is open in `first` is taken from `shapes` (by input name) or from the input in the same
    place in `second`. Raises `UserError` when the models do not take the same inputs or a size stays
    unknown.
    """
    ours, theirs = graph_inputs(first.graph), graph_inputs(second.graph)
    if len(ours) != len(theirs):
        raise UserError(
            f"the models take different inputs: {[one.name for one in ours]}"
            f" and {[one.name for one in theirs]}"
        )
    by_name = {value.name: value for value in theirs}
    same_names = set(by_name) == {value.name for value in ours}
    fixed = []
    for value, positional in zip(ours, theirs, strict=True):
        other = by_name[value.name] if same_names else positional
        if value.type.tensor_type.elem_type != other.type.tensor_type.elem_type:
            raise UserError(f"input {value.name!r} has different element types in the two models")
        shape = _merged(value.name, _shape(value), _shape(other), shapes.get(value.name))
        fixed.append(helper.make_tensor_value_info(value.name, value.type.tensor_type.elem_type, shape))
    return helper.make_model(helper.make_graph([], "inputs", fixed, []))


def make_feeds(inputs: onnx.ModelProto, images: Sequence[Path], seed: int = 0) -> list[Feeds]:
    """One set of random inputs, then one per image, resized to the model's input.

    Raises `UserError` for images when the model does not take one picture of three channels.
    """
    feeds: list[Feeds] = [random_feeds(inputs, seed)]
    if images:
        values = list(inputs.graph.input)
        shape = _shape(values[0])
        if len(values) != 1 or len(shape) != 4 or shape[:2] != [1, 3]:
            raise UserError(f"--images needs a model with one input (1, 3, H, W), this one takes {shape}")
        feeds += [{values[0].name: probe_tensor(image, shape[2] or 1, shape[3] or 1)} for image in images]
    return feeds


def images_in(folder: Path, most: int) -> list[Path]:
    """Up to `most` images of a folder, spread evenly over its sorted files; raises `UserError` for none."""
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder of images")
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES)
    if not files:
        raise UserError(f"{folder}: no images in it ({', '.join(sorted(IMAGE_SUFFIXES))})")
    chosen = np.linspace(0, len(files) - 1, min(most, len(files))).round().astype(int)
    return [files[index] for index in chosen]


def compare_models(first: onnx.ModelProto, second: onnx.ModelProto, feeds: Sequence[Feeds]) -> Comparison:
    """Run both models on all `feeds` (named as the inputs of `first`) and compare every output.

    Outputs are matched by name when both models have the same names, else by order.
    """
    names, others = [[value.name for value in model.graph.output] for model in (first, second)]
    if len(names) != len(others):
        reason = f"{len(names)} outputs {names} became {len(others)} {others}"
        return Comparison([OutputComparison(names[0], others[0], None, reason)])
    if set(names) == set(others):
        others = names
    sums = {name: DifferenceSums() for name in names}
    reasons: dict[str, str] = {}
    for feed in feeds:
        expected, found = run_all(first, feed), run_all(second, renamed(feed, first, second))
        for name, other in zip(names, others, strict=True):
            try:
                sums[name].add(_as_floats(expected[name]), _as_floats(found[other]))
            except ValueError as error:
                reasons[name] = str(error)
    return Comparison(
        [
            OutputComparison(name, other, None, reasons[name])
            if name in reasons
            else OutputComparison(name, other, sums[name].result())
            for name, other in zip(names, others, strict=True)
        ]
    )


def renamed(feeds: Feeds, first: onnx.ModelProto, second: onnx.ModelProto) -> Feeds:
    """`feeds` under the input names of `second`: the same names where they agree, else by order."""
    theirs = [value.name for value in graph_inputs(second.graph)]
    if set(feeds) == set(theirs):
        return feeds
    return {other: feeds[value.name] for value, other in zip(graph_inputs(first.graph), theirs, strict=True)}


def _shape(value: onnx.ValueInfoProto) -> list[int | None]:
    dims = value.type.tensor_type.shape.dim
    return [dim.dim_value if dim.HasField("dim_value") and dim.dim_value > 0 else None for dim in dims]


def _merged(
    name: str, ours: list[int | None], theirs: list[int | None], given: Sequence[int] | None
) -> list[int]:
    if len(ours) != len(theirs) or (given is not None and len(given) != len(ours)):
        raise UserError(
            f"input {name!r}: shapes {ours}, {theirs} and {list(given or ours)} do not have one rank"
        )
    merged = []
    for our, their, wanted in zip(ours, theirs, given or ours, strict=True):
        sizes = {size for size in (our, their, wanted) if size is not None}
        if len(sizes) > 1:
            raise UserError(f"input {name!r}: the models take different shapes, {ours} and {theirs}")
        if not sizes:
            raise UserError(f"input {name!r}: shape {ours} is open in both models; fix it with --input_shape")
        merged.append(sizes.pop())
    return merged


def _as_floats(array: NDArray[Any]) -> NDArray[np.floating[Any]]:
    return array if np.issubdtype(array.dtype, np.floating) else array.astype(np.float64)
