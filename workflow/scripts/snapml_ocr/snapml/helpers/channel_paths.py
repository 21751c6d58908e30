"""Operators that a scale and shift pass through, and where the channels are on the other side."""

import onnx_ir as ir

from snapml_ocr.snapml.helpers.affine import Affine
from snapml_ocr.snapml.helpers.permutation import permutation_of
from snapml_ocr.snapml.helpers.values import data_of, integer, ints, output_of, shape_of, text

TRANSPARENT = (
    "AveragePool",
    "GlobalAveragePool",
    "LeakyRelu",
    "MaxPool",
    "Relu",
    "Reshape",
    "Resize",
    "Transpose",
)
"""Operators of one variable input for which op(s x + t) = s op(x) + t, given what `passes` asks."""


ANY_AXIS = ("LeakyRelu", "Relu", "Reshape", "Transpose")
"""Those that do not mix neighbours, so that the scaled axis may be any; the others mix pixels."""


def passes(node: ir.Node, affine: Affine) -> bool:
    """Whether op(scale * x + shift) = scale * op(x) + shift for a `TRANSPARENT` node."""
    if node.op_type not in ANY_AXIS and not (affine.is_scalar or affine.axis == 1):
        return False
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
    return node.op_type in TRANSPARENT


def after(node: ir.Node, affine: Affine) -> Affine | None:
    """Return `affine` of the input of a `TRANSPARENT` node as one of its output, None when there is none."""
    before, behind = shape_of(data_of(node)), shape_of(output_of(node))
    if not passes(node, affine) or not affine.fits(before):
        return None
    if node.op_type == "Transpose" and before is not None:
        return affine.on_axis(
            permutation_of(node, len(before)).index(affine.axis) if affine.axis < len(before) else None
        )
    if node.op_type == "Reshape":
        return affine.on_axis(same_axis(before, behind, affine.axis))
    return affine if affine.fits(behind) else None


def before(node: ir.Node, affine: Affine) -> Affine | None:
    """Return `affine` of the output of a `TRANSPARENT` node as one of its input, None when there is none."""
    front, behind = shape_of(data_of(node)), shape_of(output_of(node))
    if not passes(node, affine) or not affine.fits(behind):
        return None
    if node.op_type == "Transpose" and behind is not None:
        return affine.on_axis(
            permutation_of(node, len(behind))[affine.axis] if affine.axis < len(behind) else None
        )
    if node.op_type == "Reshape":
        return affine.on_axis(same_axis(behind, front, affine.axis))
    return affine if affine.fits(front) else None


def same_axis(shape: tuple[int, ...] | None, other: tuple[int, ...] | None, axis: int) -> int | None:
    """Return the axis of `other` that is `axis` of `shape` when one is reshaped to the other."""
    if shape is None or other is None or axis >= len(shape):
        return None
    ahead = _product(shape[:axis])
    for position, size in enumerate(other):
        if size == shape[axis] and size != 1 and _product(other[:position]) == ahead:
            return position
    return None


def _product(sizes: tuple[int, ...]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total
