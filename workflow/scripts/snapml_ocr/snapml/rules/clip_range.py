"""Clip between other bounds than 0 and 6: ReLU6, ReLU or nothing, with scale and shift around it."""

import math
from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.affine import Affine, emit_affine
from snapml_ocr.snapml.helpers.relu6 import TOP, bounds_of, emit_relu6
from snapml_ocr.snapml.helpers.values import data_of, is_float, like
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule

MAX_OFFSET = 16.0
"""How many times the width of the range a bound may be: x - low loses that factor of float32's precision."""


class ClipRange(NodeRule):
    """Clip(low, high) for any constant bounds."""

    op_types = ("Clip",)
    explanation = Explanation(
        title="Clip between any bounds",
        before="Clip(low, high), Clip(low), Clip(high)",
        after=(
            "ReLU6 of (x - low) * 6 / (high - low), scaled and shifted back; ReLU where one bound is missing"
        ),
        why="Only Clip from 0 to 6 is known to become a documented layer (ReLU6); ReLU is documented.",
        evidence=(
            "layer table: ReLU, ReLU6 (documented); that other Clips are refused is inferred from the "
            "tutorial"
        ),
        exactness="exact in real arithmetic; in float32 within 2e-7 of the larger bound",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Refuse bounds that are computed, empty or far away from zero compared to their distance."""
        if not is_float(node.outputs[0]):
            return f"Clip on {node.outputs[0].dtype}: only float32 is known"
        bounds = bounds_of(node)
        if bounds is None:
            return "the bounds are not constants"
        low, high = bounds
        if (low, high) == (0.0, TOP):
            return NOTHING_TO_DO
        if low >= high:
            return f"the bounds {low:g} and {high:g} leave no range"
        reach = max(abs(low), abs(high)) if math.isfinite(low) and math.isfinite(high) else 0.0
        if reach > MAX_OFFSET * (high - low):
            return f"from {low:g} to {high:g} float32 would lose precision"
        return None

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the composition for the bounds at hand."""
        bounds = bounds_of(node)
        assert bounds is not None
        low, high = bounds
        x = data_of(node)
        if math.isinf(low) and math.isinf(high):
            unchanged: ir.Value = op.Identity(x)
            return unchanged
        if math.isinf(high):
            return _around(op, x, Affine(np.array([1.0]), np.array([-low])), relu6=False)
        if math.isinf(low):
            return _around(op, x, Affine(np.array([-1.0]), np.array([high])), relu6=False)
        factor = TOP / (high - low)
        return _around(op, x, Affine(np.array([factor]), np.array([-low * factor])), relu6=True)


def _around(op: Any, x: ir.Value, before: Affine, *, relu6: bool) -> ir.Value:
    """Return the inverse of `before` behind ReLU or ReLU6 behind `before`."""
    inner = x if before.is_identity else like(emit_affine(op, x, before), x)
    bounded = emit_relu6(op, inner) if relu6 else like(op.Relu(inner), x)
    after = Affine(1.0 / before.scale, -before.shift / before.scale)
    return bounded if after.is_identity else emit_affine(op, bounded, after)
