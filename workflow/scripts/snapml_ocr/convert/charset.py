"""Cut a recognizer's classes down to those that are needed; the scores of the others are not computed.

A CTC recognizer ends in a matrix product with one column of weights a class, a bias, and mostly a softmax.
The scores of the classes kept are what they were; their probabilities are the old ones divided by their sum.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from snapml_ocr.errors import UserError
from snapml_ocr.onnx_files.model_file import opset_of

_ONE_AXIS_SINCE = 13
"""From this opset on, Softmax works on one axis, by default the last; before, on all axes from `axis` on."""


def cut_classes(model: onnx.ModelProto, kept: Sequence[int], label: str) -> onnx.ModelProto:
    """Return a copy of `model` whose output has the classes `kept` alone, in that order.

    The end of the model is found by its structure. Raises `UserError` that begins with `label` when it is
    another end, or when `kept` names a class that the model does not have.
    """
    cut = onnx.ModelProto()
    cut.CopyFrom(model)
    try:
        _Head(cut).keep(list(kept))
    except UserError as error:
        raise UserError(f"{label}: its classes cannot be cut: {error}") from None
    return cut


def class_count(model: onnx.ModelProto) -> int | None:
    """Number of classes that the model's first output declares on its last axis; None where it is open."""
    dims = model.graph.output[0].type.tensor_type.shape.dim
    return dims[-1].dim_value or None if len(dims) else None


class _Head:
    """The end of a model, from the matrix product to the output."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._graph = model.graph
        self._opset = opset_of(model)
        if len(self._graph.output) != 1:
            raise UserError(f"it has {len(self._graph.output)} outputs, expected the scores of classes alone")
        self._output = self._graph.output[0]
        self._makers = {name: node for node in self._graph.node for name in node.output if name}
        self._readers: dict[str, int] = {self._output.name: 1}
        for name in _names_read(self._graph):
            self._readers[name] = self._readers.get(name, 0) + 1
        self._changed: list[str] = []
        """Tensors whose last axis is the classes."""

    def keep(self, kept: list[int]) -> None:
        """Cut the weights of every node from the output back to the matrix product."""
        edits: list[tuple[onnx.NodeProto, int, int]] = []  # node, input, axis of its classes
        name, is_product = self._output.name, False
        while not is_product:
            node = self._makers.get(name)
            if node is None:
                raise UserError("it has no matrix product before its output")
            if self._readers[name] > 1:
                raise UserError(f"tensor {name!r} at its end is read elsewhere too")
            self._changed.append(name)
            if node.op_type in {"Softmax", "LogSoftmax"}:
                self._require_last_axis(node)
                name = node.input[0]
            elif node.op_type == "Identity":
                name = node.input[0]
            elif node.op_type == "Add":
                bias = self._bias(node)
                edits.append((node, bias, -1))
                name = node.input[1 - bias]
            elif node.op_type in {"MatMul", "Gemm"}:
                edits += self._product(node)
                is_product = True
            else:
                raise UserError(
                    f"{_label(node)} is at its end, expected a matrix product, a bias and a softmax"
                )
        self._apply(edits, kept)

    def _bias(self, node: onnx.NodeProto) -> int:
        for index in (0, 1):
            if self._constant(node.input[index]) is not None:
                return index
        raise UserError(f"{_label(node)} at its end adds no constant")

    def _product(self, node: onnx.NodeProto) -> Iterator[tuple[onnx.NodeProto, int, int]]:
        weight = self._constant(node.input[1])
        if weight is None or weight.ndim != 2:
            raise UserError(f"the weights of {_label(node)} are no constant matrix")
        transposed = any(one.name == "transB" and one.i for one in node.attribute)
        yield node, 1, 0 if transposed else 1
        if node.op_type == "Gemm" and len(node.input) > 2 and node.input[2]:
            if self._constant(node.input[2]) is None:
                raise UserError(f"the bias of {_label(node)} is no constant")
            yield node, 2, -1

    def _apply(self, edits: list[tuple[onnx.NodeProto, int, int]], kept: list[int]) -> None:
        arrays = [(node, index, axis, self._known(node.input[index])) for node, index, axis in edits]
        classes = next(array.shape[axis] for node, index, axis, array in arrays if node.op_type != "Add")
        beyond = [number for number in kept if not 0 <= number < classes]
        if beyond:
            raise UserError(f"it has {classes} classes and no class {beyond[0]}")
        for node, index, axis, array in arrays:
            if array.ndim and array.shape[axis] == classes:  # a bias may be one number for all classes
                old = node.input[index]
                node.input[index] = self._add_constant(f"{old}.cut", np.take(array, kept, axis=axis))
                self._drop_if_unread(old)
        dims = self._output.type.tensor_type.shape.dim
        if dims:
            dims[-1].ClearField("dim_param")
            dims[-1].dim_value = len(kept)
        for info in [info for info in self._graph.value_info if info.name in self._changed]:
            self._graph.value_info.remove(info)

    def _require_last_axis(self, node: onnx.NodeProto) -> None:
        rank = len(self._output.type.tensor_type.shape.dim)
        default = 1 if self._opset < _ONE_AXIS_SINCE else -1
        axis = next((one.i for one in node.attribute if one.name == "axis"), default)
        if axis not in {-1, rank - 1}:
            raise UserError(f"{_label(node)} is not over the last axis, where the classes are")

    def _constant(self, name: str) -> NDArray[np.generic] | None:
        """Value of a constant, which may be an initializer or come from a Constant node; else None."""
        for tensor in self._graph.initializer:
            if tensor.name == name:
                return numpy_helper.to_array(tensor)
        node = self._makers.get(name)
        if node is not None and node.op_type == "Identity":
            return self._constant(node.input[0])
        if node is not None and node.op_type == "Constant" and node.attribute[0].name == "value":
            return numpy_helper.to_array(node.attribute[0].t)
        return None

    def _known(self, name: str) -> NDArray[np.generic]:
        value = self._constant(name)
        assert value is not None
        return value

    def _add_constant(self, name: str, array: NDArray[np.generic]) -> str:
        """Add an initializer; its name is `name`, or one like it when there is such a tensor already."""
        taken = {tensor.name for tensor in self._graph.initializer} | set(self._makers)
        while name in taken:
            name += "_"
        self._graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _drop_if_unread(self, name: str) -> None:
        """Remove the constant `name`, and what it was an Identity of, unless something still reads it."""
        if name in set(_names_read(self._graph)):
            return
        holders = (self._graph.initializer, self._graph.input)  # old exporters list weights among the inputs
        for holder in holders:
            for one in [one for one in holder if one.name == name]:
                holder.remove(one)
        node = self._makers.get(name)
        if node is not None:
            self._graph.node.remove(node)
            for read in node.input:
                self._drop_if_unread(read)


def _names_read(graph: onnx.GraphProto) -> Iterator[str]:
    """Names that nodes read, with those of subgraphs."""
    for node in graph.node:
        yield from node.input
        for attribute in node.attribute:
            for inner in [*attribute.graphs, *([attribute.g] if attribute.HasField("g") else [])]:
                yield from _names_read(inner)
                yield from (value.name for value in inner.output)


def _label(node: onnx.NodeProto) -> str:
    return f"{node.op_type} {node.name}".strip()
