"""Means and maxima over axes that SnapML reduces, and over height and width by pooling."""

from math import gcd, prod
from typing import Any

import onnx_ir as ir

from snapml_ocr.snapml.helpers.affine import emit_affine, scaling
from snapml_ocr.snapml.helpers.values import data_of, int_constant, ints, is_float, like, output_of, shape_of
from snapml_ocr.snapml.rules.pool_into_conv import MOST_ROWS
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule

HEIGHT_AND_WIDTH = (2, 3)

MANY_PIXELS = 1 << 13
"""From here on a mean takes two steps: engines add pixel after pixel. At the 160 x 160 of PP-OCRv6 tiny one
step moves the detector's map by 1.3e-4 on pictures, two by 4e-5 (limit 1e-4); and a sum in float16, as on the
NPU, is infinite for a mean above 65504 / 25600 = 2.6 in one step, above 255 in two."""


class ReductionAxes(NodeRule):
    """ReduceMean, ReduceSum, ReduceMax."""

    op_types = ("ReduceMean", "ReduceSum", "ReduceMax")
    explanation = Explanation(
        title="Axes of reductions",
        before=(
            "ReduceMean over height and width; ReduceMean, ReduceMax or ReduceSum over the last axes of "
            "any rank"
        ),
        after=(
            "GlobalAveragePool, behind an AveragePool where there are many pixels; "
            "the reduction over the channels of (rows, columns, 1, 1); a sum is a "
            "mean times the count"
        ),
        why=(
            "Reductions run over N, C, HW or HWC and are not available on the iPhone NPU, global average "
            "pooling is. "
            "ReduceSum is not in the table."
        ),
        evidence="layer table: Reduce Mean, Pooling Global Average (documented)",
        exactness="the order of additions may change (1e-6 relative)",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Refuse axes with others behind them."""
        shape = shape_of(data_of(node))
        if shape is None or not is_float(output_of(node)) or shape_of(output_of(node)) is None:
            return f"{node.op_type} of unknown shape, or not on float32"
        axes = reduced_axes(node, len(shape))
        if _is_documented(node.op_type, shape, axes) and ints(node, "axes", ()) == axes:
            return NOTHING_TO_DO
        last = tuple(range(len(shape) - len(axes), len(shape)))
        if len(shape) == 4 and axes == HEIGHT_AND_WIDTH:
            return None
        return None if axes == last else f"{node.op_type} of {shape} over the axes {axes}"

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the pooling or the reduction over channels."""
        x, shape, result = data_of(node), shape_of(data_of(node)), shape_of(output_of(node))
        assert shape is not None
        assert result is not None
        axes = reduced_axes(node, len(shape))
        count = prod(shape[axis] for axis in axes)
        value: ir.Value
        if len(shape) == 4 and axes == HEIGHT_AND_WIDTH and node.op_type != "ReduceMax":
            sizes = (*shape[:2], 1, 1)
            value = like(op.GlobalAveragePool(_pooled(op, x, shape)), x)
        elif len(shape) == 4 and axes == HEIGHT_AND_WIDTH:
            sizes = (*shape[:2], 1, 1)
            value = op.ReduceMax(x, axes=list(axes), keepdims=1)
        else:
            sizes = (prod(shape) // count, 1, 1, 1)
            pixels = op.Reshape(x, int_constant(op, [sizes[0], count, 1, 1]))
            operator = "ReduceMax" if node.op_type == "ReduceMax" else "ReduceMean"
            value = op.op(operator, pixels, axes=[1], keepdims=1)
        value.type, value.shape = output_of(node).type, ir.Shape(sizes)
        if node.op_type == "ReduceSum":
            value = emit_affine(op, value, scaling(float(count)))
        return value if sizes == result else op.Reshape(value, int_constant(op, result))


def _pooled(op: Any, x: ir.Value, shape: tuple[int, ...]) -> ir.Value:
    """Return means of windows of `x` when it is large, since engines add its pixels up one by one."""
    height, width = shape[2:]
    if height * width < MANY_PIXELS:
        return x
    common = gcd(height, width)
    sizes = [size for size in range(2, common + 1) if common % size == 0]
    if not sizes:
        return x
    few = [size for size in sizes if max(height, width) <= MOST_ROWS * size]
    size = min(few) if few else min(sizes, key=lambda one: abs(one - (height * width) ** 0.25))
    pooled: ir.Value = op.AveragePool(x, kernel_shape=[size] * 2, strides=[size] * 2, pads=[0] * 4)
    return pooled


def reduced_axes(node: ir.Node, rank: int) -> tuple[int, ...]:
    """Return the axes of a reduction, counted from the front, in order; all without the attribute."""
    return tuple(sorted(axis % rank for axis in ints(node, "axes", tuple(range(rank)))))


def _is_documented(operator: str, shape: tuple[int, ...], axes: tuple[int, ...]) -> bool:
    if operator == "ReduceSum" or len(shape) != 4:
        return False
    return axes in ((0,), (1,)) or (axes == HEIGHT_AND_WIDTH and operator == "ReduceMax")
