"""Both bounds of ReLU6 present and of shape (1,)."""

from typing import Any

import onnx_ir as ir

from snapml_ocr.snapml.helpers.relu6 import TOP, bounds_of, emit_relu6
from snapml_ocr.snapml.helpers.values import data_of, input_of, is_float, shape_of
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule


class ClipBounds(NodeRule):
    """The shape of the bounds of ReLU6."""

    op_types = ("Clip",)
    explanation = Explanation(
        title="Bounds of ReLU6",
        before="Clip with bounds 0 and 6 in any storage, usually scalars",
        after="Clip with bounds of shape (1,) from Constant nodes",
        why=(
            "A constant of rank 0 is refused at import, and the bounds were seen to import from Constant "
            "nodes."
        ),
        evidence="layer table: ReLU6 (inferred_tutorial), Constant ranks (reported)",
        exactness="identical",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Leave alone what is not ReLU6 or has the form already."""
        if bounds_of(node) != (0.0, TOP) or not is_float(node.outputs[0]):
            return NOTHING_TO_DO
        has_form = all(shape_of(input_of(node, index)) == (1,) for index in (1, 2))
        return NOTHING_TO_DO if has_form else None

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the same Clip with the bounds in the wanted form."""
        return emit_relu6(op, data_of(node))
