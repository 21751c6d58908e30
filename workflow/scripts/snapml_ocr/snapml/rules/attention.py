"""Attention as products and sums of layers that every target has: no MatMul of two computed tensors.

The scores of all pairs of steps, q_i k_j, are one product of q, flattened to the channels, with k, repeated
there; a 1x1 convolution of ones sums over the width of a head. The weighted sum of v is a product of the
shares with v, repeated, and a mean over the steps.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.movement import movement_of
from snapml_ocr.snapml.helpers.values import (
    Array,
    data_of,
    float_array_of,
    float_constant,
    input_of,
    int_constant,
    integer,
    ints,
    output_of,
    shape_of,
)
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule

MAX_STEPS = 256
"""A layer of T steps and heads of width D takes 2 D T^2 products and a constant of D T^2 numbers."""


@dataclass(frozen=True)
class _Part:
    """Query, key or value: the projection of `x`, (width of a head, channels of x) and bias per head."""

    x: ir.Value
    weights: Array
    bias: Array


class Attention(NodeRule):
    """Softmax(q k) v with all heads at once."""

    op_types = ("MatMul",)
    explanation = Explanation(
        title="Attention without matrix products of computed tensors",
        before="three 1x1 Conv of (1, C, 1, T), MatMul, Softmax, MatMul",
        after="one 1x1 Conv, Reshape to a batch of heads; q flattened by a Conv of width T, k repeated by a "
        "Conv of ones, Mul, sum by a Conv of ones, Softmax; v repeated alike, Mul, GlobalAveragePool",
        why="Batch Matrix Multiplication is not available on Android GPU and iPhone NPU; convolutions and "
        "products are. Five layers that move elements are left of thirteen.",
        evidence="layer table: Batch Matrix Multiplication, Convolution, Eltwise Mul, Pooling Global Average "
        "(documented)",
        exactness="exact in real arithmetic; the order of additions changes (1e-6)",
    )

    def rewrite(self, op: Any, node: ir.Node) -> ir.Value | str:
        """Return the weighted sums as (heads, 1, T, width)."""
        if not self.options.wants_layout:
            return NOTHING_TO_DO
        product = _scores_of(node)
        if product is None:
            return NOTHING_TO_DO
        parts = [
            _part(data_of(product), (0, 1, 2, 3)),
            _part(input_of(product, 1), (0, 1, 3, 2)),
            _part(input_of(node, 1), (0, 1, 2, 3)),
        ]
        query, key, value = parts
        if query is None or key is None or value is None:
            return "attention whose query, key or value is no 1x1 convolution of a sequence (1, C, 1, T)"
        if not (query.x is key.x is value.x) or query.weights.shape != key.weights.shape:
            return "attention whose query, key and value come from different tensors"
        steps = (shape_of(query.x) or (0,))[-1]
        if steps > MAX_STEPS:
            return f"attention over {steps} steps: more than {MAX_STEPS} would take too many products"
        return _attention(op, query, key, value, int(steps))


def _attention(op: Any, query: _Part, key: _Part, value: _Part, steps: int) -> ir.Value:
    heads, width, _ = query.weights.shape
    depth = value.weights.shape[1]
    times_steps = _Part(value.x, value.weights * steps, value.bias * steps)  # a sum over T as a mean
    projected = _projection(op, [query, key, times_steps])
    apart = op.Reshape(projected, int_constant(op, [heads, 2 * width + depth, 1, steps]))
    q = _picked(op, apart, 0, width, 2 * width + depth)
    k = _picked(op, apart, width, width, 2 * width + depth)
    v = _picked(op, apart, 2 * width, depth, 2 * width + depth)

    pairs = op.Mul(_repeated(op, k, width, steps), _flattened(op, q, width, steps))
    pairs = op.Reshape(pairs, int_constant(op, [1, heads * width, steps, steps]))
    scores = _conv(op, pairs, np.repeat(np.eye(heads), width, axis=1)[:, :, None, None])
    rows = op.Softmax(op.Reshape(scores, int_constant(op, [heads * steps, steps, 1, 1])), axis=1)

    shares = op.Reshape(rows, int_constant(op, [heads, steps, 1, steps]))
    weighted = op.Mul(op.Concat(*([shares] * depth), axis=1), _repeated(op, v, depth, steps))
    means = op.GlobalAveragePool(weighted)
    columns = op.Reshape(means, int_constant(op, [1, heads * depth, 1, steps]))
    rows = op.Reshape(columns, int_constant(op, [heads, depth, 1, steps]))
    result: ir.Value = op.Transpose(rows, perm=[0, 2, 3, 1])
    return result


def _projection(op: Any, parts: list[_Part]) -> ir.Value:
    """Return (1, C, 1, T) with the channels of all parts, head by head."""
    weights = np.concatenate([part.weights for part in parts], axis=1)
    bias = np.concatenate([part.bias for part in parts], axis=1)
    return _conv(op, parts[0].x, weights.reshape(-1, weights.shape[2], 1, 1), bias.reshape(-1))


def _picked(op: Any, x: ir.Value, first: int, count: int, channels: int) -> ir.Value:
    """Return `count` channels of (heads, channels, 1, T); Slice is not available on the iPhone NPU."""
    return _conv(op, x, np.eye(channels)[first : first + count, :, None, None])


def _flattened(op: Any, x: ir.Value, width: int, steps: int) -> ir.Value:
    """Return (heads, width * T, 1, 1) of (heads, width, 1, T): tap t of channel c is channel c T + t."""
    return _conv(op, x, np.tile(np.eye(steps), (width, 1))[:, None, None, :], group=width)


def _repeated(op: Any, x: ir.Value, width: int, steps: int) -> ir.Value:
    """Return (heads, width * T, 1, T): every channel T times."""
    return _conv(op, x, np.ones((width * steps, 1, 1, 1)), group=width)


def _conv(op: Any, x: ir.Value, weights: Array, bias: Array | None = None, group: int = 1) -> ir.Value:
    constants = [
        float_constant(op, weights),
        float_constant(op, np.zeros(len(weights)) if bias is None else bias),
    ]
    attributes = {"kernel_shape": list(weights.shape[2:]), "strides": [1, 1], "pads": [0] * 4, "group": group}
    result: ir.Value = op.Conv(x, *constants, **attributes)
    return result


def _scores_of(node: ir.Node) -> ir.Node | None:
    """Return the MatMul whose Softmax over the last axis `node` multiplies with the values."""
    softmax = _behind(data_of(node), "Softmax")
    product = _behind(data_of(softmax), "MatMul") if softmax is not None else None
    shape = shape_of(output_of(softmax)) if softmax is not None else None
    if softmax is None or product is None or shape is None:
        return None
    scores = shape_of(output_of(product)) or ()
    over_last = integer(softmax, "axis", 1) in (1, -1) and len(shape) == 2 and shape[-1] == scores[-1]
    return product if over_last and len(scores) == 4 and scores[1] == 1 else None


def _behind(value: ir.Value, operator: str) -> ir.Node | None:
    """Return the node of `operator` behind `value` when between them no element changes its place."""
    moved = movement_of(value)
    node = moved.source.producer() if moved is not None else None
    if moved is None or node is None or node.op_type != operator:
        return None
    return node if np.array_equal(moved.origin.reshape(-1), np.arange(moved.origin.size)) else None


def _part(operand: ir.Value | None, order: tuple[int, ...]) -> _Part | None:
    """Read an operand, as (heads, 1, T, width) in `order`, as a 1x1 convolution's channels by head."""
    moved = movement_of(operand)
    conv = moved.source.producer() if moved is not None else None
    if moved is None or conv is None or conv.op_type != "Conv" or moved.origin.ndim != 4:
        return None
    origin = moved.origin.transpose(order)
    _, one, steps, _ = origin.shape
    channels, step = np.divmod(origin, steps)
    in_order = np.array_equal(step[0, 0, :, 0], np.arange(steps)) and np.all(step == step[:1, :, :, :1])
    weights, bias = float_array_of(input_of(conv, 1)), float_array_of(input_of(conv, 2))
    if weights is None or weights.shape[2:] != (1, 1) or integer(conv, "group", 1) != 1 or one != 1:
        return None
    if (
        not in_order
        or np.any(channels != channels[:, :, :1])
        or (shape_of(moved.source) or ())[2:] != (1, steps)
    ):
        return None
    if any(ints(conv, "pads", ())) or set(ints(conv, "strides", (1,))) != {1}:
        return None
    rows = channels[:, 0, 0, :]
    offsets = np.zeros(len(weights)) if bias is None else bias
    return _Part(data_of(conv), weights[rows][..., 0, 0], offsets[rows])
