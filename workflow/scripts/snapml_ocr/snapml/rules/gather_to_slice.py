"""Gather of one index or of a run of indices as Slice."""

from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import (
    array_of,
    data_of,
    input_of,
    int_constant,
    integer,
    is_float,
    output_of,
    shape_of,
)
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule


class GatherToSlice(NodeRule):
    """Gather with constant indices."""

    op_types = ("Gather",)
    explanation = Explanation(
        title="Gather with constant indices",
        before="Gather of one index, or of indices that follow each other at equal steps",
        after="Slice, and a Reshape where the axis vanishes",
        why="That Gather becomes the Embedding layer is not documented; Slice is.",
        evidence="layer table: Slice (documented), Embedding (undocumented mapping)",
        exactness="identical",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Refuse computed or irregular indices; leave tables of numbers alone."""
        if array_of(data_of(node)) is not None or not is_float(data_of(node)):
            return NOTHING_TO_DO
        if shape_of(data_of(node)) is None or shape_of(output_of(node)) is None:
            return "Gather of unknown shape"
        return None if _run(node) is not None else "the indices of Gather are computed or irregular"

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the Slice."""
        run, shape, result = _run(node), shape_of(data_of(node)), shape_of(output_of(node))
        assert run is not None
        assert shape is not None
        assert result is not None
        first, count, step = run
        axis = integer(node, "axis", 0) % len(shape)
        bounds = ([first], [first + (count - 1) * step + 1], [axis], [step])
        value: ir.Value = op.Slice(data_of(node), *(int_constant(op, one) for one in bounds))
        sliced = (*shape[:axis], count, *shape[axis + 1 :])
        return value if sliced == result else op.Reshape(value, int_constant(op, result))


def _run(node: ir.Node) -> tuple[int, int, int] | None:
    """Return first index, count and step of constant, evenly increasing indices."""
    indices, shape = array_of(input_of(node, 1)), shape_of(data_of(node))
    if indices is None or shape is None or indices.size == 0:
        return None
    size = shape[integer(node, "axis", 0) % len(shape)]
    flat = np.where(indices < 0, indices + size, indices).reshape(-1)
    steps = np.diff(flat)
    step = int(steps[0]) if steps.size else 1
    return (int(flat[0]), int(flat.size), step) if step > 0 and np.all(steps == step) else None
