"""x + x * gate = x * (1 + gate): the sum moves to the gate, which is smaller."""

from typing import Any

import numpy as np
import onnx_ir as ir
from onnxscript.rewriter.pattern import MatchResult

from snapml_ocr.snapml.helpers.affine import Affine, emit_affine
from snapml_ocr.snapml.helpers.values import array_of, is_float, shape_of
from snapml_ocr.snapml.options import FixOptions
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, Rule


class FactorGate(Rule):
    """A gated residual."""

    explanation = Explanation(
        title="Gated residual",
        before="Mul(x, gate), Add(x, product), gate of shape (1, C, 1, 1)",
        after="BatchNormalization of the gate (shift 1), Mul(x, gate)",
        why=(
            "One layer less on the large tensor, and the scale of the gate folds into the same "
            "BatchNormalization."
        ),
        evidence="arithmetic; layer table: Batch Normalization (documented)",
        exactness="exact in real arithmetic; float32 rounds differently by 1 ulp",
    )

    def __init__(self, options: FixOptions, name: str, *, gate_first: bool, sum_first: bool) -> None:
        super().__init__(options, name, "Add")
        self._gate_first, self._sum_first = gate_first, sum_first

    def pattern(self, op: Any, x: Any, gate: Any) -> Any:
        """Match the sum in one of the four operand orders."""
        product = op.Mul(gate, x) if self._gate_first else op.Mul(x, gate)
        return op.Add(product, x) if self._sum_first else op.Add(x, product)

    def check(self, context: Any, x: ir.Value, gate: ir.Value) -> MatchResult:
        """Refuse a gate that is not smaller than x or whose shift would need a Constant operand."""
        outcome = MatchResult()
        x_shape, gate_shape = shape_of(x), shape_of(gate)
        if x is gate or not is_float(x) or array_of(gate) is not None or None in (x_shape, gate_shape):
            return outcome.fail(NOTHING_TO_DO)
        assert x_shape is not None
        assert gate_shape is not None
        if len(x_shape) != 4 or len(gate_shape) != 4 or np.prod(gate_shape) >= np.prod(x_shape):
            return outcome.fail(NOTHING_TO_DO)
        return outcome

    def rewrite(self, op: Any, x: ir.Value, gate: ir.Value) -> ir.Value:
        """Return x * (gate + 1)."""
        product: ir.Value = op.Mul(x, emit_affine(op, gate, Affine(np.ones(1), np.ones(1))))
        return product
