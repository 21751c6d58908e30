"""What happens to a model when numbers are rounded to float16, as Lens Studio was seen to store them.

Rounding is exact IEEE 754 binary16 with ties to even; arithmetic stays float32. With weights rounded only,
the result is what half-size storage costs. With activations rounded too, it is what a device costs that
keeps every tensor in float16 but sums in float32; inside one operator (an LSTM's steps) nothing is rounded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from snapml_ocr.evaluate.activations import Tensor, computed_tensors, element_types, with_peaks
from snapml_ocr.runtime.feeds import OpenedModel

FLOAT16_LIMIT = 65504.0
"""Largest finite float16 (IEEE 754-2019, binary16)."""

LISTED = 5
"""Tensors with the largest activations that a result lists."""


@dataclass(frozen=True)
class WeightRange:
    """How the weights of a model fit into float16."""

    largest: float
    overflowing: int
    """Weights beyond the limit: they become infinite."""
    vanishing: int
    """Weights that are not zero and become zero."""
    count: int


def weight_range(model: onnx.ModelProto) -> WeightRange:
    """Look at all float32 constants of the main graph."""
    largest, overflowing, vanishing, count = 0.0, 0, 0, 0
    for tensor in _float_constants(model):
        values = numpy_helper.to_array(tensor)
        largest = max(largest, float(np.abs(values).max(initial=0.0)))
        rounded = _rounded(values)
        overflowing += int((np.isinf(rounded) & np.isfinite(values)).sum())
        vanishing += int(((rounded == 0) & (values != 0)).sum())
        count += values.size
    return WeightRange(largest, overflowing, vanishing, count)


def with_float16_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Copy of `model` whose float32 constants hold float16 values; sizes and types stay."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for tensor in _float_constants(copy):
        tensor.CopyFrom(numpy_helper.from_array(_rounded(numpy_helper.to_array(tensor)), tensor.name))
    return copy


def with_float16_activations(model: onnx.ModelProto) -> onnx.ModelProto:
    """Copy of `model` that rounds its inputs and every float32 result of an operator to float16 and back."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    types = element_types(model)
    taken = {name for node in graph.node for name in (*node.input, *node.output)}
    nodes: list[onnx.NodeProto] = []
    constants = {tensor.name for tensor in graph.initializer}
    replaced: dict[str, str] = {}

    def rounded(name: str, result: str) -> list[onnx.NodeProto]:
        half = _free_name(f"{name}/float16", taken)
        return [
            helper.make_node("Cast", [name], [half], name=half, to=TensorProto.FLOAT16),
            helper.make_node(
                "Cast", [half], [result], name=_free_name(f"{name}/back", taken), to=TensorProto.FLOAT
            ),
        ]

    for value in graph.input:
        if value.name not in constants and value.type.tensor_type.elem_type == TensorProto.FLOAT:
            replaced[value.name] = _free_name(f"{value.name}/rounded", taken)
            nodes += rounded(value.name, replaced[value.name])
    for node in graph.node:
        for index, name in enumerate(node.input):
            node.input[index] = replaced.get(name, name)
        nodes.append(node)
        if node.op_type == "Constant":
            continue
        for index, name in enumerate(node.output):
            if name and types.get(name) == TensorProto.FLOAT:
                exact = _free_name(f"{name}/exact", taken)
                node.output[index] = exact
                nodes += rounded(exact, name)
    kept = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]  # frees the nodes, so only their copies may be used from here
    graph.node.extend(kept)
    return copy


class PeakModel:
    """A model that keeps the largest absolute value of every float tensor over all its runs."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._tensors = {tensor.name: tensor for tensor in computed_tensors(model)}
        watched, self._outputs = with_peaks(model, list(self._tensors.values()))
        self._opened = OpenedModel(watched)
        self._peaks = dict.fromkeys(self._outputs, 0.0)

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Every output of the model by name, those of the peaks last."""
        outputs = self._opened.run(feeds)
        for name, output in self._outputs.items():
            self._peaks[name] = max(self._peaks[name], float(outputs[output]))
        return outputs

    def largest(self) -> list[tuple[Tensor, float]]:
        """Tensors with the largest activations, largest first."""
        ordered = sorted(self._peaks.items(), key=lambda item: (-item[1], self._tensors[item[0]].index))
        return [(self._tensors[name], peak) for name, peak in ordered[:LISTED]]


def _rounded(values: NDArray[Any]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        return values.astype(np.float16).astype(np.float32)


def _float_constants(model: onnx.ModelProto) -> list[onnx.TensorProto]:
    tensors = list(model.graph.initializer)
    tensors += [
        attribute.t
        for node in model.graph.node
        if node.op_type == "Constant"
        for attribute in node.attribute
        if attribute.name == "value"
    ]
    return [tensor for tensor in tensors if tensor.data_type == TensorProto.FLOAT]


def _free_name(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 1
    while name in taken:
        name, number = f"{wanted}.{number}", number + 1
    taken.add(name)
    return name
