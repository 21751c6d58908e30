"""A constant divisor as a factor."""

from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import array_of, data_of, float_array_of, float_constant, input_of
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule


class DivToMul(NodeRule):
    """Div by a constant."""

    op_types = ("Div",)
    explanation = Explanation(
        title="Constant divisors",
        before="Div(x, c), c a constant of any shape",
        after="Mul(x, 1 / c)",
        why=(
            "Factors fold into neighbours. By one number, or one per channel, Div is a `linear` layer as Mul "
            "is (recorded); by other constants it is Eltwise Div, which the iPhone NPU lacks."
        ),
        evidence="layer table: Eltwise Div, Eltwise Mul (documented), Linear (recorded)",
        exactness="1 ulp, because 1 / c is rounded; identical for powers of two",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Refuse to divide by zero; leave computed divisors alone."""
        divisor = float_array_of(input_of(node, 1))
        if divisor is None or array_of(data_of(node)) is not None:
            return NOTHING_TO_DO
        return None if np.all(divisor != 0) else "the divisor has zeros"

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the product."""
        divisor = float_array_of(input_of(node, 1))
        assert divisor is not None
        value: ir.Value = op.Mul(data_of(node), float_constant(op, 1.0 / divisor))
        return value
