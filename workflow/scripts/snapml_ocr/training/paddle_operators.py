"""ONNX operators as differentiable Paddle operations, for opsets 7 to 21.

Each function takes the node's attributes and its inputs and returns its first output. An input is a Paddle
tensor, a NumPy array (a constant, or a shape that was computed), or None where the node leaves it out.
https://onnx.ai/onnx/operators/
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import paddle
from paddle.nn import functional

from snapml_ocr.errors import UserError

Value: TypeAlias = Any
"""A Paddle tensor, a NumPy array or None."""

Attributes: TypeAlias = Mapping[str, Any]
Operator: TypeAlias = Callable[..., Value]

ONE_AXIS_SINCE = 13
"""From this opset on, Softmax works on one axis, by default the last; before, on all axes from `axis` on."""


def tensor(value: Value) -> Any:
    """Return a value as a Paddle tensor."""
    return paddle.to_tensor(value) if isinstance(value, np.ndarray | np.generic) else value


def integers(value: Value) -> list[int]:
    """Return a value that holds sizes, axes or indices as a list."""
    return [int(one) for one in np.asarray(value).reshape(-1)]


def _axes(attributes: Attributes, inputs: Sequence[Value], index: int = 1) -> list[int] | None:
    """Return the axes of an operator that took them as an attribute before opset 13 or 18, since as input."""
    given = inputs[index] if len(inputs) > index and inputs[index] is not None else attributes.get("axes")
    return None if given is None else integers(given)


def _pads(attributes: Attributes, size: Sequence[int], kernel: Sequence[int]) -> list[list[int]]:
    """Return [[before, after] for height and width] of a window, with `auto_pad` resolved."""
    strides = attributes.get("strides", [1, 1])
    dilations = attributes.get("dilations", [1, 1])
    mode = attributes.get("auto_pad", b"NOTSET").decode()
    if mode in {"SAME_UPPER", "SAME_LOWER"}:
        totals = [
            max(0, (math.ceil(length / stride) - 1) * stride + dilation * (side - 1) + 1 - length)
            for length, stride, dilation, side in zip(size, strides, dilations, kernel, strict=True)
        ]
        halves = [[total // 2, total - total // 2] for total in totals]
        return halves if mode == "SAME_UPPER" else [half[::-1] for half in halves]
    pads = attributes.get("pads", [0, 0, 0, 0]) if mode == "NOTSET" else [0, 0, 0, 0]
    return [[pads[0], pads[2]], [pads[1], pads[3]]]


def _conv(attributes: Attributes, x: Value, weight: Value, bias: Value = None) -> Value:
    weight = tensor(weight)
    if len(x.shape) == 3:  # along one axis: a height of one
        line = {
            **attributes,
            **{key: [1, *attributes[key]] for key in ("strides", "dilations") if key in attributes},
            **(
                {"pads": [0, attributes["pads"][0], 0, attributes["pads"][1]]} if "pads" in attributes else {}
            ),
        }
        return _conv(line, x.unsqueeze(2), weight.unsqueeze(2), bias).squeeze(2)
    return functional.conv2d(
        x,
        weight,
        None if bias is None else tensor(bias),
        stride=attributes.get("strides", [1, 1]),
        padding=[[0, 0], [0, 0], *_pads(attributes, x.shape[2:], weight.shape[2:])],
        dilation=attributes.get("dilations", [1, 1]),
        groups=attributes.get("group", 1),
    )


def _window(attributes: Attributes, x: Value) -> tuple[dict[str, Any], list[int]]:
    """Return a pooling's window for Paddle and its pads: top, bottom, left, right."""
    if attributes.get("dilations", [1, 1]) != [1, 1]:
        raise UserError("a pooling with dilations has no counterpart in Paddle")
    kernel = attributes["kernel_shape"]
    (top, bottom), (left, right) = _pads(attributes, x.shape[2:], kernel)
    strides, ceil = attributes.get("strides", [1, 1]), bool(attributes.get("ceil_mode", 0))
    return {"kernel_size": kernel, "stride": strides, "ceil_mode": ceil}, [top, bottom, left, right]


def _max_pool(attributes: Attributes, x: Value) -> Value:
    window, pads = _window(attributes, x)
    return functional.max_pool2d(x, padding=pads, **window)


def _average_pool(attributes: Attributes, x: Value) -> Value:
    window, pads = _window(attributes, x)
    if not attributes.get("count_include_pad", 0):
        return functional.avg_pool2d(x, padding=pads, exclusive=True, **window)
    # Paddle counts pads that differ on both sides in another way.
    return functional.avg_pool2d(functional.pad(x, [*pads[2:], *pads[:2]]), exclusive=True, **window)


def _batch_norm(a: Attributes, x: Value, *weights: Value) -> Value:
    scale, bias, mean, variance = map(tensor, weights[:4])
    return functional.batch_norm(
        x, mean, variance, scale, bias, training=False, epsilon=a.get("epsilon", 1e-5)
    )


def _layer_norm(attributes: Attributes, x: Value, scale: Value, bias: Value = None) -> Value:
    axis = attributes.get("axis", -1) % len(x.shape)
    weights = tensor(scale), None if bias is None else tensor(bias)
    return functional.layer_norm(x, x.shape[axis:], *weights, epsilon=attributes.get("epsilon", 1e-5))


def _softmax(log: bool) -> Operator:
    def operator(attributes: Attributes, x: Value) -> Value:
        function = functional.log_softmax if log else functional.softmax
        if attributes["opset"] >= ONE_AXIS_SINCE:
            return function(x, axis=attributes.get("axis", -1))
        axis = attributes.get("axis", 1) % len(x.shape)
        return function(x.flatten(axis), axis=-1).reshape(x.shape)

    return operator


def _clip(attributes: Attributes, x: Value, low: Value = None, high: Value = None) -> Value:
    low = attributes.get("min") if low is None else float(np.asarray(low).reshape(-1)[0])
    high = attributes.get("max") if high is None else float(np.asarray(high).reshape(-1)[0])
    return paddle.clip(x, low, high)


def _mean(attributes: Attributes, *inputs: Value) -> Value:
    axes = _axes(attributes, inputs)
    if axes is None and attributes.get("noop_with_empty_axes"):
        return inputs[0]
    return paddle.mean(inputs[0], axis=axes, keepdim=bool(attributes.get("keepdims", 1)))


def _sum(attributes: Attributes, *inputs: Value) -> Value:
    return paddle.sum(inputs[0], axis=_axes(attributes, inputs), keepdim=bool(attributes.get("keepdims", 1)))


def _squeeze(attributes: Attributes, *inputs: Value) -> Value:
    return paddle.squeeze(inputs[0], axis=_axes(attributes, inputs))


def _unsqueeze(attributes: Attributes, *inputs: Value) -> Value:
    axes = _axes(attributes, inputs) or []
    rank = len(inputs[0].shape) + len(axes)
    return paddle.unsqueeze(inputs[0], axis=sorted(axis % rank for axis in axes))


def _reshape(attributes: Attributes, x: Value, shape: Value) -> Value:
    sizes = integers(shape)
    if not attributes.get("allowzero"):
        sizes = [x.shape[index] if size == 0 else size for index, size in enumerate(sizes)]
    return paddle.reshape(x, sizes)


def _flatten(attributes: Attributes, x: Value) -> Value:
    axis = attributes.get("axis", 1)
    axis += len(x.shape) if axis < 0 else 0
    return paddle.reshape(x, [math.prod(x.shape[:axis]), -1])


def _slice(attributes: Attributes, x: Value, *inputs: Value) -> Value:
    given = [*inputs, None, None, None, None][:4]
    starts = integers(attributes["starts"] if given[0] is None else given[0])
    ends = integers(attributes["ends"] if given[1] is None else given[1])
    axes = given[2] if given[2] is not None else attributes.get("axes", range(len(starts)))
    steps = integers(given[3]) if given[3] is not None else [1] * len(starts)
    index: list[slice] = [slice(None)] * len(x.shape)
    for axis, start, end, step in zip(integers(list(axes)), starts, ends, steps, strict=True):
        positions = range(*slice(start, end, step).indices(x.shape[axis]))
        # A stop below zero would count from the end.
        stop = None if positions.stop < 0 else positions.stop
        index[axis] = slice(positions.start, stop, positions.step)
    return x[tuple(index)]


def _gather(attributes: Attributes, x: Value, indices: Value) -> Value:
    axis = attributes.get("axis", 0) % len(x.shape)
    wanted = np.asarray(indices)
    taken = paddle.index_select(x, paddle.to_tensor(wanted.reshape(-1) % x.shape[axis]), axis=axis)
    return paddle.reshape(taken, [*x.shape[:axis], *wanted.shape, *x.shape[axis + 1 :]])


def _gemm(attributes: Attributes, a: Value, b: Value, c: Value = None) -> Value:
    product = paddle.matmul(
        tensor(a),
        tensor(b),
        transpose_x=bool(attributes.get("transA", 0)),
        transpose_y=bool(attributes.get("transB", 0)),
    )
    product = product * attributes.get("alpha", 1.0)
    return product if c is None else product + attributes.get("beta", 1.0) * tensor(c)


def _gelu(attributes: Attributes, x: Value) -> Value:
    return functional.gelu(x, approximate=attributes.get("approximate", b"none") == b"tanh")


def _lstm(attributes: Attributes, x: Value, w: Value, r: Value, *rest: Value) -> Value:
    """(T, N, C) to (T, directions, N, hidden), gates i, o, f, c in ONNX and i, f, c, o in Paddle."""
    bias, lengths, hidden, cell, peepholes = [*rest, None, None, None, None, None][:5]
    direction = attributes.get("direction", b"forward").decode()
    if (
        lengths is not None
        or peepholes is not None
        or direction == "reverse"
        or {"activations", "clip", "input_forget"} & set(attributes)
        or attributes.get("layout")
    ):
        raise UserError("an LSTM with sequence lengths, peepholes, or of another form has no counterpart")
    size = attributes["hidden_size"]
    directions = 2 if direction == "bidirectional" else 1
    weights = tensor(w), tensor(r)
    biases = paddle.zeros([directions, 8 * size]) if bias is None else tensor(bias)
    state = [
        paddle.zeros([directions, x.shape[1], size]) if one is None else tensor(one) for one in (hidden, cell)
    ]

    def gates(values: Value) -> Value:
        return paddle.concat([values[gate * size : (gate + 1) * size] for gate in (0, 2, 3, 1)], axis=0)

    every = [gates(one[number]) for number in range(directions) for one in weights]
    for number in range(directions):
        every += [gates(biases[number][: 4 * size]), gates(biases[number][4 * size :])]
    # nn.LSTM calls this, but holds weights of its own; a loop over LSTMCell takes 20 times as long.
    dropout_state = paddle.zeros([1], "uint8")
    output, _, _ = paddle._C_ops.rnn(
        x, state, every, None, dropout_state, 0.0, directions == 2, x.shape[2], size, 1, "LSTM", 0, False
    )
    steps, batch = x.shape[:2]
    return output.reshape([steps, batch, directions, size]).transpose([0, 2, 1, 3])


def _binary(function: Callable[[Any, Any], Any]) -> Operator:
    return lambda _, a, b: function(tensor(a), tensor(b))


def _unary(function: Callable[[Any], Any]) -> Operator:
    return lambda _, x: function(x)


OPERATORS: dict[str, Operator] = {
    "Abs": _unary(paddle.abs),
    "Add": _binary(paddle.add),
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_norm,
    "Cast": lambda _, x: x,
    "Clip": _clip,
    "Concat": lambda a, *inputs: paddle.concat([tensor(one) for one in inputs], axis=a["axis"]),
    "Conv": _conv,
    "Div": _binary(paddle.divide),
    "Dropout": lambda _, x, *rest: x,
    "Elu": lambda a, x: functional.elu(x, a.get("alpha", 1.0)),
    "Erf": _unary(paddle.erf),
    "Exp": _unary(paddle.exp),
    "Expand": lambda _, x, shape: tensor(x) * paddle.ones(integers(shape)),
    "Flatten": _flatten,
    "Gather": _gather,
    "Gelu": _gelu,
    "Gemm": _gemm,
    "GlobalAveragePool": lambda _, x: paddle.mean(x, axis=list(range(2, len(x.shape))), keepdim=True),
    "HardSigmoid": lambda a, x: paddle.clip(a.get("alpha", 0.2) * x + a.get("beta", 0.5), 0.0, 1.0),
    "HardSwish": lambda _, x: x * paddle.clip(x / 6.0 + 0.5, 0.0, 1.0),
    "Identity": _unary(lambda x: x),
    "LayerNormalization": _layer_norm,
    "LeakyRelu": lambda a, x: functional.leaky_relu(x, a.get("alpha", 0.01)),
    "LogSoftmax": _softmax(log=True),
    "LSTM": _lstm,
    "MatMul": _binary(paddle.matmul),
    "MaxPool": _max_pool,
    "Mul": _binary(paddle.multiply),
    "Neg": _unary(paddle.neg),
    "Pow": _binary(paddle.pow),
    "Reciprocal": _unary(paddle.reciprocal),
    "ReduceMean": _mean,
    "ReduceSum": _sum,
    "Relu": _unary(functional.relu),
    "Reshape": _reshape,
    "Sigmoid": _unary(functional.sigmoid),
    "Slice": _slice,
    "Softmax": _softmax(log=False),
    "Softplus": _unary(functional.softplus),
    "Sqrt": _unary(paddle.sqrt),
    "Squeeze": _squeeze,
    "Sub": _binary(paddle.subtract),
    "Tanh": _unary(paddle.tanh),
    "Tile": lambda _, x, repeats: paddle.tile(tensor(x), integers(repeats)),
    "Transpose": lambda a, x: paddle.transpose(x, a.get("perm", list(range(len(x.shape)))[::-1])),
    "Unsqueeze": _unsqueeze,
}
"""By ONNX operator type. `Shape` and whatever works on constants alone is computed by ONNX itself."""
