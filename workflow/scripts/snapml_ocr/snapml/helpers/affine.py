"""Scale and shift: y = scale * x + shift, per channel or for the whole tensor."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx_ir as ir
from numpy.typing import NDArray

from snapml_ocr.snapml.helpers.values import (
    float_array_of,
    float_constant,
    input_of,
    is_float,
    real,
    shape_of,
)

EPSILON = 1e-5
"""ONNX's default. With a variance of 1 - EPSILON the two add up to exactly 1 in float32, and an importer
that takes a zero for an absent attribute has nothing to get wrong."""

VARIANCE = np.float32(1.0) - np.float32(EPSILON)


@dataclass(frozen=True)
class Affine:
    """`scale` and `shift` are float64 of length 1 (whole tensor) or of the size of `axis` (the channels)."""

    scale: NDArray[np.float64]
    shift: NDArray[np.float64]
    axis: int = 1

    @property
    def is_scalar(self) -> bool:
        """Whether all channels share one scale and one shift."""
        return bool(np.all(self.scale == self.scale[0]) and np.all(self.shift == self.shift[0]))

    @property
    def has_shift(self) -> bool:
        """Whether anything is added."""
        return bool(np.any(self.shift != 0))

    @property
    def is_positive(self) -> bool:
        """Whether every scale is above zero, as ReLU and maxima need it."""
        return bool(np.all(self.scale > 0))

    @property
    def is_identity(self) -> bool:
        """Whether nothing changes."""
        return bool(np.all(self.scale == 1) and np.all(self.shift == 0))

    def then(self, later: "Affine") -> "Affine":
        """Return this one followed by `later`."""
        return replace(self, scale=self.scale * later.scale, shift=self.shift * later.scale + later.shift)

    def over(self, channels: int) -> "Affine":
        """Return the same with one entry per channel."""
        return replace(
            self, scale=np.broadcast_to(self.scale, channels), shift=np.broadcast_to(self.shift, channels)
        )

    def fits(self, shape: tuple[int, ...] | None) -> bool:
        """Whether a tensor of `shape` has the channels this one is about."""
        if self.is_scalar:
            return True
        return shape is not None and self.axis < len(shape) and shape[self.axis] == self.scale.size

    def on_axis(self, axis: int | None) -> "Affine | None":
        """Return the same for channels on another axis; None for None, unless there are no channels."""
        if self.is_scalar:
            return self.scalar()
        return None if axis is None else replace(self, axis=axis)

    def scalar(self) -> "Affine":
        """Return the same with one entry; only for `is_scalar`."""
        return Affine(self.scale[:1], self.shift[:1])

    def scaled_only(self) -> "Affine":
        """Return the scale without the shift."""
        return replace(self, shift=np.zeros_like(self.scale))


def scaling(factor: float) -> Affine:
    """Return y = factor * x."""
    return Affine(np.array([factor], np.float64), np.zeros(1))


def affine_of(node: ir.Node) -> tuple[ir.Value, Affine] | None:
    """Read a node as scale and shift: the variable operand and the numbers, None when it is no such node.

    Add, Sub, Mul and Div with a constant operand that is one number, or one number per channel (axis 1) and
    does not enlarge the result; BatchNormalization with constant statistics.
    """
    if not node.outputs or not is_float(node.outputs[0]):
        return None
    if node.op_type == "BatchNormalization":
        return _batch_norm(node)
    if node.op_type not in ("Add", "Sub", "Mul", "Div") or len(node.inputs) != 2:
        return None
    first, second = float_array_of(node.inputs[0]), float_array_of(node.inputs[1])
    if (first is None) == (second is None):
        return None
    array, variable = (first, node.inputs[1]) if first is not None else (second, node.inputs[0])
    assert array is not None
    vector = _per_channel(array, variable)
    if vector is None or variable is None:
        return None
    affine = _as_affine(node.op_type, vector, constant_first=first is not None)
    return None if affine is None else (variable, affine)


def emit_affine(op: Any, x: ir.Value, affine: Affine) -> ir.Value:
    """Return scale * x + shift: BatchNormalization for rank 4 (no Constant operand), else Mul and Add."""
    shape = shape_of(x)
    if affine.is_identity:
        unchanged: ir.Value = op.Identity(x)
        return unchanged
    if shape is not None and len(shape) == 4:
        return _emit_batch_norm(op, x, affine.over(shape[1]))
    result = x
    tail = (1,) * (len(shape) - 2) if shape is not None and not affine.is_scalar else ()
    entries = affine.scalar() if affine.is_scalar else affine
    if np.any(entries.scale != 1):
        result = op.Mul(result, float_constant(op, entries.scale.reshape(-1, *tail)))
    if affine.has_shift:
        result = op.Add(result, float_constant(op, entries.shift.reshape(-1, *tail)))
    return result


def _emit_batch_norm(op: Any, x: ir.Value, affine: Affine) -> ir.Value:
    channels = affine.scale.size
    value: ir.Value = op.BatchNormalization(
        x,
        float_constant(op, affine.scale),
        float_constant(op, affine.shift),
        float_constant(op, np.zeros(channels)),
        float_constant(op, np.full(channels, VARIANCE)),
        epsilon=EPSILON,
    )
    return value


def _batch_norm(node: ir.Node) -> tuple[ir.Value, Affine] | None:
    arrays = [float_array_of(input_of(node, index)) for index in range(1, 5)]
    variable = node.inputs[0]
    if variable is None or any(array is None for array in arrays) or len(node.outputs) > 1:
        return None
    gamma, beta, mean, variance = (np.asarray(array) for array in arrays)
    total = (variance.astype(np.float32) + np.float32(real(node, "epsilon", 1e-5))).astype(np.float64)
    scale = gamma / np.sqrt(total)
    return variable, Affine(scale, beta - mean * scale)


def _per_channel(array: NDArray[np.float64], variable: ir.Value | None) -> NDArray[np.float64] | None:
    shape = shape_of(variable)
    if shape is None or array.ndim > len(shape):
        return array.reshape(1) if array.size == 1 and array.ndim == 0 else None
    if array.size == 1:
        return array.reshape(1)
    aligned = (1,) * (len(shape) - array.ndim) + array.shape
    is_channels = len(shape) >= 2 and aligned[1] == shape[1] and array.size == shape[1]
    return array.reshape(-1) if is_channels else None


def _as_affine(op_type: str, vector: NDArray[np.float64], *, constant_first: bool) -> Affine | None:
    ones, zeros = np.ones_like(vector), np.zeros_like(vector)
    if op_type == "Add":
        return Affine(ones, vector)
    if op_type == "Mul":
        return Affine(vector, zeros)
    if op_type == "Sub":
        return Affine(-ones, vector) if constant_first else Affine(ones, -vector)
    if constant_first or np.any(vector == 0):
        return None
    return Affine(1.0 / vector, zeros)
