"""ReLU6 in the one form that is known to become SnapML's ReLU6: Clip from 0 to 6."""

from typing import Any

import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import float_array_of, float_constant, input_of, like

TOP = 6.0


def emit_relu6(op: Any, x: ir.Value) -> ir.Value:
    """Return clip(x, 0, 6); the bounds have shape (1,), the form Snap's tutorial was seen to import."""
    return like(op.Clip(x, float_constant(op, [0.0]), float_constant(op, [TOP])), x)


def bounds_of(node: ir.Node) -> tuple[float, float] | None:
    """Return the bounds of a Clip, infinite where absent; None when they are not constants."""
    bounds = []
    for index, absent in ((1, float("-inf")), (2, float("inf"))):
        value = input_of(node, index)
        array = float_array_of(value)
        if value is not None and (array is None or array.size != 1):
            return None
        bounds.append(absent if array is None else float(array.reshape(-1)[0]))
    return bounds[0], bounds[1]
