"""Nearest-neighbour enlargement by a whole factor in the one form that is known to import."""

from typing import Any

import numpy as np
import onnx_ir as ir
from numpy.typing import NDArray

from snapml_ocr.snapml.helpers.values import (
    array_of,
    data_of,
    float_constant,
    input_of,
    output_of,
    shape_of,
    text,
)
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule

FORM = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}


class ResizeNearest(NodeRule):
    """Resize in mode nearest."""

    op_types = ("Resize",)
    explanation = Explanation(
        title="Nearest-neighbour enlargement",
        before="Resize nearest by a whole factor, in any coordinate mode that takes the same pixels",
        after="Resize nearest with scales, asymmetric coordinates and rounding down",
        why="What engines do with other coordinate modes is not documented; this form was seen to import.",
        evidence="layer table: Resize Nearest Neighbor (inferred_tutorial)",
        exactness="identical: the pixels each mode takes are computed and compared",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Refuse fractions, and modes that take other pixels."""
        before, after = shape_of(data_of(node)), shape_of(output_of(node))
        if text(node, "mode", "nearest") != "nearest":
            return NOTHING_TO_DO
        if before is None or after is None or len(before) != 4:
            return "Resize of unknown shape, or not of rank 4"
        scales = array_of(input_of(node, 2))
        by_scales = scales is not None and scales.size == 4
        if by_scales and all(text(node, name, "") == value for name, value in FORM.items() if name != "mode"):
            return NOTHING_TO_DO
        for small, large in zip(before, after, strict=True):
            if large % small:
                return f"Resize from {before} to {after} is no enlargement by whole factors"
            taken = _pixels(small, large, node)
            if taken is None or not np.array_equal(taken, np.arange(large) // (large // small)):
                return "this coordinate mode takes other pixels than rounding down would"
        return None

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the Resize in the known form."""
        before, after = shape_of(data_of(node)), shape_of(output_of(node))
        assert before is not None
        assert after is not None
        scales = [large // small for small, large in zip(before, after, strict=True)]
        roi, factors = float_constant(op, np.zeros(0)), float_constant(op, scales)
        value: ir.Value = op.Resize(data_of(node), roi, factors, **FORM)
        return value


def _pixels(small: int, large: int, node: ir.Node) -> NDArray[np.int64] | None:
    """Return the input position of each output position (formulas of the ONNX specification)."""
    positions, scale = np.arange(large, dtype=np.float64), large / small
    mode = text(node, "coordinate_transformation_mode", "half_pixel")
    if mode == "asymmetric":
        source = positions / scale
    elif mode == "half_pixel" or (mode == "pytorch_half_pixel" and large > 1):
        source = (positions + 0.5) / scale - 0.5
    elif mode == "align_corners" and large > 1:
        source = positions * (small - 1) / (large - 1)
    else:
        return None
    rounding = text(node, "nearest_mode", "round_prefer_floor")
    if rounding == "floor":
        rounded = np.floor(source)
    elif rounding == "ceil":
        rounded = np.ceil(source)
    else:
        half_up = np.floor(source + 0.5)
        is_half = source + 0.5 == half_up
        rounded = half_up - (is_half if rounding == "round_prefer_floor" else 0)
    return np.clip(rounded, 0, small - 1).astype(np.int64)
