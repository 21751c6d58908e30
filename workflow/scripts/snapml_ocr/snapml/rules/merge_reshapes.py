"""A Reshape of a Reshape reads the first one's input."""

from typing import Any

import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import data_of
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule


class MergeReshapes(NodeRule):
    """Two changes of shape in a row."""

    op_types = ("Reshape",)
    explanation = Explanation(
        title="Reshape of a Reshape",
        before="Reshape, Reshape",
        after="the second Reshape alone; detours over rank 5 end here",
        why="Reshape is not available on the iPhone NPU, and a rank-5 target is refused at import.",
        evidence="layer table: Reshape (documented; rank 5 reported)",
        exactness="identical",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Leave alone what does not follow a Reshape."""
        producer = data_of(node).producer()
        return None if producer is not None and producer.op_type == "Reshape" else NOTHING_TO_DO

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the later Reshape of the earlier one's input."""
        producer = data_of(node).producer()
        assert producer is not None
        value: ir.Value = op.Reshape(data_of(producer), node.inputs[1])
        return value
