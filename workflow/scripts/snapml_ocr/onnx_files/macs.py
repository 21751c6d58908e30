"""Count multiply-adds of an ONNX graph from its shapes."""

from collections.abc import Mapping
from math import prod

import onnx

Shapes = Mapping[str, tuple[int, ...]]


def multiply_adds(model: onnx.ModelProto, shape: tuple[int, ...] | None = None) -> int | None:
    """Multiply-adds of one inference: of convolutions, matrix products and recurrent layers.

    The rest is not counted, as is the custom of the field. `shape` replaces a dynamic shape of the single
    input. None when a layer's shapes are not known.
    """
    counts = multiply_adds_by_node(model, shape)
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def multiply_adds_by_node(model: onnx.ModelProto, shape: tuple[int, ...] | None = None) -> list[int | None]:
    """Return the multiply-adds of each node of the main graph, None where its shapes are not known."""
    shapes = _inferred_shapes(model, shape)
    return [_multiply_adds(node, shapes) for node in model.graph.node]


def _multiply_adds(node: onnx.NodeProto, shapes: Shapes) -> int | None:
    count = _COUNTERS.get(node.op_type)
    try:
        return count(node, shapes) if count is not None else 0
    except KeyError:
        return None


def _inferred_shapes(model: onnx.ModelProto, shape: tuple[int, ...] | None) -> dict[str, tuple[int, ...]]:
    """Shapes by tensor name, of those tensors whose every size is known."""
    weights = {weight.name: tuple(weight.dims) for weight in model.graph.initializer}
    if shape is not None:
        model = _with_input_shape(model, shape, set(weights))
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    shapes = dict(weights)
    for value in [*inferred.value_info, *inferred.input, *inferred.output]:
        tensor = value.type.tensor_type
        sizes = tensor.shape.dim
        if tensor.HasField("shape") and all(size.HasField("dim_value") for size in sizes):
            shapes[value.name] = tuple(size.dim_value for size in sizes)
    return shapes


def _with_input_shape(model: onnx.ModelProto, shape: tuple[int, ...], weights: set[str]) -> onnx.ModelProto:
    """A copy with the shape set and the shapes that a previous inference left (they may be stale) dropped."""
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    del fixed.graph.value_info[:]
    inputs = [value for value in fixed.graph.input if value.name not in weights]
    if len(inputs) == 1 and len(inputs[0].type.tensor_type.shape.dim) == len(shape):
        for size, wanted in zip(inputs[0].type.tensor_type.shape.dim, shape, strict=True):
            size.dim_value = wanted
        for output in fixed.graph.output:
            output.type.tensor_type.ClearField("shape")
    return fixed


def _convolution(node: onnx.NodeProto, shapes: Shapes) -> int:
    """Every output value sums over a kernel of (C_in / group, kh, kw): the weight's shape without C_out."""
    return prod(shapes[node.output[0]]) * prod(shapes[node.input[1]][1:])


def _transposed_convolution(node: onnx.NodeProto, shapes: Shapes) -> int:
    """Every input value is spread over (C_out / group, kh, kw): the weight's shape without C_in."""
    return prod(shapes[node.input[0]]) * prod(shapes[node.input[1]][1:])


def _matrix_product(node: onnx.NodeProto, shapes: Shapes) -> int:
    return prod(shapes[node.output[0]]) * shapes[node.input[0]][-1]


def _gemm(node: onnx.NodeProto, shapes: Shapes) -> int:
    transposed = any(attribute.name == "transA" and attribute.i for attribute in node.attribute)
    return prod(shapes[node.output[0]]) * shapes[node.input[0]][0 if transposed else -1]


def _recurrent(node: onnx.NodeProto, shapes: Shapes) -> int:
    """Every step applies W (directions, gates * H, I) and R (directions, gates * H, H) to each row."""
    steps, batch = shapes[node.input[0]][:2]
    return steps * batch * (prod(shapes[node.input[1]]) + prod(shapes[node.input[2]]))


_COUNTERS = {
    "Conv": _convolution,
    "ConvTranspose": _transposed_convolution,
    "MatMul": _matrix_product,
    "Gemm": _gemm,
    "LSTM": _recurrent,
    "GRU": _recurrent,
    "RNN": _recurrent,
}
