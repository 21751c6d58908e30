"""MatMul of two computed tensors with the heads in the batch axis."""

from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import array_of, data_of, input_of, int_constant, output_of, shape_of
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule

HEADS_FIRST = [1, 0, 2, 3]


class BatchedMatMul(NodeRule):
    """Attention scores and sums."""

    op_types = ("MatMul",)
    explanation = Explanation(
        title="Batched matrix products",
        before="MatMul of (1, heads, M, K) and (1, heads, K, N), or of rank 2 or 3, both computed",
        after="MatMul of (heads, 1, M, K) and (heads, 1, K, N) between Transposes (1, 0, 2, 3)",
        why="Snap's own model for SnapML puts batch and heads into the first axis and 1 into the second.",
        evidence="layer table: Batch Matrix Multiplication (inferred_snap_code)",
        exactness="identical",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Refuse operands that broadcast and unknown shapes."""
        if any(array_of(operand) is not None for operand in node.inputs):
            return NOTHING_TO_DO
        first, second = shape_of(data_of(node)), shape_of(input_of(node, 1))
        if first is None or second is None:
            return "MatMul of unknown shapes"
        if len(first) == len(second) == 4 and first[1] == second[1] == 1 and first[0] == second[0]:
            return NOTHING_TO_DO
        if len(first) != len(second) or not 2 <= len(first) <= 4 or first[:-2] != second[:-2]:
            return f"MatMul of {first} and {second}: operands that broadcast have no (B, 1, M, K) form"
        return None

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the product in the wanted form, brought back to its shape."""
        shapes = [shape_of(data_of(node)), shape_of(input_of(node, 1))]
        result = shape_of(output_of(node))
        value: ir.Value
        operands = []
        turned = False
        for operand, shape in zip(node.inputs, shapes, strict=True):
            assert shape is not None
            turned = len(shape) == 4 and shape[0] == 1
            if turned:
                operands.append(op.Transpose(operand, perm=HEADS_FIRST))
            else:
                sizes = [int(np.prod(shape[:-2])), 1, *shape[-2:]]
                operands.append(op.Reshape(operand, int_constant(op, sizes)))
        product = op.MatMul(*operands)
        value = (
            op.Transpose(product, perm=HEADS_FIRST)
            if turned
            else op.Reshape(product, int_constant(op, result))
        )
        return value
