"""Scale and shift behind a convolution, Gemm or BatchNormalization go into its weights.

Between the two may stand operators that pass scale and shift through: pooling by averages, Resize, Concat,
Reshape and Transpose, products and ReLU. Every value on the way has one reader, so nobody else sees it
change.
"""

import onnx_ir as ir

from snapml_ocr.snapml.helpers.affine import affine_of
from snapml_ocr.snapml.helpers.hoist import hoist
from snapml_ocr.snapml.helpers.values import sole_consumer
from snapml_ocr.snapml.helpers.weights import apply_edits
from snapml_ocr.snapml.options import FixOptions
from snapml_ocr.snapml.passes import Log, label_of
from snapml_ocr.snapml.rules.rule import Explanation


class FoldAffineUp:
    """Scale and shift into the layer before them."""

    name = "fold_affine_up"
    explanation = Explanation(
        title="Scale and shift into the weights before them",
        before="Conv, Mul by a constant, Add a constant",
        after="Conv with other weights",
        why="A layer that is not there costs nothing on any target.",
        evidence="folding is arithmetic",
        exactness="exact in real arithmetic; weights are computed in float64 and rounded once",
    )

    def __init__(self, options: FixOptions) -> None:
        self.options = options

    def run(self, model: ir.Model, log: Log) -> bool:
        """Fold wherever the whole way up allows it."""
        log.start(self.name)
        changed = False
        for node in tuple(model.graph):
            found = affine_of(node) if node.graph is model.graph else None
            if found is None:
                continue
            value, affine = found
            edits = hoist(value, affine) if sole_consumer(value) is node else None
            if edits is None:
                continue
            touched = [edit.node.op_type for edit in edits]
            log.change(self.name, label_of(node), [*touched, node.op_type], touched)
            apply_edits(model.graph, edits)
            _bypass(node, value)
            changed = True
        return changed


def _bypass(node: ir.Node, value: ir.Value) -> None:
    """Let the producer give the node's output directly, under the output's name."""
    producer = value.producer()
    assert producer is not None
    assert node.graph is not None
    output = node.outputs[0]
    ir.convenience.replace_all_uses_with(output, value, replace_graph_outputs=True)
    name = output.name
    node.graph.remove(node, safe=True)
    value.name = name
