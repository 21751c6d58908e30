"""Layers of a sequence (T, C) that comes from a convolution stay in its layout, (1, C, 1, T)."""

from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.movement import Movement, columns_of, is_sequence, rows_from_columns
from snapml_ocr.snapml.helpers.values import (
    Array,
    array_of,
    constant,
    data_of,
    float_constant,
    int_constant,
    integer,
    is_float,
    output_of,
    shape_of,
    sized,
)
from snapml_ocr.snapml.helpers.weights import gemm_of
from snapml_ocr.snapml.rules.lift_reshape import BINARY, UNARY
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule

WHY = (
    "Reshape and Permute are not available on the iPhone NPU, and Lens Studio surrounds every Reshape with "
    "two Permutes; convolutions and element-wise layers run everywhere."
)
EVIDENCE = "layer table: Reshape, Permute, Convolution (documented); import record (recorded)"


class GemmOnColumns(NodeRule):
    """A fully connected layer over the steps of a sequence."""

    op_types = ("Gemm",)
    explanation = Explanation(
        title="Fully connected layers of a sequence",
        before="(1, C, 1, T) turned to rows (T, C), Gemm",
        after="a 1x1 Conv on (1, C, 1, T), turned to rows behind it, where the next layer takes it on",
        why=WHY,
        evidence=EVIDENCE,
        exactness="identical products and sums; their order may change",
    )

    def rewrite(self, op: Any, node: ir.Node) -> ir.Value | str:
        """Return the convolution, turned to rows."""
        columns, found = columns_of(data_of(node)), gemm_of(node)
        if columns is None or found is None or not self.options.wants_layout:
            return NOTHING_TO_DO
        matrix, bias, _ = found
        channels, steps = columns.grid
        rows = np.arange(channels * steps).reshape(channels, steps).T
        if not np.array_equal(columns.origin, rows):
            return NOTHING_TO_DO
        weights = float_constant(op, matrix.T[:, :, None, None])
        x = op.Conv(
            columns.columns(op),
            weights,
            float_constant(op, bias),
            kernel_shape=[1, 1],
            strides=[1, 1],
            pads=[0] * 4,
        )
        sized(x, (1, matrix.shape[1], 1, steps))
        return rows_from_columns(op, x, (matrix.shape[1], steps))


class ElementsOnColumns(NodeRule):
    """Element-wise layers of a sequence."""

    op_types = (*UNARY, *BINARY, "Clip", "Pow")
    explanation = Explanation(
        title="Element-wise layers of a sequence",
        before="(1, C, 1, T) turned to (T, C) or (1, C, T); Add, Mul, Sigmoid, Clip and the like",
        after="the layer on (1, C, 1, T), turned behind it, where the next layer takes it on",
        why=WHY,
        evidence=EVIDENCE,
        exactness="identical",
    )

    def rewrite(self, op: Any, node: ir.Node) -> ir.Value | str:
        """Return the layer on columns, moved as its operands were."""
        if not self.options.wants_layout or not is_float(output_of(node)):
            return NOTHING_TO_DO
        moved: Movement | None = None
        operands: list[ir.Value | None] = []
        result = shape_of(output_of(node))
        for operand in node.inputs:
            if operand is None or array_of(operand) is not None:
                operands.append(operand)
                continue
            columns = columns_of(operand)
            if columns is None or columns.origin.shape != result:
                return NOTHING_TO_DO
            if moved is not None and not np.array_equal(moved.origin, columns.origin):
                return NOTHING_TO_DO
            moved = moved or columns
            operands.append(columns.columns(op))
        if moved is None:
            return NOTHING_TO_DO
        for index, operand in enumerate(operands):
            array = array_of(operand)
            if array is not None and array.size != 1:
                turned = _per_channel(array, moved)
                if turned is None:
                    return NOTHING_TO_DO
                operands[index] = constant(op, turned)
        there = op.op(node.op_type, *operands, **dict(node.attributes.items()))
        channels, steps = moved.grid
        return moved.again(op, sized(there, (1, channels, 1, steps)))


class SoftmaxOfRows(NodeRule):
    """Softmax over the classes of each step, which needs no matrix."""

    op_types = ("Softmax",)
    explanation = Explanation(
        title="Softmax before the Reshape",
        before="Reshape of (T, C, 1, 1) to (T, C), Softmax",
        after="Softmax of (T, C, 1, 1), Reshape behind it",
        why="Two Reshapes meet and become one.",
        evidence="layer table: Softmax, Reshape (documented)",
        exactness="identical",
    )

    def rewrite(self, op: Any, node: ir.Node) -> ir.Value | str:
        """Return the Softmax of what was reshaped."""
        producer, shape = data_of(node).producer(), shape_of(output_of(node))
        source = (
            shape_of(data_of(producer)) if producer is not None and producer.op_type == "Reshape" else None
        )
        if producer is None or shape is None or source != (*shape, 1, 1) or integer(node, "axis", 1) != 1:
            return NOTHING_TO_DO
        value: ir.Value = op.Reshape(op.Softmax(data_of(producer), axis=1), int_constant(op, shape))
        return value


class MovedBack(NodeRule):
    """Detours that end where they began."""

    op_types = ("Reshape", "Transpose")
    explanation = Explanation(
        title="Detours of Reshape and Transpose",
        before="Reshapes and Transposes of (1, C, 1, T) that together leave every element in its place",
        after="nothing, or one Reshape",
        why="Reshape and Permute are not available on the iPhone NPU, and copies cost time everywhere.",
        evidence="layer table: Reshape, Permute (documented)",
        exactness="identical",
    )

    def rewrite(self, op: Any, node: ir.Node) -> ir.Value | str:
        """Return what the detour began with."""
        moved = columns_of(output_of(node))
        if moved is None or len(moved.nodes) < 2:
            return NOTHING_TO_DO
        if not is_sequence(shape_of(moved.source) or ()) and not is_sequence(moved.origin.shape):
            return NOTHING_TO_DO
        if not np.array_equal(moved.origin.reshape(-1), np.arange(moved.origin.size)):
            return NOTHING_TO_DO
        value: ir.Value
        if shape_of(moved.source) == moved.origin.shape:
            value = op.Identity(moved.source)
        else:
            value = op.Reshape(moved.source, int_constant(op, moved.origin.shape))
        return value


def _per_channel(array: Array, moved: Movement) -> Array | None:
    """Return a constant as (1, C, 1, 1) of the source, None when it differs from step to step."""
    channels, steps = moved.grid
    flat = np.empty(channels * steps, array.dtype)
    flat[moved.origin.reshape(-1)] = np.broadcast_to(array, moved.origin.shape).reshape(-1)
    grid = flat.reshape(channels, steps)
    return grid[None, :, :1, None] if np.all(grid == grid[:, :1]) else None
