"""Scale and shift taken into the weights of a neighbouring layer; all sums in float64, rounded once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx_ir as ir
from numpy.typing import NDArray

from snapml_ocr.snapml.helpers.affine import EPSILON, VARIANCE, Affine, affine_of
from snapml_ocr.snapml.helpers.values import (
    Array,
    content_name,
    float_array_of,
    input_of,
    integer,
    ints,
    real,
    text,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Edit:
    """New constants for inputs of a node, by input position."""

    node: ir.Node
    inputs: Mapping[int, Floats]


def into_producer(node: ir.Node, affine: Affine) -> Edit | None:
    """Return the weights with which `node` itself gives scale * y + shift; None when it cannot."""
    if not affine.is_scalar and affine.axis != 1:
        return None
    if node.op_type == "Conv":
        return _conv_output(node, affine, transposed=False)
    if node.op_type == "ConvTranspose":
        return _conv_output(node, affine, transposed=True)
    if node.op_type == "Gemm":
        return _gemm_output(node, affine)
    if node.op_type == "BatchNormalization":
        found = affine_of(node)
        return None if found is None else _batch_norm(node, found[1].then(affine))
    return None


def into_consumer(node: ir.Node, index: int, affine: Affine) -> Edit | None:
    """Return the weights with which `node` gives for x what it gave for scale * x + shift (input `index`)."""
    if index != 0 or not (affine.is_scalar or affine.axis == 1):
        return None
    if node.op_type == "Conv":
        return _conv_input(node, affine)
    if node.op_type == "ConvTranspose":
        return _conv_transpose_input(node, affine)
    if node.op_type == "Gemm":
        return _gemm_input(node, affine)
    if node.op_type == "BatchNormalization":
        found = affine_of(node)
        return None if found is None else _batch_norm(node, affine.then(found[1]))
    return None


def _batch_norm(node: ir.Node, affine: Affine) -> Edit | None:
    gamma = float_array_of(input_of(node, 1))
    if gamma is None or abs(real(node, "epsilon", EPSILON) - EPSILON) > 1e-12:  # float32 attribute
        return None
    full = affine.over(gamma.size)
    mean, variance = np.zeros(gamma.size), np.full(gamma.size, np.float64(VARIANCE))
    return Edit(node, {1: full.scale, 2: full.shift, 3: mean, 4: variance})


def _weights_and_bias(node: ir.Node, channels: int | None = None) -> tuple[Floats, Floats | None] | None:
    weights = float_array_of(input_of(node, 1))
    bias_value = input_of(node, 2)
    bias = float_array_of(bias_value)
    if weights is None or (bias_value is not None and bias is None):
        return None
    return weights, bias


def _conv_output(node: ir.Node, affine: Affine, *, transposed: bool) -> Edit | None:
    found = _weights_and_bias(node)
    if found is None:
        return None
    weights, bias = found
    group = integer(node, "group", 1)
    channels = weights.shape[1] * group if transposed else weights.shape[0]
    full = affine.over(channels)
    if transposed:
        per_group = full.scale.reshape(group, 1, -1, *(1,) * (weights.ndim - 2))
        grouped = weights.reshape(group, -1, *weights.shape[1:])
        scaled = (grouped * per_group).reshape(weights.shape)
    else:
        scaled = weights * full.scale.reshape(-1, *(1,) * (weights.ndim - 1))
    inputs = {1: scaled}
    if bias is not None or full.has_shift:
        inputs[2] = (np.zeros(channels) if bias is None else bias) * full.scale + full.shift
    return Edit(node, inputs)


def _conv_input(node: ir.Node, affine: Affine) -> Edit | None:
    found = _weights_and_bias(node)
    if found is None:
        return None
    weights, bias = found
    pads = ints(node, "pads", (0,) * (2 * (weights.ndim - 2)))
    is_padded = any(pads) or text(node, "auto_pad", "NOTSET") not in ("NOTSET", "VALID")
    if affine.has_shift and is_padded:  # the padding would have to be the shift, and is zero
        return None
    group = integer(node, "group", 1)
    full = affine.over(weights.shape[1] * group)
    outputs = weights.shape[0] // group
    tail = (1,) * (weights.ndim - 2)
    per_output = np.repeat(full.scale.reshape(group, -1), outputs, axis=0).reshape(*weights.shape[:2], *tail)
    inputs = {1: weights * per_output}
    if full.has_shift:
        shift = np.repeat(full.shift.reshape(group, -1), outputs, axis=0).reshape(*weights.shape[:2], *tail)
        added = (weights * shift).sum(axis=tuple(range(1, weights.ndim)))
        inputs[2] = added if bias is None else bias + added
    return Edit(node, inputs)


def _conv_transpose_input(node: ir.Node, affine: Affine) -> Edit | None:
    found = _weights_and_bias(node)
    if found is None or affine.has_shift:  # how many taps meet in a pixel differs from pixel to pixel
        return None
    weights, _ = found
    scale = affine.over(weights.shape[0]).scale
    return Edit(node, {1: weights * scale.reshape(-1, *(1,) * (weights.ndim - 1))})


def gemm_of(node: ir.Node) -> tuple[Floats, Floats, bool] | None:
    """Read a Gemm on untransposed activations: weights as (K, N), bias (N,) times beta, and transB."""
    found = _weights_and_bias(node)
    if found is None or integer(node, "transA", 0) or real(node, "beta", 1.0) != 1.0:
        return None
    weights, bias = found
    transposed = bool(integer(node, "transB", 0))
    matrix = weights.T if transposed else weights
    columns = matrix.shape[1]
    if bias is None:
        return matrix, np.zeros(columns), transposed
    if bias.size not in (1, columns) or (bias.ndim == 2 and bias.shape[0] != 1):
        return None
    return matrix, np.broadcast_to(bias.reshape(-1), columns), transposed


def _gemm_output(node: ir.Node, affine: Affine) -> Edit | None:
    found = gemm_of(node)
    if found is None:
        return None
    matrix, bias, transposed = found
    full = affine.over(matrix.shape[1])
    scaled = matrix * full.scale
    return Edit(node, {1: scaled.T if transposed else scaled, 2: bias * full.scale + full.shift})


def _gemm_input(node: ir.Node, affine: Affine) -> Edit | None:
    found = gemm_of(node)
    if found is None:
        return None
    matrix, bias, transposed = found
    full = affine.over(matrix.shape[0])
    scaled = matrix * full.scale[:, None]
    added = real(node, "alpha", 1.0) * (full.shift @ matrix)
    return Edit(node, {1: scaled.T if transposed else scaled, 2: bias + added})


def apply_edits(graph: ir.Graph, edits: Sequence[Edit]) -> None:
    """Register the new constants as float32 initializers and connect them."""
    for edit in edits:
        for index, array in edit.inputs.items():
            while len(edit.node.inputs) <= index:
                edit.node.resize_inputs(index + 1)
            edit.node.replace_input_with(index, register(graph, array.astype(np.float32)))


def register(graph: ir.Graph, array: Array) -> ir.Value:
    """Return the initializer of `graph` that holds `array`, a new one when there is none."""
    name = content_name(array)
    known = graph.initializers.get(name)
    if known is not None:
        return known
    tensor = ir.tensor(array, name=name)
    value = ir.Value(
        name=name, shape=ir.Shape(array.shape), type=ir.TensorType(tensor.dtype), const_value=tensor
    )
    graph.register_initializer(value)
    return value
