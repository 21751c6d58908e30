"""Element-wise layers between Reshapes work on the shape before them, so that Reshapes meet and vanish."""

from typing import Any

import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import (
    Array,
    array_of,
    constant,
    data_of,
    int_constant,
    output_of,
    shape_of,
)
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule

UNARY = ("Abs", "Elu", "Exp", "LeakyRelu", "Log", "Relu", "Sigmoid", "Softplus", "Softsign", "Sqrt", "Tanh")
BINARY = ("Add", "Sub", "Mul", "Div")


class LiftReshape(NodeRule):
    """Element-wise layers of reshaped matrices."""

    op_types = (*UNARY, *BINARY, "Clip", "Pow")
    explanation = Explanation(
        title="Element-wise layers before the Reshape",
        before="Reshape of (T, C) to (1, T, C), Add, Mul, Sigmoid and the like, Reshape back",
        after="the element-wise layer on (T, C), one Reshape behind it, which meets the next one",
        why=(
            "Reshape is not available on the iPhone NPU, and a constant per column is one per channel of "
            "a matrix."
        ),
        evidence="layer table: Reshape (documented)",
        exactness="identical",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Leave alone what is not reshaped from rows and columns of the same number."""
        return None if _source_shape(node) is not None else NOTHING_TO_DO

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the layer on rows and columns, reshaped."""
        rows, result = _source_shape(node), shape_of(output_of(node))
        assert rows is not None
        inputs = []
        for operand in node.inputs:
            array = array_of(operand)
            if operand is None or (array is not None and node.op_type not in BINARY):
                inputs.append(operand)
            elif array is not None:
                inputs.append(constant(op, _per_column(array, len(rows))))
            else:
                producer = operand.producer()
                assert producer is not None
                source = data_of(producer)
                inputs.append(
                    source if shape_of(source) == rows else op.Reshape(source, int_constant(op, rows))
                )
        attributes = dict(node.attributes.items())
        value: ir.Value = op.Reshape(op.op(node.op_type, *inputs, **attributes), int_constant(op, result))
        return value


def _source_shape(node: ir.Node) -> tuple[int, ...] | None:
    """Return (T, C) or (T, C, 1, 1) when every computed operand is a Reshape and one is of that shape."""
    result = shape_of(output_of(node))
    if result is None or len(result) < 3:
        return None
    found: tuple[int, ...] | None = None
    for operand in node.inputs:
        if operand is None:
            continue
        array = array_of(operand)
        if array is not None:
            if node.op_type in BINARY and not _fits_columns(array, result[-1]):
                return None
            continue
        producer = operand.producer()
        if producer is None or producer.op_type != "Reshape" or shape_of(operand) != result:
            return None
        source = shape_of(data_of(producer))
        if (
            source is not None
            and len(source) in (2, 4)
            and source[1:2] == result[-1:]
            and set(source[2:]) <= {1}
        ):
            found = source
    return None if found == result else found


def _fits_columns(array: Array, columns: int) -> bool:
    return array.size == 1 or (array.size == columns and array.shape[-1] == columns)


def _per_column(array: Array, rank: int) -> Array:
    return array.reshape(1) if array.size == 1 else array.reshape(1, -1, *(1,) * (rank - 2))
