"""Normalisation over the last axis, as transformers have it, in layers that the targets have.

A mean over C columns is a fully connected layer with one output, whose weights are all 1 / C; one with a
single input and weights 1 spreads it over the columns again. Both have C weights, not C x C.
"""

from typing import Any

import numpy as np
import onnx_ir as ir
from onnxscript.rewriter.pattern import MatchResult

from snapml_ocr.snapml.helpers.affine import Affine, emit_affine
from snapml_ocr.snapml.helpers.values import (
    Array,
    array_of,
    float_constant,
    int_constant,
    ints,
    is_float,
    like,
    shape_of,
)
from snapml_ocr.snapml.options import FixOptions
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, Rule


class LayerNorm(Rule):
    """Mean, difference, variance, root, quotient."""

    explanation = Explanation(
        title="Normalisation over the last axis",
        before="ReduceMean, Sub, Pow 2 (or Mul), ReduceMean, Add epsilon, Sqrt, Div over the last axis",
        after=(
            "on rows (T, C): Gemm to (T, 1), Gemm to (T, C), Add, Mul, Gemm to (T, 1), Pow -0.5, Gemm to "
            "(T, C), Mul; without the iPhone NPU on (T, C, 1, 1): the same layers as before, over the "
            "channels"
        ),
        why=(
            "A mean runs over N, C, HW or HWC only, and ReduceMean, Sub, Div and Sqrt are not available "
            "on the "
            "iPhone NPU; fully connected layers, Eltwise Add and Power are."
        ),
        evidence=(
            "layer table: Reduce Mean, Eltwise Sub, Eltwise Div, Square Root, Fully Connected, Power "
            "(documented)"
        ),
        exactness="exact in real arithmetic; about 1e-6 of the result in float32",
    )

    def __init__(self, options: FixOptions, name: str, *, squares_by_pow: bool, epsilon_first: bool) -> None:
        super().__init__(options, name, "Div")
        self._squares_by_pow, self._epsilon_first = squares_by_pow, epsilon_first

    def pattern(self, op: Any, x: Any, two: Any, epsilon: Any) -> Any:
        """Match one way to write the square and the sum."""
        mean = op.ReduceMean(x, _allow_other_attributes=True, _outputs=["mean"])
        centred = op.Sub(x, mean)
        square = op.Pow(centred, two) if self._squares_by_pow else op.Mul(centred, centred)
        variance = op.ReduceMean(square, _allow_other_attributes=True, _outputs=["variance"])
        sum_ = op.Add(epsilon, variance) if self._epsilon_first else op.Add(variance, epsilon)
        return op.Div(centred, op.Sqrt(sum_))

    def check(
        self,
        context: Any,
        x: ir.Value,
        *,
        epsilon: ir.Value,
        mean: ir.Value,
        variance: ir.Value,
        two: ir.Value | None = None,
    ) -> MatchResult:
        """Refuse other axes than the last, other exponents, and shapes that are not static."""
        outcome = MatchResult()
        shape, offset = shape_of(x), array_of(epsilon)
        if shape is None or len(shape) < 2 or offset is None or offset.size != 1 or not is_float(x):
            return outcome.fail(NOTHING_TO_DO)
        exponent = array_of(two)
        if self._squares_by_pow and (
            exponent is None or exponent.size != 1 or float(exponent.reshape(-1)[0]) != 2.0
        ):
            return outcome.fail(NOTHING_TO_DO)
        for reduced in (mean, variance):
            node = reduced.producer()
            axes = ints(node, "axes", tuple(range(len(shape)))) if node is not None else ()
            if {axis % len(shape) for axis in axes} != {len(shape) - 1} or shape_of(reduced) != (
                *shape[:-1],
                1,
            ):
                return outcome.fail(f"normalisation of {shape} over the axes {axes}")
        return outcome

    def rewrite(
        self,
        op: Any,
        x: ir.Value,
        *,
        epsilon: ir.Value,
        mean: ir.Value,
        variance: ir.Value,
        two: ir.Value | None = None,
    ) -> ir.Value:
        """Return the normalised rows in the shape of x."""
        shape, offset = shape_of(x), array_of(epsilon)
        assert shape is not None
        assert offset is not None
        rows, columns = int(np.prod(shape[:-1])), shape[-1]
        number = float(offset.reshape(-1)[0])
        if self.options.wants("iphone_npu"):
            result = _by_products(op, op.Reshape(x, int_constant(op, [rows, columns])), columns, number)
        else:
            result = _over_channels(op, x, rows, columns, number)
        value: ir.Value = op.Reshape(result, int_constant(op, shape))
        return value


def _by_products(op: Any, x: ir.Value, columns: int, epsilon: float) -> ir.Value:
    average, ones, zeros = np.full((columns, 1), 1.0 / columns), np.ones((1, columns)), np.zeros(columns)
    negative_mean = _gemm(op, x, -average, np.zeros(1))
    centred = op.Add(x, _gemm(op, negative_mean, ones, zeros))
    variance = _gemm(op, op.Mul(centred, centred), average, np.full(1, epsilon))
    value: ir.Value = op.Mul(centred, _gemm(op, op.Pow(variance, float_constant(op, [-0.5])), ones, zeros))
    return value


def _gemm(op: Any, x: ir.Value, weights: Array, bias: Array) -> ir.Value:
    constants = (float_constant(op, weights), float_constant(op, bias))
    value: ir.Value = op.Gemm(x, *constants, alpha=1.0, beta=1.0, transA=0, transB=0)
    return value


def _over_channels(op: Any, x: ir.Value, rows: int, columns: int, epsilon: float) -> ir.Value:
    pixels = op.Reshape(x, int_constant(op, [rows, columns, 1, 1]))
    centred = op.Sub(pixels, op.ReduceMean(pixels, axes=[1], keepdims=1))
    variance = like(op.ReduceMean(op.Mul(centred, centred), axes=[1], keepdims=1), x)
    variance.shape = ir.Shape([rows, 1, 1, 1])
    shifted = emit_affine(op, variance, Affine(np.ones(1), np.array([epsilon])))
    value: ir.Value = op.Div(centred, op.Sqrt(shifted))
    return value
