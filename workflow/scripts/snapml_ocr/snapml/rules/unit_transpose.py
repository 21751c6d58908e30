"""A Transpose that only moves axes of size 1 is a Reshape; beside another Reshape it vanishes."""

from typing import Any

import onnx_ir as ir

from snapml_ocr.snapml.helpers.permutation import core_of, is_layout_free, permutation_of
from snapml_ocr.snapml.helpers.values import data_of, input_of, int_constant, output_of, shape_of
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule


class UnitTransposeBefore(NodeRule):
    """Transpose of unit axes, then Reshape."""

    op_types = ("Reshape",)
    explanation = Explanation(
        title="Transpose of unit axes beside a Reshape",
        before="Transpose that moves only axes of size 1, and a Reshape before or behind it",
        after="the Reshape alone, unless that would make it depend on the memory layout",
        why="Permute is not available on the iPhone NPU; backends keep tensors as NCHW or NHWC.",
        evidence="layer table: Permute, Reshape (documented)",
        exactness="identical",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Leave alone a Reshape of which the Transpose makes a safe one."""
        producer = data_of(node).producer()
        if producer is None or not moves_units_only(producer):
            return NOTHING_TO_DO
        before, after = shape_of(data_of(producer)), shape_of(data_of(node))
        assert before is not None
        assert after is not None
        return None if is_layout_free(before) or not is_layout_free(after) else NOTHING_TO_DO

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the Reshape of what the Transpose read."""
        producer = data_of(node).producer()
        assert producer is not None
        value: ir.Value = op.Reshape(data_of(producer), input_of(node, 1))
        return value


class UnitTransposeAfter(NodeRule):
    """Reshape, then Transpose of unit axes."""

    op_types = ("Transpose",)
    explanation = UnitTransposeBefore.explanation

    def refusal(self, node: ir.Node) -> str | None:
        """Leave alone a Transpose of a safe Reshape to an unsafe shape."""
        producer = data_of(node).producer()
        if producer is None or producer.op_type != "Reshape" or not moves_units_only(node):
            return NOTHING_TO_DO
        before, after = shape_of(data_of(node)), shape_of(output_of(node))
        assert before is not None
        assert after is not None
        return None if is_layout_free(after) or not is_layout_free(before) else NOTHING_TO_DO

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return a Reshape to the Transpose's shape."""
        producer = data_of(node).producer()
        assert producer is not None
        value: ir.Value = op.Reshape(data_of(producer), int_constant(op, shape_of(output_of(node))))
        return value


def moves_units_only(node: ir.Node) -> bool:
    """Whether `node` is a Transpose that leaves the order of the other axes alone."""
    shape = shape_of(data_of(node)) if node.op_type == "Transpose" else None
    if shape is None or shape_of(output_of(node)) is None:
        return False
    core = core_of(shape, permutation_of(node, len(shape)))
    return core.permutation == tuple(range(len(core.permutation)))
