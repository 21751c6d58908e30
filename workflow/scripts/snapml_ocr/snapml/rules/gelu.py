"""GELU, the error function and Softplus in layers that every target has.

With g(s) = a + b sigmoid(c s + d), Phi(x) = (1 + erf(x / sqrt 2)) / 2 is sigmoid(x g(x^2)) to 9.4e-6 times
1 / x, and erf(u) = tanh(u g(u^2)) to 1.04e-5. The coefficients are minimax fits on the whole line; g is
bounded, so that nothing overflows and no clamp is needed. Largest errors elsewhere: odd polynomial of three
terms in a clamped x 2.5e-5, of two terms 2.7e-4, the usual tanh form 4.7e-4, x sigmoid(1.702 x) 2e-2.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.gelu_snap import DOMAIN, GELU_SNAP
from snapml_ocr.snapml.helpers.affine import Affine, affine_of, emit_affine, scaling
from snapml_ocr.snapml.helpers.values import data_of, float_array_of, is_float, like, output_of, sole_consumer
from snapml_ocr.snapml.options import GeluForm
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule

GELU_BOUND, ERF_BOUND = 9.5e-6, 1.05e-5
"""Largest absolute error of x sigmoid(x g(x^2)) and of tanh(u g(u^2)) over all real numbers, rounded up."""

GELU_STEEPNESS = (-0.9782759, 4.3735803, 0.0692356, 0.3576502)
ERF_STEEPNESS = (-0.3391456, 2.6295052, 0.1592209, 0.2333406)
"""a, b, c, d of g."""


@dataclass(frozen=True)
class _Gelu:
    """`factor` * x * (1 + erf(`slope` * x))."""

    x: ir.Value
    slope: float
    factor: float


class Gelu(NodeRule):
    """x (1 + erf(k x)), with a half anywhere or nowhere."""

    op_types = ("Mul", "Div")
    explanation = Explanation(
        title="GELU",
        before="x * (1 + Erf(x / sqrt 2)) with the factor 0.5 anywhere or nowhere; Gelu of opset 20",
        after="Mul(x, x), Sigmoid with scale and shift around it, Mul, Sigmoid, Mul: x sigmoid(x g(x^2)); "
        "with `--gelu native` the operator GeluSnap",
        why="Erf is not in the table; Sigmoid and products are available everywhere. GeluSnap is what Snap's "
        "own script writes for GELU; which form it computes and where it runs is not documented.",
        evidence="layer table: Sigmoid, Eltwise Mul (documented); GeluSnap (documented_snap_code)",
        exactness="an approximation: largest error 9.5e-6 for any x; GeluSnap: unknown",
        bound=GELU_BOUND,
    )

    def rewrite(self, op: Any, node: ir.Node) -> ir.Value | str:
        """Return the approximation; the whole product is taken at once, so inner products wait for it."""
        consumer = sole_consumer(output_of(node))
        if consumer is not None and consumer.op_type in ("Mul", "Div") and _gelu(consumer) is not None:
            return NOTHING_TO_DO
        found = _gelu(node)
        if found is None:
            return NOTHING_TO_DO
        x, scale = found.x, found.slope * sqrt(2.0)
        if self.options.gelu is GeluForm.NATIVE:
            if abs(scale - 1.0) > 1e-6:
                return f"GELU of {scale:g} x: GeluSnap has no scale"
            gate = like(op.op(GELU_SNAP, x, _domain=DOMAIN), x)
        else:
            gate = like(op.Mul(x, like(op.Sigmoid(_steepened(op, x, GELU_STEEPNESS, scale)), x)), x)
        return gate if found.factor == 0.5 else emit_affine(op, gate, scaling(2.0 * found.factor))


class ErrorFunction(NodeRule):
    """Erf outside of GELU."""

    op_types = ("Erf",)
    explanation = Explanation(
        title="Error function",
        before="Erf(u) outside of a GELU",
        after="tanh(u g(u^2)): Mul, Sigmoid with scale and shift around it, Mul, Tanh",
        why="Erf is not in the table; Sigmoid and Tanh are available everywhere.",
        evidence="layer table: Sigmoid, Tanh, Eltwise Mul (documented)",
        exactness="an approximation: largest error 1.05e-5 for any u",
        bound=ERF_BOUND,
    )

    def rewrite(self, op: Any, node: ir.Node) -> ir.Value | str:
        """Return the approximation."""
        u = data_of(node)
        if not is_float(u):
            return f"Erf on {u.dtype}: only float32 is known"
        value: ir.Value = op.Tanh(_steepened(op, u, ERF_STEEPNESS, 1.0))
        return value


class Softplus(NodeRule):
    """log(1 + exp x), as Mish has it."""

    op_types = ("Softplus",)
    explanation = Explanation(
        title="Softplus",
        before="Softplus(x), alone or in Mish, with the iPhone NPU among the targets",
        after="relu(x) - log(sigmoid(|x|)): Abs, Sigmoid, Log, ReLU, Add",
        why="Softplus is not available on the iPhone NPU; these layers are, and none of them overflows.",
        evidence="layer table: Softplus, Absolute, Sigmoid, Log, ReLU (documented)",
        exactness="exact in real arithmetic; 1.2e-7 in float32",
    )

    def rewrite(self, op: Any, node: ir.Node) -> ir.Value | str:
        """Return the sum."""
        x = data_of(node)
        if not self.options.wants("iphone_npu") or not is_float(x):
            return NOTHING_TO_DO
        logarithm = like(op.Log(op.Sigmoid(op.Abs(x))), x)
        value: ir.Value = op.Add(op.Relu(x), emit_affine(op, logarithm, scaling(-1.0)))
        return value


def _steepened(op: Any, x: ir.Value, steepness: tuple[float, ...], scale: float) -> ir.Value:
    """Return y g(y^2) for y = scale * x, the scale taken into the coefficients."""
    a, b, c, d = steepness
    square = like(op.Mul(x, x), x)
    inner = like(emit_affine(op, square, Affine(np.array([c * scale * scale]), np.array([d]))), x)
    gate = like(op.Sigmoid(inner), x)
    outer = like(emit_affine(op, gate, Affine(np.array([b * scale]), np.array([a * scale]))), x)
    return like(op.Mul(x, outer), x)


def _gelu(node: ir.Node) -> _Gelu | None:
    """Read a product as GELU, in whatever order its factors stand."""
    if not is_float(output_of(node)):
        return None
    factors, factor = _factors(node)
    for position, sum_ in enumerate(factors):
        rest = factors[:position] + factors[position + 1 :]
        found = _one_plus_erf(sum_)
        if found is not None and len(rest) == 1 and rest[0] is found[0]:
            return _Gelu(found[0], found[1], factor)
    return None


def _factors(node: ir.Node) -> tuple[list[ir.Value], float]:
    """Return the computed factors of a product of products, and the product of its numbers."""
    factors: list[ir.Value] = []
    number = 1.0
    for index, operand in enumerate(node.inputs):
        array = float_array_of(operand)
        if array is not None and array.size == 1 and not (node.op_type == "Div" and index == 0):
            entry = float(array.reshape(-1)[0])
            number *= entry if node.op_type == "Mul" else (1.0 / entry if entry else np.inf)
            continue
        if operand is None or (node.op_type == "Div" and index == 1):
            return [], number
        producer = operand.producer()
        inner: list[ir.Value] = []
        if producer is not None and producer.op_type in ("Mul", "Div") and sole_consumer(operand) is node:
            inner, part = _factors(producer)
            number *= part if inner else 1.0
        factors += inner or [operand]
    return factors, number


def _one_plus_erf(value: ir.Value) -> tuple[ir.Value, float] | None:
    """Read 1 + Erf(slope * x): x and the slope."""
    producer = value.producer()
    added = affine_of(producer) if producer is not None else None
    if added is None or not added[1].is_scalar or (added[1].scale[0], added[1].shift[0]) != (1.0, 1.0):
        return None
    erf = added[0].producer()
    if erf is None or erf.op_type != "Erf":
        return None
    u = data_of(erf)
    inner = u.producer()
    scaled = affine_of(inner) if inner is not None else None
    if scaled is None or not scaled[1].is_scalar or scaled[1].has_shift:
        return u, 1.0
    return scaled[0], float(scaled[1].scale[0])
