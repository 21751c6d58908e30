"""Squeeze, Unsqueeze, Flatten and Reshape as Reshape to written-out sizes."""

from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import array_of, data_of, input_of, int_constant, output_of, shape_of
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule


class StaticReshape(NodeRule):
    """Every change of shape in one form."""

    op_types = ("Reshape", "Squeeze", "Unsqueeze", "Flatten")
    explanation = Explanation(
        title="Written-out Reshape",
        before="Squeeze, Unsqueeze, Flatten; Reshape with 0 or -1 among its sizes",
        after="Reshape to explicit sizes; none where the shape stays",
        why=(
            "Squeeze and Unsqueeze are not in the table, and zeros in a Reshape were replaced by the "
            "tutorial."
        ),
        evidence="layer table: Reshape (inferred_tutorial)",
        exactness="identical",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Refuse shapes that are not static."""
        shape = shape_of(output_of(node))
        if shape is None or any(size < 1 for size in shape):
            return (
                f"the output shape {shape or 'is unknown'} is not static" if shape else "unknown output shape"
            )
        if shape_of(data_of(node)) == shape:
            return None
        target = array_of(input_of(node, 1)) if node.op_type == "Reshape" else None
        return NOTHING_TO_DO if target is not None and tuple(target.tolist()) == shape else None

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the Reshape, or the input where nothing changes."""
        shape = shape_of(output_of(node))
        if shape_of(data_of(node)) == shape:
            unchanged: ir.Value = op.Identity(data_of(node))
            return unchanged
        value: ir.Value = op.Reshape(data_of(node), int_constant(op, np.array(shape, np.int64)))
        return value
