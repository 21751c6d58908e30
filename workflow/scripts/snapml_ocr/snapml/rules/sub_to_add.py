"""Differences as sums where a target lacks Sub or the smaller operand comes first."""

from math import prod
from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.affine import emit_affine, scaling
from snapml_ocr.snapml.helpers.values import (
    array_of,
    data_of,
    float_array_of,
    float_constant,
    input_of,
    is_float,
    output_of,
    shape_of,
)
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule


class SubToAdd(NodeRule):
    """Sub of two tensors, or of a constant."""

    op_types = ("Sub",)
    explanation = Explanation(
        title="Differences as sums",
        before="Sub(a, b) with the iPhone NPU among the targets, or with a smaller than b",
        after="Add(a, -b); the factor -1 folds into the layer that makes b",
        why=(
            "Eltwise Sub is not available on the iPhone NPU and wants its larger operand first; Eltwise "
            "Add is and does not."
        ),
        evidence=(
            "layer table: Eltwise Sub, Eltwise Add (documented); the form is Snap's own (inferred_snap_code)"
        ),
        exactness="identical",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Leave alone what runs as it is, and constants that come first."""
        first, second = data_of(node), input_of(node, 1)
        if not is_float(output_of(node)) or array_of(first) is not None:
            return NOTHING_TO_DO
        shapes = shape_of(first), shape_of(second)
        if shapes[0] is None or shapes[1] is None:
            return "Sub of unknown shapes"
        swapped = prod(shapes[0]) < prod(shapes[1])
        return None if swapped or self.options.wants("iphone_npu") else NOTHING_TO_DO

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the sum."""
        second = input_of(node, 1)
        assert second is not None
        array = float_array_of(second)
        negative = (
            emit_affine(op, second, scaling(-1.0))
            if array is None
            else float_constant(op, np.negative(array))
        )
        value: ir.Value = op.Add(data_of(node), negative)
        return value
