"""A node of a model with the shapes and constants around it, as the constraints ask for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from snapml_ocr.onnx_files.model_file import opset_of

Shape = tuple[int | str | None, ...]

PARAMETERS = {
    "BatchNormalization": (1, 2, 3, 4),
    "Clip": (1, 2),
    "Conv": (1, 2),
    "ConvTranspose": (1, 2),
    "Gemm": (1, 2),
    "GRU": (1, 2, 3, 4, 5),
    "Gather": (0, 1),
    "InstanceNormalization": (1, 2),
    "LSTM": (1, 2, 3, 4, 5, 6, 7),
    "MatMul": (0, 1),
    "Pad": (1, 2, 3),
    "Pow": (1,),
    "PRelu": (1,),
    "RNN": (1, 2, 3, 4, 5),
    "Reshape": (1,),
    "Resize": (1, 2, 3),
    "Slice": (1, 2, 3, 4),
    "Upsample": (1,),
}
"""Inputs that a layer keeps in itself: weights, bounds, sizes, axes. A constant elsewhere is an operand."""


@dataclass(frozen=True)
class Constant:
    """A constant tensor: its shape and type, where it is stored, and the data when somebody asks."""

    tensor: onnx.TensorProto
    from_node: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of the tensor."""
        return tuple(self.tensor.dims)

    @property
    def array(self) -> NDArray[Any]:
        """The numbers."""
        return np.asarray(numpy_helper.to_array(self.tensor))


@dataclass(frozen=True)
class LayerView:
    """One node and what is known around it."""

    node: onnx.NodeProto
    opset: int
    attributes: dict[str, Any]
    input_shapes: tuple[Shape | None, ...]
    output_shapes: tuple[Shape | None, ...]
    input_types: tuple[int, ...]
    constants: tuple[Constant | None, ...]

    @property
    def operator(self) -> str:
        """The ONNX operator."""
        return str(self.node.op_type)

    @property
    def label(self) -> str:
        """The node's name, or what it computes."""
        return str(self.node.name) or f"{self.operator} of {', '.join(self.node.output)}"

    def has_input(self, index: int) -> bool:
        """Whether an optional input is given."""
        return index < len(self.node.input) and bool(self.node.input[index])

    def shape(self, index: int = 0) -> Shape | None:
        """Shape of an input, None when unknown or absent."""
        return self.input_shapes[index] if index < len(self.input_shapes) else None

    def constant(self, index: int) -> Constant | None:
        """The constant at an input, None when it is computed or absent."""
        return self.constants[index] if index < len(self.constants) else None

    def ints(self, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
        """A list attribute."""
        return tuple(self.attributes.get(name, default))

    def text(self, name: str, default: str) -> str:
        """A string attribute."""
        value = self.attributes.get(name, default)
        return value.decode() if isinstance(value, bytes) else str(value)

    def operands(self) -> list[int]:
        """Positions of the inputs that are no parameters."""
        parameters = PARAMETERS.get(self.operator, ())
        return [index for index, name in enumerate(self.node.input) if name and index not in parameters]


def views_of(model: onnx.ModelProto) -> Iterator[LayerView]:
    """Yield every node of the main graph that is no Constant; shapes come from `model`'s value_info."""
    graph = model.graph
    opset = opset_of(model)
    constants = {tensor.name: Constant(tensor, from_node=False) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            for attribute in node.attribute:
                if attribute.name == "value":
                    constants[node.output[0]] = Constant(attribute.t, from_node=True)
    infos = {info.name: info for info in [*graph.input, *graph.value_info, *graph.output]}
    for node in graph.node:
        if node.op_type != "Constant":
            yield _view(node, opset, constants, infos)


def _view(
    node: onnx.NodeProto, opset: int, constants: dict[str, Constant], infos: dict[str, onnx.ValueInfoProto]
) -> LayerView:
    def shape(name: str) -> Shape | None:
        if name in constants:
            return constants[name].shape
        return shape_of_info(infos[name]) if name in infos else None

    def element_type(name: str) -> int:
        if name in constants:
            return int(constants[name].tensor.data_type)
        return int(infos[name].type.tensor_type.elem_type) if name in infos else 0

    return LayerView(
        node=node,
        opset=opset,
        attributes={attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute},
        input_shapes=tuple(shape(name) if name else None for name in node.input),
        output_shapes=tuple(shape(name) if name else () for name in node.output),
        input_types=tuple(element_type(name) if name else 0 for name in node.input),
        constants=tuple(constants.get(name) for name in node.input),
    )


def shape_of_info(info: onnx.ValueInfoProto) -> Shape | None:
    """Return the sizes of a value: numbers, names of symbolic ones, None for unknown ones."""
    tensor_type = info.type.tensor_type
    if not tensor_type.HasField("shape"):
        return None
    return tuple(
        int(dim.dim_value) if dim.HasField("dim_value") else (dim.dim_param or None)
        for dim in tensor_type.shape.dim
    )
