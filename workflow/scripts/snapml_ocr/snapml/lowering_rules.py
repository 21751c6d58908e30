"""Operators whose form or meaning changed after opset 11, each in terms of opset 11.

A lowering returns the new nodes, or None where the node may stay. `UserError` names what has no exact form.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod, sqrt
from typing import NoReturn

import numpy as np
import onnx_ir as ir

from snapml_ocr.errors import UserError
from snapml_ocr.snapml.helpers.node_builder import NodeBuilder
from snapml_ocr.snapml.helpers.values import (
    array_of,
    data_of,
    float_constant,
    input_of,
    int_constant,
    integer,
    ints,
    output_of,
    real,
    shape_of,
    text,
)
from snapml_ocr.snapml.passes import label_of

AXES_AS_ATTRIBUTE = 13
"""The opset in which Squeeze, Unsqueeze, Split, ReduceSum took their lists as inputs, and Softmax changed."""

REDUCTIONS_CHANGED = 18
"""The opset in which the other reductions took their axes as an input."""


@dataclass(frozen=True)
class Lowered:
    """The nodes that stand for one node at opset 11."""

    nodes: Sequence[ir.Node]
    initializers: Sequence[ir.Value]
    outputs: Sequence[ir.Value]


Lowering = Callable[[ir.Node, int], Lowered | None]


def _lowered(op: NodeBuilder, *outputs: ir.Value) -> Lowered:
    return Lowered(list(op.nodes), list(op.initializers), list(outputs))


def _refuse(node: ir.Node, reason: str) -> NoReturn:
    raise UserError(f"{label_of(node)}: {reason}")


def _constant_list(node: ir.Node, index: int, name: str) -> list[int] | None:
    value = input_of(node, index)
    if value is None:
        return None
    array = array_of(value)
    if array is None:
        _refuse(node, f"the {name} of {node.op_type} are computed; opset 11 needs numbers")
    return [int(entry) for entry in array.reshape(-1)]


def _shape(node: ir.Node, value: ir.Value) -> tuple[int, ...]:
    shape = shape_of(value)
    if shape is None:
        _refuse(node, f"{node.op_type} of unknown shape has no opset-11 form")
    return shape


def _axes_to_attribute(node: ir.Node, version: int) -> Lowered | None:
    since = AXES_AS_ATTRIBUTE if node.op_type in ("Squeeze", "Unsqueeze", "ReduceSum") else REDUCTIONS_CHANGED
    if version < since:
        return None
    op = NodeBuilder()
    axes = _constant_list(node, 1, "axes")
    attributes = {name: value for name, value in node.attributes.items() if name != "noop_with_empty_axes"}
    if not axes and integer(node, "noop_with_empty_axes", 0):
        return _lowered(op, op.Identity(data_of(node)))
    if axes:
        attributes["axes"] = ir.AttrInt64s("axes", axes)
    return _lowered(op, op.op(node.op_type, data_of(node), **attributes))


def _split(node: ir.Node, version: int) -> Lowered | None:
    if version < AXES_AS_ATTRIBUTE:
        return None
    op = NodeBuilder()
    axis = integer(node, "axis", 0)
    sizes = _constant_list(node, 1, "sizes")
    if sizes is None:
        total = _shape(node, data_of(node))[axis]
        size = -(-total // len(node.outputs))
        sizes = [min(size, total - size * index) for index in range(len(node.outputs))]
    parts = op.op("Split", data_of(node), axis=axis, split=sizes, _outputs=len(node.outputs))
    return _lowered(op, *(parts if len(node.outputs) > 1 else [parts]))


def _softmax(node: ir.Node, version: int) -> Lowered | None:
    if version < AXES_AS_ATTRIBUTE:
        return None
    op = NodeBuilder()
    shape = _shape(node, data_of(node))
    axis = integer(node, "axis", -1) % len(shape)
    if prod(shape[axis + 1 :]) == 1:
        return _lowered(op, op.op(node.op_type, data_of(node), axis=axis))
    order = [*(one for one in range(len(shape)) if one != axis), axis]
    back = [order.index(one) for one in range(len(shape))]
    rows = op.op(node.op_type, op.Transpose(data_of(node), perm=order), axis=len(shape) - 1)
    return _lowered(op, op.Transpose(rows, perm=back))


def _dropout(node: ir.Node, version: int) -> Lowered | None:
    training = array_of(input_of(node, 2))
    computed = input_of(node, 2) is not None and training is None
    if computed or (training is not None and bool(training.reshape(-1)[0])):
        _refuse(node, "Dropout in training mode")
    if len(node.outputs) > 1 and node.outputs[1].uses():
        _refuse(node, "the mask of Dropout is used")
    op = NodeBuilder()
    unchanged = op.Identity(data_of(node))
    return _lowered(op, *([unchanged] * len(node.outputs)))


def _hard_swish(node: ir.Node, version: int) -> Lowered:
    op = NodeBuilder()
    x = data_of(node)
    return _lowered(op, op.Mul(x, op.HardSigmoid(x, alpha=1.0 / 6.0, beta=0.5)))


def _mish(node: ir.Node, version: int) -> Lowered:
    op = NodeBuilder()
    x = data_of(node)
    return _lowered(op, op.Mul(x, op.Tanh(op.Softplus(x))))


def _gelu(node: ir.Node, version: int) -> Lowered:
    """Return the definition of the ONNX specification, exact or with tanh as the node asks for."""
    op = NodeBuilder()
    x = data_of(node)
    half = op.Mul(x, float_constant(op, 0.5))
    if text(node, "approximate", "none") == "tanh":
        cubic = op.Mul(op.Mul(op.Mul(x, x), x), float_constant(op, 0.044715))
        inner = op.Tanh(op.Mul(op.Add(x, cubic), float_constant(op, sqrt(2.0 / np.pi))))
    else:
        inner = op.Erf(op.Mul(x, float_constant(op, sqrt(0.5))))
    return _lowered(op, op.Mul(half, op.Add(inner, float_constant(op, 1.0))))


def _layer_normalization(node: ir.Node, version: int) -> Lowered:
    op = NodeBuilder()
    x = data_of(node)
    rank = len(_shape(node, x))
    axes = list(range(integer(node, "axis", -1) % rank, rank))
    mean = op.ReduceMean(x, axes=axes, keepdims=1)
    centred = op.Sub(x, mean)
    variance = op.ReduceMean(op.Mul(centred, centred), axes=axes, keepdims=1)
    deviation = op.Sqrt(op.Add(variance, float_constant(op, real(node, "epsilon", 1e-5))))
    result = op.Mul(op.Div(centred, deviation), input_of(node, 1))
    bias = input_of(node, 2)
    shifted = result if bias is None else op.Add(result, bias)
    outputs = [shifted, mean, op.Reciprocal(deviation)] if len(node.outputs) > 1 else [shifted]
    return _lowered(op, *outputs[: len(node.outputs)])


def _pad(node: ir.Node, version: int) -> Lowered | None:
    if text(node, "mode", "constant") == "wrap":
        _refuse(node, "Pad with mode wrap")
    axes = _constant_list(node, 3, "axes")
    if axes is None:
        return None
    op = NodeBuilder()
    rank = len(_shape(node, data_of(node)))
    pads = _constant_list(node, 1, "pads") or []
    full = [0] * (2 * rank)
    for position, axis in enumerate(axes):
        full[axis % rank] = pads[position]
        full[axis % rank + rank] = pads[position + len(axes)]
    inputs = [data_of(node), int_constant(op, full)]
    value = input_of(node, 2)
    return _lowered(
        op, op.op("Pad", *inputs, *([value] if value is not None else []), **dict(node.attributes.items()))
    )


def _resize(node: ir.Node, version: int) -> Lowered | None:
    attributes = dict(node.attributes.items())
    for name, neutral in (("antialias", 0), ("keep_aspect_ratio_policy", "stretch")):
        attribute = attributes.pop(name, None)
        if attribute is not None and attribute.value != neutral:
            _refuse(node, f"Resize with {name}")
    attributes.pop("axes", None)
    if text(node, "coordinate_transformation_mode", "") == "tf_crop_and_resize":
        _refuse(node, "Resize with tf_crop_and_resize")
    if any(input_of(node, index) is not None and array_of(input_of(node, index)) is None for index in (2, 3)):
        _refuse(node, "the scales or sizes of Resize are computed; SnapML needs numbers")
    before, after = _shape(node, data_of(node)), _shape(node, output_of(node))
    if text(node, "coordinate_transformation_mode", "") == "half_pixel_symmetric":
        if any(large % small for small, large in zip(before, after, strict=True)):
            _refuse(node, "Resize with half_pixel_symmetric by a fraction")
        attributes["coordinate_transformation_mode"] = ir.AttrString(
            "coordinate_transformation_mode", "half_pixel"
        )
    op = NodeBuilder()
    scales = np.array([large / small for small, large in zip(before, after, strict=True)], np.float32)
    given = array_of(input_of(node, 2))
    whole = [int(size * scale) for size, scale in zip(before, scales, strict=True)] == list(after)
    empty = float_constant(op, np.zeros(0))
    if given is not None and given.size == len(before):
        return _lowered(op, op.Resize(data_of(node), empty, input_of(node, 2), **attributes))
    if given is not None and given.size and not whole:
        _refuse(node, "Resize by a fraction over some axes")
    if whole:
        return _lowered(op, op.Resize(data_of(node), empty, float_constant(op, scales), **attributes))
    return _lowered(op, op.Resize(data_of(node), empty, empty, int_constant(op, after), **attributes))


def _reshape(node: ir.Node, version: int) -> Lowered | None:
    if not integer(node, "allowzero", 0):
        if "allowzero" in node.attributes:
            del node.attributes["allowzero"]
        return None
    op = NodeBuilder()
    sizes = _constant_list(node, 1, "sizes")
    if sizes is None or 0 in sizes:
        _refuse(node, "Reshape with allowzero to a tensor without elements")
    return _lowered(op, op.Reshape(data_of(node), int_constant(op, sizes)))


def _cast_like(node: ir.Node, version: int) -> Lowered:
    like = input_of(node, 1)
    if like is None or like.dtype is None:
        _refuse(node, "CastLike to an unknown type")
    op = NodeBuilder()
    return _lowered(op, op.Cast(data_of(node), to=int(like.dtype)))


def _power(node: ir.Node, version: int) -> Lowered | None:
    base, exponent = data_of(node), input_of(node, 1)
    if exponent is None or exponent.dtype == base.dtype or base.dtype is None:
        return None
    array = array_of(exponent)
    if array is None or base.dtype != ir.DataType.FLOAT:
        _refuse(node, "Pow of different types")
    op = NodeBuilder()
    return _lowered(op, op.Pow(base, float_constant(op, array)))


def _shape_of_shape(node: ir.Node, version: int) -> Lowered:
    op = NodeBuilder()
    shape = _shape(node, data_of(node))
    start, end = integer(node, "start", 0), integer(node, "end", len(shape))
    return _lowered(op, op.Identity(int_constant(op, list(shape[start:end]))))


def _pooling(node: ir.Node, version: int) -> Lowered | None:
    """Drop dilations of 1, which AveragePool knows since opset 19."""
    if set(ints(node, "dilations", ())) - {1}:
        _refuse(node, "AveragePool with dilations")
    if "dilations" in node.attributes:
        del node.attributes["dilations"]
    return None


LOWERINGS: Mapping[str, Lowering] = {
    "AveragePool": _pooling,
    "CastLike": _cast_like,
    "Dropout": _dropout,
    "Gelu": _gelu,
    "HardSwish": _hard_swish,
    "Hardmax": _softmax,
    "LayerNormalization": _layer_normalization,
    "LogSoftmax": _softmax,
    "Mish": _mish,
    "Pad": _pad,
    "Pow": _power,
    "Reshape": _reshape,
    "Resize": _resize,
    "Shape": _shape_of_shape,
    "Softmax": _softmax,
    "Split": _split,
    "Squeeze": _axes_to_attribute,
    "Unsqueeze": _axes_to_attribute,
    **dict.fromkeys(
        (
            "ReduceL1",
            "ReduceL2",
            "ReduceLogSum",
            "ReduceLogSumExp",
            "ReduceMax",
            "ReduceMean",
            "ReduceMin",
            "ReduceProd",
            "ReduceSum",
            "ReduceSumSquare",
        ),
        _axes_to_attribute,
    ),
}
