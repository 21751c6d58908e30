"""A constant scale or shift per column of a matrix as a fully connected layer with a diagonal matrix."""

from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.affine import affine_of
from snapml_ocr.snapml.helpers.values import array_of, float_constant, is_float, output_of, shape_of
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule

MAX_COLUMNS = 1024
"""A diagonal matrix of more columns takes over 4 MB, too much of a budget of 10."""


class AffineAsGemm(NodeRule):
    """What is left of scales and shifts on matrices after folding."""

    op_types = ("Add", "Sub", "Mul", "Div")
    explanation = Explanation(
        title="Constant operands of matrices",
        before=(
            "Add, Sub, Mul or Div of a (T, C) matrix with one constant per column that no neighbour "
            "could take"
        ),
        after="Gemm with a diagonal matrix and a bias",
        why=(
            "Broadcasting is documented along channels and along height and width, not along rows; a "
            "Constant layer is "
            "missing on the iPhone NPU. Fully connected layers are available everywhere."
        ),
        evidence="layer table: Fully Connected, Eltwise Mul, Constant (documented)",
        exactness=(
            "identical (all other products are zero) for finite numbers; a divisor becomes a factor (1 ulp)"
        ),
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Leave alone other ranks, and single numbers unless the iPhone NPU is a target."""
        shape = shape_of(output_of(node))
        if shape is None or len(shape) != 2 or not is_float(output_of(node)):
            return NOTHING_TO_DO
        if not any(array_of(operand) is not None for operand in node.inputs):
            return NOTHING_TO_DO
        found = affine_of(node)
        if found is None or shape_of(found[0]) != shape:
            return f"the constant of {node.op_type} is neither one number nor one per column"
        if found[1].is_scalar and not self.options.wants("iphone_npu"):
            return NOTHING_TO_DO
        return None if shape[1] <= MAX_COLUMNS else f"{shape[1]} columns are too many for a diagonal matrix"

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the Gemm."""
        found, shape = affine_of(node), shape_of(output_of(node))
        assert found is not None
        assert shape is not None
        x, affine = found
        full = affine.over(shape[1])
        constants = (float_constant(op, np.diag(full.scale)), float_constant(op, full.shift))
        value: ir.Value = op.Gemm(x, *constants, alpha=1.0, beta=1.0, transA=0, transB=0)
        return value
