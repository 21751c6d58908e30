"""Split as one Slice for each part."""

import onnx_ir as ir

from snapml_ocr.snapml.helpers.node_builder import NodeBuilder
from snapml_ocr.snapml.helpers.values import data_of, int_constant, integer, ints, shape_of
from snapml_ocr.snapml.options import FixOptions
from snapml_ocr.snapml.passes import Log, insert_nodes, label_of
from snapml_ocr.snapml.rules.rule import Explanation


class SplitToSlices:
    """Split of a tensor of known shape."""

    name = "split_to_slices"
    explanation = Explanation(
        title="Split",
        before="Split along any axis",
        after="one Slice for each part; behind a fully connected layer they go into its weights",
        why="Split is not in the table, Slice is.",
        evidence="layer table: Slice (documented)",
        exactness="identical",
    )

    def __init__(self, options: FixOptions) -> None:
        self.options = options

    def run(self, model: ir.Model, log: Log) -> bool:
        """Replace every Split whose sizes are known."""
        log.start(self.name)
        changed = False
        for node in tuple(model.graph):
            if node.op_type != "Split" or node.domain not in ("", "ai.onnx"):
                continue
            shape = shape_of(data_of(node))
            if shape is None:
                log.refuse(self.name, node, "the shape of what is split is unknown")
                continue
            self._replace(model.graph, node, shape, log)
            changed = True
        return changed

    def _replace(self, graph: ir.Graph, node: ir.Node, shape: tuple[int, ...], log: Log) -> None:
        op = NodeBuilder()
        axis = integer(node, "axis", 0) % len(shape)
        equal = shape[axis] // len(node.outputs)
        outputs, start = [], 0
        for size in ints(node, "split", (equal,) * len(node.outputs)):
            bounds = ([start], [start + size], [axis], [1])
            outputs.append(op.Slice(data_of(node), *(int_constant(op, one) for one in bounds)))
            start += size
        log.change(self.name, label_of(node), [node.op_type], [new.op_type for new in op.nodes])
        insert_nodes(
            graph,
            node,
            [node],
            new_nodes=list(op.nodes),
            initializers=list(op.initializers),
            outputs=outputs,
        )
