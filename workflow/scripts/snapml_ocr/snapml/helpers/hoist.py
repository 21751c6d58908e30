"""Whether a scale and shift can be computed earlier: a plan of new weights, or None."""

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.affine import Affine
from snapml_ocr.snapml.helpers.channel_paths import TRANSPARENT, before
from snapml_ocr.snapml.helpers.values import array_of, data_of, shape_of, sole_consumer
from snapml_ocr.snapml.helpers.weights import Edit, into_producer


def hoist(value: ir.Value, affine: Affine) -> list[Edit] | None:
    """Plan the edits after which `value` is scale * value + shift.

    `value` has one reader, the caller. None when some layer on the way cannot take the change.
    """
    node = value.producer()
    if node is None or value.is_graph_output() or value is not node.outputs[0]:
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


def _through(node: ir.Node, affine: Affine) -> list[Edit] | None:
    source = data_of(node)
    earlier = before(node, affine)
    if earlier is None or sole_consumer(source) is not node:
        return None
    return hoist(source, earlier)


def _into_one_factor(node: ir.Node, affine: Affine) -> list[Edit] | None:
    """s * (a * b) = (s * a) * b: the smaller operand first."""
    operands = [operand for operand in node.inputs if operand is not None]
    rank = len(shape_of(node.outputs[0]) or ())
    for operand in sorted(operands, key=lambda one: int(np.prod(shape_of(one) or (0,)))):
        shape = shape_of(operand)
        fits = affine.is_scalar or (affine.fits(shape) and len(shape or ()) == rank)
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
