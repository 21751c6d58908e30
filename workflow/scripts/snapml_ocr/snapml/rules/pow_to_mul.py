"""Small whole powers as products."""

from typing import Any

import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import array_of, data_of, input_of, is_float, like, output_of
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule

LARGEST = 4
"""x^4 takes two products; from there on Power is cheaper and no less exact."""


class PowToMul(NodeRule):
    """Pow with exponents 1 to 4."""

    op_types = ("Pow",)
    explanation = Explanation(
        title="Small whole powers",
        before="Pow(x, 2), also 1, 3 and 4",
        after="Mul(x, x), and products of products",
        why=(
            "What engines do with a negative base is not documented (many compute exp(y log x)); a "
            "product is safe, "
            "and cheaper."
        ),
        evidence="layer table: Power, Eltwise Mul (documented)",
        exactness="exact for 2; 1 ulp for 3 and 4",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Leave other exponents to the Power layer."""
        exponent = _exponent(node)
        return None if exponent in range(1, LARGEST + 1) and is_float(output_of(node)) else NOTHING_TO_DO

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the product."""
        x, exponent = data_of(node), _exponent(node)
        value: ir.Value
        if exponent == 1:
            value = op.Identity(x)
            return value
        value = like(op.Mul(x, x), x)
        if exponent == 3:
            value = op.Mul(value, x)
        elif exponent == LARGEST:
            value = op.Mul(value, value)
        return value


def _exponent(node: ir.Node) -> float | None:
    array = array_of(input_of(node, 1))
    return float(array.reshape(-1)[0]) if array is not None and array.size == 1 else None
