"""MatMul with constant weights as Gemm, SnapML's fully connected layer."""

from typing import Any

import numpy as np
import onnx_ir as ir
from onnxscript.rewriter.pattern import MatchResult

from snapml_ocr.snapml.helpers.values import (
    Array,
    array_of,
    data_of,
    float_array_of,
    float_constant,
    input_of,
    int_constant,
    is_float,
    output_of,
    shape_of,
)
from snapml_ocr.snapml.options import FixOptions
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule, Rule

EXPLANATION = Explanation(
    title="Fully connected layers",
    before="MatMul of a rank 2 to 4 tensor with constant weights, Add of a bias or none",
    after="Reshape to rows, Gemm with weights and bias, Reshape back",
    why=(
        "The fully connected layer was seen to import from Gemm; what becomes of MatMul with weights is "
        "unknown."
    ),
    evidence="layer table: Fully Connected (inferred_tutorial)",
    exactness="exact in real arithmetic; the bias is added inside the product (1 ulp)",
)


class MatMulBias(Rule):
    """MatMul and the Add behind it."""

    explanation = EXPLANATION

    def __init__(self, options: FixOptions, name: str, *, bias_first: bool) -> None:
        super().__init__(options, name, "Add")
        self._bias_first = bias_first

    def pattern(self, op: Any, x: Any, weights: Any, bias: Any) -> Any:
        """Match the sum in either order."""
        product = op.MatMul(x, weights, _outputs=["product"])
        return op.Add(bias, product) if self._bias_first else op.Add(product, bias)

    def check(
        self, context: Any, x: ir.Value, weights: ir.Value, bias: ir.Value, product: ir.Value
    ) -> MatchResult:
        """Refuse a bias that is not one number per column."""
        outcome = MatchResult()
        reason = _refusal(x, weights)
        if reason is not None:
            return outcome.fail(reason)
        array, matrix = float_array_of(bias), _matrix(weights)
        assert matrix is not None
        per_column = array is not None and array.size in (1, matrix.shape[1]) and array.size == _last(array)
        rank = len(shape_of(x) or ())
        return (
            outcome
            if array is not None and per_column and array.ndim <= rank
            else outcome.fail(NOTHING_TO_DO)
        )

    def rewrite(self, op: Any, x: ir.Value, weights: ir.Value, bias: ir.Value, product: ir.Value) -> ir.Value:
        """Return the Gemm with the bias."""
        return _gemm(op, x, weights, product, float_array_of(bias))


class MatMulWeights(NodeRule):
    """MatMul without a bias."""

    op_types = ("MatMul",)
    explanation = EXPLANATION

    def refusal(self, node: ir.Node) -> str | None:
        """Refuse weights on the left or in batches."""
        first, second = data_of(node), input_of(node, 1)
        assert second is not None
        if array_of(first) is None and array_of(second) is None:
            return NOTHING_TO_DO
        if array_of(second) is None:
            return "the constant is the first operand of MatMul"
        return _refusal(first, second)

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the Gemm with a bias of zero."""
        weights = input_of(node, 1)
        assert weights is not None
        return _gemm(op, data_of(node), weights, output_of(node), None)


def _last(array: Array) -> int:
    return int(array.shape[-1]) if array.ndim else 1


def _matrix(weights: ir.Value) -> Array | None:
    array = float_array_of(weights)
    if array is None or array.ndim < 2 or any(size != 1 for size in array.shape[:-2]):
        return None
    return array.reshape(array.shape[-2:])


def _refusal(x: ir.Value, weights: ir.Value) -> str | None:
    if array_of(weights) is None:
        return NOTHING_TO_DO
    shape = shape_of(x)
    if _matrix(weights) is None or not is_float(x):
        return "the weights of MatMul are not one float32 matrix"
    if shape is None or not 2 <= len(shape) <= 4:
        return "MatMul with weights on a tensor of unknown shape or of a rank outside 2 to 4"
    return None


def _gemm(op: Any, x: ir.Value, weights: ir.Value, product: ir.Value, bias: Array | None) -> ir.Value:
    shape, matrix = shape_of(x), _matrix(weights)
    result = shape_of(product)
    assert shape is not None
    assert matrix is not None
    rows = int(np.prod(shape[:-1]))
    flat = x if len(shape) == 2 else op.Reshape(x, int_constant(op, [rows, shape[-1]]))
    offsets = np.zeros(1) if bias is None else bias.reshape(-1)
    value: ir.Value = op.Gemm(
        flat,
        float_constant(op, matrix),
        float_constant(op, np.broadcast_to(offsets, matrix.shape[1])),
        alpha=1.0,
        beta=1.0,
        transA=0,
        transB=0,
    )
    if result is None:
        result = (*shape[:-1], matrix.shape[1])
    return value if len(result) == 2 else op.Reshape(value, int_constant(op, result))
