"""Convolution with unequal strides: equal strides, then leave out what the larger stride skips.

With g the greatest common divisor of the strides (a, b), a layer of strides (g, g) computes every row and
column that strides (a, b) would, and those are every (a / g)-th and (b / g)-th of its output.
"""

from math import gcd
from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import data_of, int_constant, ints, output_of, shape_of, text
from snapml_ocr.snapml.options import StrideForm
from snapml_ocr.snapml.rules.explicit_pads import integer_attribute, kernel_of
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule


class EqualStrides(NodeRule):
    """Unequal strides of convolutions, and of pooling when rows are left out by Slice."""

    op_types = ("Conv", "MaxPool", "AveragePool")
    explanation = Explanation(
        title="Unequal strides",
        before="Conv with strides (a, b), a != b",
        after=(
            "Conv with strides (g, g), g = gcd(a, b), then a 1x1 MaxPool (or a Slice) with strides (a / "
            "g, b / g); "
            "a 1x1 convolution without padding is strided first, which saves work instead of adding it. "
            "With the "
            "Slice form, pooling with unequal strides is rewritten alike"
        ),
        why=(
            "Strides of a convolution must be equal. Slice is not available on the iPhone NPU, pooling "
            "is; unequal "
            "strides of pooling are not mentioned in the documentation, so the form can be chosen "
            "(--stride_form)."
        ),
        evidence=(
            "layer table: Convolution (documented), Slice (documented; steps inferred_tutorial), Pooling Max"
        ),
        exactness="identical; the convolution computes (a b) / g^2 times as many values",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Refuse other ranks than 4 and pooling whose windows depend on the stride."""
        strides = ints(node, "strides", ())
        if len(set(strides)) < 2:
            return NOTHING_TO_DO
        slices = self.options.chosen_stride_form is StrideForm.SLICE
        if node.op_type != "Conv" and not slices:
            return NOTHING_TO_DO  # a pooling with unequal strides is the very form a convolution is given
        if len(strides) != 2 or shape_of(output_of(node)) is None:
            return "unequal strides of a tensor that is not rank 4, or of unknown shape"
        if text(node, "auto_pad", "NOTSET") != "NOTSET":
            return "auto_pad is not resolved"
        if integer_attribute(node, "ceil_mode") or len(node.outputs) > 1:
            return "ceil_mode and index outputs depend on the stride"
        return None

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the layer with equal strides and the selection, whichever order is cheaper."""
        strides = ints(node, "strides", ())
        common = gcd(*strides)
        steps = (strides[0] // common, strides[1] // common)
        inputs = list(node.inputs)
        attributes = dict(node.attributes.items())
        attributes["strides"] = ir.AttrInt64s("strides", [common, common])
        if _selects_only(node) and common == 1:
            inputs[0] = self._select(op, data_of(node), steps)
            first: ir.Value = op.op(node.op_type, *inputs, **attributes)
            return first
        dense = op.op(node.op_type, *inputs, **attributes)
        return self._select(op, dense, steps)

    def _select(self, op: Any, x: ir.Value, steps: tuple[int, int]) -> ir.Value:
        """Return every steps[0]-th row and steps[1]-th column of `x`."""
        value: ir.Value
        if self.options.chosen_stride_form is StrideForm.POOL:
            value = op.MaxPool(x, kernel_shape=[1, 1], strides=list(steps), pads=[0, 0, 0, 0])
            return value
        axes = [axis for axis, step in ((2, steps[0]), (3, steps[1])) if step > 1]
        value = op.Slice(
            x,
            int_constant(op, [0] * len(axes)),
            int_constant(op, [np.iinfo(np.int32).max] * len(axes)),
            int_constant(op, axes),
            int_constant(op, [steps[axis - 2] for axis in axes]),
        )
        return value


def _selects_only(node: ir.Node) -> bool:
    """Whether the layer looks at one pixel for each result, so that selecting before it is the same."""
    kernel = kernel_of(node)
    return kernel is not None and set(kernel) == {1} and not any(ints(node, "pads", ()))
