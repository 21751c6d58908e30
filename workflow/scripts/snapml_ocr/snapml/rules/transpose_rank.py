"""Transpose of any rank as Transpose of rank 4, or as nothing but a Reshape."""

from typing import Any

import onnx_ir as ir

from snapml_ocr.snapml.helpers.permutation import core_of, permutation_of
from snapml_ocr.snapml.helpers.values import data_of, int_constant, output_of, shape_of
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule


class TransposeRank(NodeRule):
    """Transpose of rank 2, 3, 5 and more."""

    op_types = ("Transpose",)
    explanation = Explanation(
        title="Transpose of rank 4 only",
        before="Transpose of rank 2 or 3; of rank 5 where four of its axes matter",
        after=(
            "Reshape, Transpose of rank 4, Reshape; the second axis has size 1 before and after, so that "
            "both "
            "Reshapes mean the same in NCHW and NHWC memory; only a Reshape where just axes of size 1 move"
        ),
        why="Permute was only seen to import with four axes, and no tensor may have more.",
        evidence=(
            "layer table: Permute (inferred_tutorial), rank limit (reported), Reshape and layouts "
            "(documented)"
        ),
        exactness="identical",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Refuse what five axes are needed for."""
        shape = shape_of(data_of(node))
        if shape is None or shape_of(output_of(node)) is None:
            return "unknown shape"
        core = core_of(shape, permutation_of(node, len(shape)))
        if len(shape) == 4 and core.permutation != tuple(range(4 - shape.count(1))):
            return NOTHING_TO_DO if permutation_of(node, 4) != (0, 1, 2, 3) else None
        if len(shape) == 4 and permutation_of(node, 4) != (0, 1, 2, 3):
            return NOTHING_TO_DO
        if len(core.sizes) > 4:
            return f"{len(core.sizes)} axes change their order: more than rank 4 can express"
        return None

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the transposition of rank 4 between two Reshapes."""
        shape, result = shape_of(data_of(node)), shape_of(output_of(node))
        assert shape is not None
        assert result is not None
        core = core_of(shape, permutation_of(node, len(shape)))
        x = data_of(node)
        value: ir.Value
        if core.permutation == tuple(range(len(core.sizes))):
            value = op.Reshape(x, int_constant(op, result))
            return value
        sizes, permutation = _in_four(core.sizes, core.permutation)
        turned = op.Transpose(op.Reshape(x, int_constant(op, sizes)), perm=permutation)
        value = op.Reshape(turned, int_constant(op, result))
        return value


def _in_four(sizes: tuple[int, ...], permutation: tuple[int, ...]) -> tuple[tuple[int, ...], list[int]]:
    """Write two to four axes as four, the added ones of size 1 where the channels are."""
    if len(sizes) == 2:
        return (1, 1, *sizes), [0, 1, *(axis + 2 for axis in permutation)]
    if len(sizes) == 3:
        places = (0, 2, 3)
        moved = [places[axis] for axis in permutation]
        return (sizes[0], 1, *sizes[1:]), [moved[0], 1, *moved[1:]]
    return sizes, list(permutation)
