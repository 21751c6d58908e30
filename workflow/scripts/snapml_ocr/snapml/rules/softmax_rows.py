"""Softmax of any rank as Softmax over the channels of a matrix."""

from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import data_of, int_constant, integer, is_float, output_of, shape_of
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule


class SoftmaxRows(NodeRule):
    """Softmax of opset 11, which means: over all axes from `axis` on."""

    op_types = ("Softmax",)
    explanation = Explanation(
        title="Softmax over channels",
        before="Softmax over the last axes of a tensor of any rank",
        after="Reshape to (rows, columns), Softmax with axis 1, Reshape back",
        why=(
            "SnapML's Softmax runs along the channels only. Below opset 13, axis 1 of a rank-4 tensor "
            "means all of "
            "C, H and W together, so setting the axis alone would change the numbers."
        ),
        evidence="layer table: Softmax (documented; form inferred_snap_code and inferred_tutorial)",
        exactness="identical",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Leave alone a Softmax over the channels of a matrix, or of a tensor with nothing behind them."""
        shape = shape_of(output_of(node))
        if shape is None or not is_float(output_of(node)):
            return "Softmax of unknown shape, or not on float32"
        axis = integer(node, "axis", 1) % max(len(shape), 1)
        if len(shape) < 1:
            return "Softmax of a single number"
        over_channels = axis == 1 and all(size == 1 for size in shape[2:])
        return NOTHING_TO_DO if over_channels and integer(node, "axis", 1) == 1 else None

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the Softmax of the matrix, reshaped back."""
        shape = shape_of(output_of(node))
        assert shape is not None
        axis = integer(node, "axis", 1) % len(shape)
        matrix = [int(np.prod(shape[:axis])), int(np.prod(shape[axis:]))]
        rows = op.Reshape(data_of(node), int_constant(op, matrix))
        value: ir.Value = op.Reshape(op.Softmax(rows, axis=1), int_constant(op, shape))
        return value
