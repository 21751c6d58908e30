"""Whether a scale and shift can be computed earlier: a plan of new weights, or None."""

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.rules.affine import Affine
from snapml_ocr.snapml.rules.values import array_of, integer, ints, shape_of, sole_consumer, text
from snapml_ocr.snapml.rules.weights import Edit, into_producer

TRANSPARENT = (
    "GlobalAveragePool",
    "AveragePool",
    "Resize",
    "MaxPool",
    "Relu",
    "LeakyRelu",
    "Reshape",
    "Transpose",
)
"""Operators of one variable input that a scale passes through; what else they need is asked below."""


def hoist(value: ir.Value, affine: Affine) -> list[Edit] | None:
    """Plan the edits after which `value` is scale * value + shift.

    `value` has one reader, the caller. None when some layer on the way cannot take the change.
    """
    node = value.producer()
    if node is None or value.is_graph_output():
        return None
    edit = into_producer(node, affine)
    if edit is not None:
        return [edit]
    if node.op_type in TRANSPARENT:
        return _through(node, affine)
    if node.op_type == "Mul" and not affine.has_shift:
        return _into_one_factor(node, affine)
    if node.op_type == "Concat":
        return _into_all_parts(node, affine)
    return None


def passes(node: ir.Node, affine: Affine) -> bool:
    """Whether op(scale * x + shift) = scale * op(x) + shift for a `TRANSPARENT` node and its first input."""
    if not affine.is_scalar and not _keeps_channels(node):
        return False
    if node.op_type == "GlobalAveragePool":
        return True
    if node.op_type == "AveragePool":
        padded = any(ints(node, "pads", ())) or text(node, "auto_pad", "NOTSET") not in ("NOTSET", "VALID")
        counts = integer(node, "count_include_pad", 0) and padded
        return not (affine.has_shift and counts)
    if node.op_type == "Resize":
        interpolates = text(node, "mode", "nearest") in ("nearest", "linear")
        extrapolates = text(node, "coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize"
        return interpolates and not (affine.has_shift and extrapolates)
    if node.op_type == "MaxPool":
        return affine.is_positive and len(node.outputs) == 1
    if node.op_type in ("Relu", "LeakyRelu"):
        return affine.is_positive and not affine.has_shift
    return affine.is_scalar  # Reshape, Transpose


def _keeps_channels(node: ir.Node) -> bool:
    before, after = shape_of(node.inputs[0]), shape_of(node.outputs[0])
    return before is not None and after is not None and len(after) > 1 and before[1:2] == after[1:2]


def _through(node: ir.Node, affine: Affine) -> list[Edit] | None:
    source = node.inputs[0]
    if source is None or sole_consumer(source) is not node or not passes(node, affine):
        return None
    return hoist(source, affine.scalar() if affine.is_scalar else affine)


def _into_one_factor(node: ir.Node, affine: Affine) -> list[Edit] | None:
    """s * (a * b) = (s * a) * b: the smaller operand first, it is the cheaper one to have wrong."""
    operands = [operand for operand in node.inputs if operand is not None]
    channels = affine.scale.size
    for operand in sorted(operands, key=lambda one: int(np.prod(shape_of(one) or (0,)))):
        shape = shape_of(operand)
        fits = affine.is_scalar or (shape is not None and len(shape) == 4 and shape[1] == channels)
        if fits and array_of(operand) is None and sole_consumer(operand) is node:
            edits = hoist(operand, affine)
            if edits is not None:
                return edits
    return None


def _into_all_parts(node: ir.Node, affine: Affine) -> list[Edit] | None:
    if not affine.is_scalar:
        return None
    edits: list[Edit] = []
    for operand in node.inputs:
        if operand is None or sole_consumer(operand) is not node:
            return None
        part = hoist(operand, affine.scalar())
        if part is None:
            return None
        edits += part
    return edits
