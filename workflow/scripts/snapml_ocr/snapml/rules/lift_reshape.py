"""Element-wise layers between Reshapes work on the shape before them, so that Reshapes meet and vanish."""

from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule
from snapml_ocr.snapml.rules.values import (
    Array,
    array_of,
    constant,
    data_of,
    int_constant,
    output_of,
    shape_of,
)

UNARY = ("Abs", "Elu", "Exp", "LeakyRelu", "Log", "Relu", "Sigmoid", "Softplus", "Softsign", "Sqrt", "Tanh")
BINARY = ("Add", "Sub", "Mul", "Div")


class LiftReshape(NodeRule):
    """Element-wise layers of reshaped matrices."""

    op_types = (*UNARY, *BINARY, "Clip", "Pow")
    explanation = Explanation(
        title="Element-wise layers before the Reshape",
        before="Reshape of (T, C) to (1, T, C), Add, Mul, Sigmoid and the like, Reshape back",
        after="the element-wise layer on (T, C), one Reshape behind it, which meets the next one",
        why="Reshape is not available on the iPhone NPU, and a constant per column is one per channel of a matrix.",
        evidence="layer table: Reshape (documented)",
        exactness="identical",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Leave alone what is not reshaped from a matrix of the same rows and columns."""
        return None if _matrix(node) is not None else NOTHING_TO_DO

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the layer on the matrix, reshaped."""
        matrix, result = _matrix(node), shape_of(output_of(node))
        assert matrix is not None and result is not None
        inputs = []
        for index, operand in enumerate(node.inputs):
            array = array_of(operand)
            if operand is None or (array is not None and node.op_type not in BINARY):
                inputs.append(operand)
            elif array is not None:
                inputs.append(constant(op, _flat(array)))
            else:
                producer = operand.producer()
                assert producer is not None and index < 2
                source = data_of(producer)
                same = shape_of(source) == matrix
                inputs.append(source if same else op.Reshape(source, int_constant(op, matrix)))
        attributes = dict(node.attributes.items())
        value: ir.Value = op.Reshape(op.op(node.op_type, *inputs, **attributes), int_constant(op, result))
        return value


def _matrix(node: ir.Node) -> tuple[int, ...] | None:
    """Return (rows, columns) when every computed operand is a Reshape of as many elements, one of a matrix."""
    result = shape_of(output_of(node))
    if result is None or len(result) < 3:
        return None
    found: tuple[int, ...] | None = None
    for operand in node.inputs:
        if operand is None:
            continue
        array = array_of(operand)
        if array is not None:
            if (
                node.op_type in BINARY
                and array.size != 1
                and (array.size != result[-1] or array.shape[-1:] != result[-1:])
            ):
                return None
            continue
        producer = operand.producer()
        if producer is None or producer.op_type != "Reshape" or shape_of(operand) != result:
            return None
        source = shape_of(data_of(producer))
        if source is not None and len(source) == 2 and source[1] == result[-1]:
            found = source
    return found


def _flat(array: Array) -> Array:
    return array.reshape(1, -1) if array.size > 1 else np.asarray(array).reshape(1)
