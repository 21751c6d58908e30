"""Scale and shift before convolutions, Gemms and BatchNormalizations go into their weights.

They travel through products, pooling, Resize, Concat, ReLU and Reshape to every reader; only when each of
them can take the change is anything changed.
"""

import onnx_ir as ir

from snapml_ocr.snapml.helpers.affine import affine_of
from snapml_ocr.snapml.helpers.sink import sink
from snapml_ocr.snapml.helpers.weights import apply_edits
from snapml_ocr.snapml.options import FixOptions
from snapml_ocr.snapml.passes import Log, label_of
from snapml_ocr.snapml.rules.rule import Explanation


class FoldAffineDown:
    """Scale and shift into the layers after them."""

    name = "fold_affine_down"
    explanation = Explanation(
        title="Scale and shift into the weights after them",
        before="Mul by 1/6, GlobalAveragePool, Mul, Resize, Conv",
        after="GlobalAveragePool, Mul, Resize, Conv with other weights",
        why=(
            "The factor that is left of HardSwish and HardSigmoid would be a layer of every block; the next "
            "convolution multiplies anyway."
        ),
        evidence="folding is arithmetic",
        exactness=(
            "exact in real arithmetic; a shift is not taken into a padded convolution, whose border it "
            "would change"
        ),
    )

    def __init__(self, options: FixOptions) -> None:
        self.options = options

    def run(self, model: ir.Model, log: Log) -> bool:
        """Fold wherever every reader can take the change."""
        log.start(self.name)
        changed = False
        for node in tuple(model.graph):
            found = affine_of(node) if node.graph is model.graph else None
            if found is None:
                continue
            value, affine = found
            edits = sink(node.outputs[0], affine)
            if edits is None:
                continue
            touched = [edit.node.op_type for edit in edits]
            log.change(self.name, label_of(node), [node.op_type, *touched], touched)
            apply_edits(model.graph, edits)
            ir.convenience.replace_all_uses_with(node.outputs[0], value)
            model.graph.remove(node, safe=True)
            changed = True
        return changed
