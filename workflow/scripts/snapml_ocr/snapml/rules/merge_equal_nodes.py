"""Nodes that compute the same are one."""

import onnx_ir as ir
import onnx_ir.passes.common as common_passes

from snapml_ocr.snapml.options import FixOptions
from snapml_ocr.snapml.passes import Log
from snapml_ocr.snapml.rules.rule import Explanation


class MergeEqualNodes:
    """Common subexpressions."""

    name = "merge_equal_nodes"
    explanation = Explanation(
        title="Equal nodes once",
        before="two nodes with the same operator, inputs and attributes",
        after="one of them",
        why="Exporters repeat Reshapes and Transposes; each copy is a layer.",
        evidence="arithmetic",
        exactness="identical",
    )

    def __init__(self, options: FixOptions) -> None:
        self.options = options

    def run(self, model: ir.Model, log: Log) -> bool:
        """Merge them; nodes with subgraphs are left alone."""
        log.start(self.name)
        before = {id(node): node for node in model.graph}
        changed = bool(common_passes.CommonSubexpressionEliminationPass()(model).modified)
        after = {id(node) for node in model.graph}
        for key, node in before.items():
            if key not in after:
                log.change(self.name, node.name or node.op_type, [node.op_type], [])
        return changed
