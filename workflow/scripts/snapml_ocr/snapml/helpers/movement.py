"""Reshape and Transpose only move elements: where each element of a value comes from, whatever the detour."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.permutation import permutation_of
from snapml_ocr.snapml.helpers.values import Array, data_of, int_constant, output_of, shape_of, sized

MOVES = ("Reshape", "Transpose")

MAX_ELEMENTS = 1 << 22
"""No sequence of a recognizer has as many; where each element went is written out."""


@dataclass(frozen=True)
class Movement:
    """`origin` holds, in the shape of the value, the position of each element in the flat `source`."""

    source: ir.Value
    nodes: tuple[ir.Node, ...]
    origin: Array

    @property
    def grid(self) -> tuple[int, int]:
        """Channels and steps of a source (N, C, 1, T), N and C taken together."""
        sizes = shape_of(self.source) or ()
        return prod(sizes[:-1]), sizes[-1]

    def columns(self, op: Any) -> ir.Value:
        """Return a source (N, C, 1, T) as (1, N C, 1, T)."""
        channels, steps = self.grid
        sizes = (1, channels, 1, steps)
        value: ir.Value = self.source
        return value if shape_of(value) == sizes else sized(op.Reshape(value, int_constant(op, sizes)), sizes)

    def again(self, op: Any, value: ir.Value) -> ir.Value:
        """Move `value`, which took the place of `columns`, the way the source was moved."""
        sizes = shape_of(self.source) or ()
        if sizes[0] != 1 and self.nodes[0].op_type == "Transpose":
            value = sized(op.Reshape(value, int_constant(op, sizes)), sizes)
        for node in self.nodes:
            result = shape_of(output_of(node)) or ()
            if node.op_type == "Reshape":
                value = op.Reshape(value, int_constant(op, result))
            else:
                value = op.Transpose(value, perm=list(permutation_of(node, len(result))))
            sized(value, result)
        return value


def movement_of(value: ir.Value | None) -> Movement | None:
    """Follow `value` up to the first that is not moved; None where a shape is unknown or enormous."""
    return _movement(*_path(value))


def columns_of(value: ir.Value | None) -> Movement | None:
    """Return the movement of a value from the first (N, C, 1, T), a sequence as convolutions have it."""
    source, nodes = _path(value)
    while nodes and not _is_columns(shape_of(source)):
        source = output_of(nodes.pop(0))
    return _movement(source, nodes) if nodes else None


def _is_columns(shape: Sequence[int] | None) -> bool:
    return shape is not None and len(shape) == 4 and shape[2] == 1 and shape[3] > 1


def _movement(source: ir.Value | None, nodes: Sequence[ir.Node]) -> Movement | None:
    shape = shape_of(source)
    if source is None or shape is None or prod(shape) > MAX_ELEMENTS:
        return None
    origin = np.arange(prod(shape)).reshape(shape)
    for node in nodes:
        result = shape_of(output_of(node))
        if result is None:
            return None
        if node.op_type == "Reshape":
            origin = origin.reshape(result)
        else:
            origin = origin.transpose(permutation_of(node, origin.ndim))
    return Movement(source, tuple(nodes), origin)


def _path(value: ir.Value | None) -> tuple[ir.Value | None, list[ir.Node]]:
    nodes: list[ir.Node] = []
    while value is not None:
        producer = value.producer()
        if producer is None or producer.op_type not in MOVES:
            break
        nodes.insert(0, producer)
        value = data_of(producer)
    return value, nodes


def is_sequence(shape: Sequence[int]) -> bool:
    """Whether `shape` is (1, C, 1, T), T steps as convolutions have them."""
    return len(shape) == 4 and shape[0] == shape[2] == 1 and shape[3] > 1


def rows_from_columns(op: Any, x: ir.Value, sizes: Sequence[int]) -> ir.Value:
    """Return (T, C) of `x`, which is (1, C, 1, T); `sizes` are C and T."""
    channels, steps = sizes
    turned = sized(op.Transpose(x, perm=[3, 1, 0, 2]), (steps, channels, 1, 1))
    return sized(op.Reshape(turned, int_constant(op, [steps, channels])), (steps, channels))
