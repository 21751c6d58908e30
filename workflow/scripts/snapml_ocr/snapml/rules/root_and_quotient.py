"""Roots, reciprocals and quotients of computed tensors by the Power layer, for the iPhone NPU."""

from typing import Any

import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import (
    array_of,
    data_of,
    float_constant,
    input_of,
    is_float,
    like,
    output_of,
    shape_of,
)
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule


class RootAndQuotient(NodeRule):
    """Sqrt, Reciprocal, Div."""

    op_types = ("Sqrt", "Reciprocal", "Div")
    explanation = Explanation(
        title="Roots and quotients",
        before="Sqrt(x), Reciprocal(x), Div(x, y) of computed tensors, with the iPhone NPU among the targets",
        after="Pow(x, 0.5), Pow(x, -1), Mul(x, Pow(y, -1))",
        why=(
            "Square Root, Inverse and Eltwise Div are not available on the iPhone NPU, Power and Eltwise "
            "Mul are."
        ),
        evidence="layer table: Power, Square Root, Eltwise Div (documented)",
        exactness="exact in real arithmetic; a quotient rounds twice (1 ulp)",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Leave alone quotients of constants, and everything when the iPhone NPU is no target."""
        if not self.options.wants("iphone_npu") or not is_float(output_of(node)):
            return NOTHING_TO_DO
        if node.op_type == "Div" and any(array_of(operand) is not None for operand in node.inputs):
            return NOTHING_TO_DO
        if node.op_type == "Div" and shape_of(data_of(node)) is None:
            return "Div of unknown shapes"
        return None

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the power, or the product with it."""
        value: ir.Value
        if node.op_type == "Div":
            divisor = input_of(node, 1)
            assert divisor is not None
            inverse = like(op.Pow(divisor, float_constant(op, [-1.0])), divisor)
            value = op.Mul(data_of(node), inverse)
            return value
        exponent = 0.5 if node.op_type == "Sqrt" else -1.0
        value = op.Pow(data_of(node), float_constant(op, [exponent]))
        return value
