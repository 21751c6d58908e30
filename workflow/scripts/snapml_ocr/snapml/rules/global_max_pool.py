"""GlobalMaxPool as Reduce Max over height and width."""

from typing import Any

import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import data_of, shape_of
from snapml_ocr.snapml.rules.rule import Explanation, NodeRule


class GlobalMaxPool(NodeRule):
    """The maximum over all pixels."""

    op_types = ("GlobalMaxPool",)
    explanation = Explanation(
        title="Global maxima",
        before="GlobalMaxPool",
        after="ReduceMax over height and width",
        why="GlobalMaxPool is not in the table, Reduce Max over HW is.",
        evidence="layer table: Reduce Max (documented)",
        exactness="identical",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Refuse other ranks than 4."""
        shape = shape_of(data_of(node))
        return None if shape is not None and len(shape) == 4 else f"GlobalMaxPool of shape {shape}"

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the reduction."""
        value: ir.Value = op.ReduceMax(data_of(node), axes=[2, 3], keepdims=1)
        return value
