"""What can be computed before the model runs is: chains of Shape, Gather, Range and the like."""

import onnx_ir as ir
import onnx_ir.passes.common as common_passes
from onnxscript import optimizer

from snapml_ocr.snapml.helpers.values import array_of
from snapml_ocr.snapml.options import FixOptions
from snapml_ocr.snapml.passes import Log, remove_identities
from snapml_ocr.snapml.rules.rule import Explanation

MAX_BYTES = 1 << 22
"""A constant computed from smaller ones is kept up to 4 MB; beyond, the model would grow too much."""


class FoldConstants:
    """Constant folding with the shapes as known as they are."""

    name = "fold_constants"
    explanation = Explanation(
        title="Constants computed beforehand",
        before="Shape, Gather, Range, Concat, Cast of known shapes; Identity; casts to the same type",
        after="constants, or nothing",
        why="Shape arithmetic has no SnapML layer; with fixed input shapes its result is known.",
        evidence="layer table: none of these operators is in it",
        exactness="identical",
    )

    def __init__(self, options: FixOptions) -> None:
        self.options = options

    def run(self, model: ir.Model, log: Log) -> bool:
        """Fold; constants that come out of it are initializers."""
        log.start(self.name)
        before = [(id(node), node.name or node.op_type, node.op_type) for node in model.graph]
        optimizer.fold_constants(
            model,
            onnx_shape_inference=False,
            input_size_limit=MAX_BYTES,
            output_size_limit=MAX_BYTES,
            should_fold=_is_small_fill,
        )
        common_passes.LiftConstantsToInitializersPass(lift_all_constants=True, size_limit=0)(model)
        remove_identities(model.graph)
        common_passes.RemoveUnusedNodesPass()(model)
        after = {id(node) for node in model.graph}
        gone = [(name, operator) for key, name, operator in before if key not in after]
        for name, operator in gone:
            log.change(self.name, name, [operator], [])
        return bool(gone)


def _is_small_fill(node: ir.Node) -> bool | None:
    """ConstantOfShape, which the library keeps to keep files small; None leaves a node to the library."""
    if node.op_type != "ConstantOfShape":
        return None
    sizes = array_of(node.inputs[0])
    return bool(sizes is not None and int(sizes.prod(dtype=object)) <= MAX_BYTES // 8) or None
