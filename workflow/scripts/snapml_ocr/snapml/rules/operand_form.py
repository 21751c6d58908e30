"""Constant operands of one, two or four dimensions."""

from typing import Any

import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import Array, array_of, constant, output_of, shape_of
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule

KNOWN_RANKS = (1, 2, 4)


class OperandForm(NodeRule):
    """Constants of rank 0, 3 and more."""

    op_types = ("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min")
    explanation = Explanation(
        title="Ranks of constant operands",
        before="x + 3 with a constant of rank 0, a bias of shape (C, 1, 1)",
        after="constants of shape (1,), (1, C, 1, 1) and the like; they are written as Constant nodes",
        why="Lens Studio refuses constants whose number of dimensions is not 1, 2 or 4.",
        evidence="layer table: Constant (reported)",
        exactness="identical",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Refuse a constant that no allowed shape can stand for."""
        result = shape_of(output_of(node))
        for operand in node.inputs:
            array = array_of(operand)
            if array is None or array.ndim in KNOWN_RANKS:
                continue
            if result is None or _reshaped(array, len(result)) is None:
                return f"a constant of shape {array.shape} has no form of rank 1, 2 or 4 here"
            return None
        return NOTHING_TO_DO

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the same node with other constants."""
        result = shape_of(output_of(node))
        assert result is not None
        inputs = []
        for operand in node.inputs:
            array = array_of(operand)
            fits = array is None or array.ndim in KNOWN_RANKS
            reshaped = operand if fits or array is None else _reshaped(array, len(result))
            inputs.append(
                reshaped if reshaped is None or isinstance(reshaped, ir.Value) else constant(op, reshaped)
            )
        value: ir.Value = op.op(node.op_type, *inputs, **dict(node.attributes.items()))
        return value


def _reshaped(array: Array, rank: int) -> Array | None:
    """Return the constant with leading axes of size 1 added or dropped, None when that does not help."""
    stripped = array.reshape(
        array.shape[next((i for i, size in enumerate(array.shape) if size != 1), array.ndim) :]
    )
    for wanted in KNOWN_RANKS:
        if stripped.ndim <= wanted <= max(rank, 1):
            return stripped.reshape((1,) * (wanted - stripped.ndim) + stripped.shape)
    return None
