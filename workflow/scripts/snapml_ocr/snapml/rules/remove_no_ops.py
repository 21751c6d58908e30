"""Nodes that change nothing."""

from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.affine import affine_of
from snapml_ocr.snapml.helpers.permutation import permutation_of
from snapml_ocr.snapml.helpers.values import array_of, data_of, input_of, integer, ints, output_of, shape_of
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule
from snapml_ocr.snapml.rules.slice_into_gemm import slice_of


class RemoveNoOps(NodeRule):
    """Dropout, casts to the same type, Pad by nothing, Slice of everything, sums of one, factors of 1."""

    op_types = (
        "Add",
        "AveragePool",
        "Cast",
        "Concat",
        "Div",
        "Dropout",
        "Expand",
        "Max",
        "MaxPool",
        "Mean",
        "Min",
        "Mul",
        "Pad",
        "Resize",
        "Slice",
        "Sub",
        "Sum",
        "Tile",
        "Transpose",
    )
    explanation = Explanation(
        title="Nodes that change nothing",
        before=(
            "Identity, Dropout, Cast to the same type, Pad by 0, Slice of everything, Concat or Sum of "
            "one, x * 1"
        ),
        after="nothing; a node between an input and an output stays",
        why="Each would be a layer, and Identity, Dropout and Cast are not in the table.",
        evidence="layer table: Linear (Identity: undocumented)",
        exactness="identical",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Leave alone what does something, or joins an input of the model to an output."""
        x = _kept(node)
        if x is None:
            return NOTHING_TO_DO
        if output_of(node).is_graph_output() and (x.is_graph_input() or array_of(x) is not None):
            return f"{node.op_type} does nothing but join an input of the model to an output"
        return None

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the input."""
        unchanged: ir.Value = op.Identity(_kept(node))
        return unchanged


def _kept(node: ir.Node) -> ir.Value | None:
    """Return the input that the output equals, None when it is no such node."""
    if any(output.uses() or output.is_graph_output() for output in node.outputs[1:]):
        return None
    if node.op_type in ("Add", "Sub", "Mul", "Div"):
        found = affine_of(node)
        known = found is not None and found[1].is_identity and shape_of(found[0]) is not None
        return found[0] if found and known and shape_of(found[0]) == shape_of(output_of(node)) else None
    return data_of(node) if _is_neutral(node, shape_of(data_of(node))) else None


def _is_neutral(node: ir.Node, shape: tuple[int, ...] | None) -> bool:
    """Whether a node of one variable input gives that input."""
    x = data_of(node)
    if node.op_type == "Dropout":
        return True
    if node.op_type in ("Concat", "Max", "Mean", "Min", "Sum"):
        return len(node.inputs) == 1
    if node.op_type == "Cast":
        return x.dtype is not None and integer(node, "to", 0) == int(x.dtype)
    keeps_shape = shape is not None and shape == shape_of(output_of(node))
    return keeps_shape and shape is not None and _keeps_numbers(node, shape)


def _keeps_numbers(node: ir.Node, shape: tuple[int, ...]) -> bool:
    """Whether a node that keeps the shape keeps the numbers."""
    if node.op_type in ("Expand", "Resize", "Tile"):
        return True
    if node.op_type == "Transpose":
        return permutation_of(node, len(shape)) == tuple(range(len(shape)))
    if node.op_type == "Pad":
        pads = array_of(input_of(node, 1))
        return pads is not None and not np.any(pads)
    if node.op_type == "Slice":
        return slice_of(node, len(shape)) is not None
    return set(ints(node, "kernel_shape", (0,))) == {1} and not any(ints(node, "pads", ()))
