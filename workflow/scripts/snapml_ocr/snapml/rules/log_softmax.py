"""LogSoftmax in layers of the table: x - max - log(C mean(exp(x - max))) over channels."""

from math import prod
from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.affine import emit_affine, scaling
from snapml_ocr.snapml.helpers.values import data_of, int_constant, integer, is_float, output_of, shape_of
from snapml_ocr.snapml.rules.rule import Explanation, NodeRule


class LogSoftmax(NodeRule):
    """LogSoftmax of opset 11, over all axes from `axis` on."""

    op_types = ("LogSoftmax",)
    explanation = Explanation(
        title="LogSoftmax",
        before="LogSoftmax over the last axes of a tensor of any rank",
        after="on (rows, C, 1, 1): ReduceMax, Sub, Exp, ReduceMean, scale C, Log, Sub",
        why=(
            "LogSoftmax is not in the table. Log of Softmax would be shorter, but is -infinity where "
            "Softmax is 0."
        ),
        evidence="layer table: Reduce Max, Reduce Mean, Exponential, Log, Eltwise Sub (documented)",
        exactness="exact in real arithmetic; 1e-6 relative in float32 over the whole range",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Refuse unknown shapes."""
        known = shape_of(output_of(node)) is not None and is_float(output_of(node))
        return None if known else "LogSoftmax of unknown shape, or not on float32"

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the composition."""
        shape = shape_of(output_of(node))
        assert shape is not None
        axis = integer(node, "axis", 1) % max(len(shape), 1)
        rows, columns = prod(shape[:axis]), prod(shape[axis:])
        pixels = op.Reshape(data_of(node), int_constant(op, [rows, columns, 1, 1]))
        shifted = op.Sub(pixels, op.ReduceMax(pixels, axes=[1], keepdims=1))
        mean = op.ReduceMean(op.Exp(shifted), axes=[1], keepdims=1)
        mean.type, mean.shape = output_of(node).type, ir.Shape([rows, 1, 1, 1])
        total = emit_affine(op, mean, scaling(float(np.float64(columns))))
        value: ir.Value = op.Reshape(op.Sub(shifted, op.Log(total)), int_constant(op, shape))
        return value
