"""HardSigmoid(x) = clip(alpha x + beta, 0, 1) = relu6(6 alpha x + 6 beta) / 6."""

from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.affine import Affine, emit_affine, scaling
from snapml_ocr.snapml.helpers.relu6 import emit_relu6
from snapml_ocr.snapml.helpers.values import data_of, is_float, like, real
from snapml_ocr.snapml.rules.rule import Explanation, NodeRule

ALPHA, BETA = 0.2, 0.5
"""The defaults of the operator in the ONNX specification."""


class HardSigmoid(NodeRule):
    """HardSigmoid with any slope and offset."""

    op_types = ("HardSigmoid",)
    explanation = Explanation(
        title="HardSigmoid as ReLU6",
        before="HardSigmoid(alpha, beta)",
        after=(
            "scale 6 alpha and shift 6 beta, ReLU6, scale 1/6; scale and shift then fold into the neighbours"
        ),
        why="SnapML has ReLU6 on every target and no HardSigmoid.",
        evidence="documented_snap_code: a Snap notebook of 2022 says that HardSigmoid is not supported",
        exactness=(
            "exact in real arithmetic for any alpha and beta; 1.2e-7 in float32, both saturations identical"
        ),
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Refuse anything but float32."""
        return (
            None
            if is_float(data_of(node))
            else f"HardSigmoid on {data_of(node).dtype}: only float32 is known"
        )

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return relu6(6 alpha x + 6 beta) / 6."""
        x = data_of(node)
        alpha, beta = real(node, "alpha", ALPHA), real(node, "beta", BETA)
        before = Affine(np.array([6.0 * alpha]), np.array([6.0 * beta]))
        scaled = like(emit_affine(op, x, before), x)
        return emit_affine(op, emit_relu6(op, scaled), scaling(1.0 / 6.0))
