"""A constant scale or shift of a rank-4 tensor as BatchNormalization with fixed statistics."""

from typing import Any

import onnx_ir as ir

from snapml_ocr.snapml.helpers.affine import affine_of, emit_affine
from snapml_ocr.snapml.helpers.values import array_of, is_float, shape_of
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule


class AffineAsBatchNorm(NodeRule):
    """Add, Sub, Mul, Div by a constant number, or by one per channel."""

    op_types = ("Add", "Sub", "Mul", "Div")
    explanation = Explanation(
        title="Constant operands as BatchNormalization",
        before="Add, Sub, Mul or Div with a constant (one number, or one per channel) on a rank-4 tensor",
        after="BatchNormalization with mean 0, variance 1 and the constant as scale or shift",
        why=(
            "Scale and shift are one layer then. Alone they would be `linear` layers, which every backend "
            "ran when Lens Studio imported two models (recorded), while the documentation lists a constant "
            "operand as a Constant layer, which the iPhone NPU lacks. BatchNormalization is right by both."
        ),
        evidence="layer table: Batch Normalization, Constant (documented), Linear (recorded)",
        exactness="exact for Add, Sub, Mul; a divisor becomes a factor (1 ulp)",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Refuse constants of other shapes and tensors of other ranks."""
        if not any(array_of(operand) is not None for operand in node.inputs) or not is_float(node.outputs[0]):
            return NOTHING_TO_DO
        shape = shape_of(node.outputs[0])
        if shape is None or len(shape) != 4:
            return NOTHING_TO_DO
        found = affine_of(node)
        if found is None or shape_of(found[0]) != shape:
            return f"the constant of {node.op_type} is neither one number nor one per channel"
        return None

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the BatchNormalization."""
        found = affine_of(node)
        assert found is not None
        return emit_affine(op, *found)
