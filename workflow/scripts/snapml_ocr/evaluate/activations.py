"""Every tensor inside an ONNX model, in pieces that fit in memory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import shape_inference

from snapml_ocr.onnx_files.model_file import graph_inputs
from snapml_ocr.runtime.feeds import run_all

BYTES_AT_ONCE = 2**28
"""Size of the tensors that one run may return; a run keeps about as much again."""


@dataclass(frozen=True)
class Tensor:
    """One named tensor of a graph and the node that makes it."""

    name: str
    index: int
    """Position of its node in the graph's order."""
    node: onnx.NodeProto

    def __str__(self) -> str:
        named = f" {self.node.name!r}" if self.node.name else ""
        return f"{self.name!r} (node {self.index}, {self.node.op_type}{named})"


def computed_tensors(model: onnx.ModelProto) -> list[Tensor]:
    """Tensors that nodes of the main graph compute from the inputs, in the graph's order.

    What depends on constants only is left out.
    """
    live = {value.name for value in graph_inputs(model.graph)}
    tensors = []
    for index, node in enumerate(model.graph.node):
        if live.intersection(node.input) or _has_subgraph(node):
            outputs = [name for name in node.output if name]
            live.update(outputs)
            tensors += [Tensor(name, index, node) for name in outputs]
    return tensors


def tensor_values(
    model: onnx.ModelProto, feeds: Mapping[str, NDArray[Any]], tensors: Sequence[Tensor]
) -> Iterator[tuple[Tensor, NDArray[Any]]]:
    """Yield each of `tensors` with its value for `feeds`, running the model as often as memory asks for."""
    sizes = _sizes(model)
    batch: list[Tensor] = []
    pending = 0
    for tensor in tensors:
        size = sizes.get(tensor.name, BYTES_AT_ONCE // 16)
        if batch and pending + size > BYTES_AT_ONCE:
            yield from _run(model, feeds, batch)
            batch, pending = [], 0
        batch.append(tensor)
        pending += size
    if batch:
        yield from _run(model, feeds, batch)


def with_peaks(model: onnx.ModelProto, tensors: Sequence[Tensor]) -> tuple[onnx.ModelProto, dict[str, str]]:
    """Copy of `model` with one more output for each float tensor: its largest absolute value.

    Returns the copy and the name of the new output by tensor name. Nothing but scalars leaves a run,
    however large the tensors are.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    types = element_types(model)
    peaks = {}
    for number, tensor in enumerate(tensors):
        if types.get(tensor.name) == onnx.TensorProto.FLOAT:
            magnitude, peak = f"peak/{number}/magnitude", f"peak/{number}"
            copy.graph.node.append(onnx.helper.make_node("Abs", [tensor.name], [magnitude]))
            copy.graph.node.append(onnx.helper.make_node("ReduceMax", [magnitude], [peak], keepdims=0))
            copy.graph.output.append(onnx.helper.make_empty_tensor_value_info(peak))
            peaks[tensor.name] = peak
    return copy, peaks


def element_types(model: onnx.ModelProto) -> dict[str, int]:
    """ONNX element type of every tensor that shape inference knows."""
    inferred = shape_inference.infer_shapes(model)
    return {
        value.name: value.type.tensor_type.elem_type
        for value in (*inferred.graph.value_info, *inferred.graph.output)
    }


def _run(
    model: onnx.ModelProto, feeds: Mapping[str, NDArray[Any]], tensors: list[Tensor]
) -> Iterator[tuple[Tensor, NDArray[Any]]]:
    exposed = onnx.ModelProto()
    exposed.CopyFrom(model)
    del exposed.graph.output[:]
    exposed.graph.output.extend(onnx.helper.make_empty_tensor_value_info(tensor.name) for tensor in tensors)
    values = run_all(exposed, feeds)
    for tensor in tensors:
        yield tensor, values.pop(tensor.name)


def _sizes(model: onnx.ModelProto) -> dict[str, int]:
    """Bytes of the tensors whose shape is known; four bytes an element, which is what these models hold."""
    try:
        inferred = shape_inference.infer_shapes(model)
    except Exception:  # a graph that cannot be inferred can still be run
        return {}
    sizes = {}
    for value in (*inferred.graph.value_info, *inferred.graph.output):
        dims = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        if all(dims):
            sizes[value.name] = 4 * int(np.prod(dims, dtype=np.int64))
    return sizes


def _has_subgraph(node: onnx.NodeProto) -> bool:
    return any(
        attribute.type in (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS)
        for attribute in node.attribute
    )
