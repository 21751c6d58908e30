"""Whether a scale and shift can be computed later: a plan of new weights, or None."""

from dataclasses import replace

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.affine import Affine
from snapml_ocr.snapml.helpers.channel_paths import TRANSPARENT, after
from snapml_ocr.snapml.helpers.hoist import hoist
from snapml_ocr.snapml.helpers.values import array_of, integer, shape_of, sole_consumer
from snapml_ocr.snapml.helpers.weights import Edit, into_consumer


def sink(value: ir.Value, affine: Affine) -> list[Edit] | None:
    """Plan the edits after which every reader of `value` may read v where `value` is scale * v + shift.

    None when some reader cannot take the change, or when `value` is an output of the model.
    """
    if value.is_graph_output() or not value.uses():
        return None
    edits: list[Edit] = []
    readers = {id(use.node): use.node for use in value.uses()}
    for node in readers.values():
        positions = tuple(index for index, operand in enumerate(node.inputs) if operand is value)
        part = _into_reader(node, positions, affine)
        if part is None:
            return None
        edits += part
    return edits if len({id(edit.node) for edit in edits}) == len(edits) else None


def _into_reader(node: ir.Node, positions: tuple[int, ...], affine: Affine) -> list[Edit] | None:
    if len(positions) == 1:
        edit = into_consumer(node, positions[0], affine)
        if edit is not None:
            return [edit]
    if len(node.outputs) != 1:
        return None
    later = _passed_on(node, positions, affine)
    if later is not None:
        return sink(node.outputs[0], later)
    if node.op_type == "Add" and len(positions) == 1:
        return _through_sum(node, positions[0], affine)
    return None


def _passed_on(node: ir.Node, positions: tuple[int, ...], affine: Affine) -> Affine | None:
    """Return what the output of `node` is then scaled and shifted by, None when it is more than that."""
    if node.op_type in TRANSPARENT:
        return after(node, affine) if positions == (0,) else None
    if node.op_type == "Mul" and not affine.has_shift:
        same_channels = _keeps_channels(node, affine)
        squared = affine.scale ** len(positions)
        return replace(affine, scale=squared) if same_channels else None
    if node.op_type == "Div" and not affine.has_shift and positions == (0,):
        return affine if _keeps_channels(node, affine) else None
    if node.op_type == "Concat":
        return _into_part(node, positions, affine)
    return None


def _keeps_channels(node: ir.Node, affine: Affine) -> bool:
    """Whether an element-wise node has the channels of its operand where the operand has them."""
    if affine.is_scalar:
        return True
    ranks = {len(shape_of(operand) or ()) for operand in node.inputs}
    return len(ranks) == 1 and affine.fits(shape_of(node.outputs[0]))


def _into_part(node: ir.Node, positions: tuple[int, ...], affine: Affine) -> Affine | None:
    """One part of a Concat along the channels: the other parts are scaled by 1."""
    shapes = [shape_of(operand) for operand in node.inputs]
    if (
        any(shape is None or len(shape) != 4 for shape in shapes)
        or affine.axis != 1
        or integer(node, "axis", 1) not in (1, -3)
    ):
        return None
    parts = []
    for index, shape in enumerate(shapes):
        assert shape is not None
        unchanged = Affine(np.ones(1), np.zeros(1))
        parts.append((affine if index in positions else unchanged).over(shape[1]))
    return Affine(
        np.concatenate([part.scale for part in parts]), np.concatenate([part.shift for part in parts])
    )


def _through_sum(node: ir.Node, position: int, affine: Affine) -> list[Edit] | None:
    """s * v + b = s * (v + b / s): the other operand's own producer takes 1 / s."""
    other = node.inputs[1 - position]
    shapes = {shape_of(operand) for operand in node.inputs}
    if other is None or array_of(other) is not None or len(shapes) != 1 or np.any(affine.scale == 0):
        return None
    if sole_consumer(other) is not node:
        return None
    inverse = replace(affine, scale=1.0 / affine.scale).scaled_only()
    upper = hoist(other, inverse)
    lower = sink(node.outputs[0], affine)
    return None if upper is None or lower is None else upper + lower
