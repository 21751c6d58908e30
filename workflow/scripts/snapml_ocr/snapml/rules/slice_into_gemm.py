"""Parts sliced from a Gemm's result are Gemms with the matching columns of the weights."""

from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.permutation import permutation_of
from snapml_ocr.snapml.helpers.values import (
    Array,
    array_of,
    data_of,
    float_array_of,
    float_constant,
    input_of,
    int_constant,
    integer,
    output_of,
    shape_of,
    sole_consumer,
)
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule


class SliceIntoGemm(NodeRule):
    """Query, key and value of an attention block."""

    op_types = ("Slice",)
    explanation = Explanation(
        title="Slices of a fully connected layer",
        before="Gemm, Reshape to (1, T, 3, heads, width), Transpose, three Slices",
        after="three Gemms with a third of the columns each, and a Reshape and Transpose of rank 4 for each",
        why=(
            "The detour has rank 5, which is refused at import, and Slice is not available on the iPhone NPU."
        ),
        evidence="layer table: rank limit (reported), Slice, Fully Connected (documented)",
        exactness="identical",
    )

    def rewrite(self, op: Any, node: ir.Node) -> ir.Value | str:
        """Return the smaller Gemm, reshaped and transposed like the larger one.

        A Slice that does not come from a Gemm, or whose Gemm is read by others too, is left alone.
        """
        found = _chain(node)
        if found is None:
            return NOTHING_TO_DO
        gemm, reshape, transpose = found
        last = output_of(transpose or reshape)
        if last.is_graph_output() or any(use.node.op_type != "Slice" for use in last.uses()):
            return NOTHING_TO_DO
        plan = _plan(node, gemm, reshape, transpose)
        if plan is None:
            return NOTHING_TO_DO
        weights, bias, sizes = plan
        value: ir.Value = op.Gemm(
            data_of(gemm),
            float_constant(op, weights),
            float_constant(op, bias),
            alpha=1.0,
            beta=1.0,
            transA=0,
            transB=0,
        )
        value = op.Reshape(value, int_constant(op, sizes))
        if transpose is None:
            return value
        turned: ir.Value = op.Transpose(value, perm=permutation_of(transpose, len(sizes)))
        return turned


def slice_of(node: ir.Node, rank: int) -> tuple[slice, ...] | None:
    """Return the constant ranges of a Slice, one for each axis."""
    values = [array_of(input_of(node, index)) for index in range(1, 5)]
    given = [input_of(node, index) is not None for index in range(1, 5)]
    if any(present and value is None for present, value in zip(given, values, strict=True)):
        return None
    starts, ends = values[0], values[1]
    if starts is None or ends is None:
        return None
    axes = np.arange(starts.size) if values[2] is None else values[2]
    steps = np.ones(starts.size, np.int64) if values[3] is None else values[3]
    ranges = [slice(None)] * rank
    for start, end, axis, step in zip(
        *(one.reshape(-1).tolist() for one in (starts, ends, axes, steps)), strict=True
    ):
        if step < 1:
            return None
        ranges[axis % rank] = slice(start, end, step)
    return tuple(ranges)


def _chain(node: ir.Node) -> tuple[ir.Node, ir.Node, ir.Node | None] | None:
    """Find Gemm, last Reshape and maybe Transpose before a Slice, each read by the next one only."""
    producer = data_of(node).producer()
    transpose = producer if producer is not None and producer.op_type == "Transpose" else None
    reshape = data_of(transpose).producer() if transpose is not None else producer
    if reshape is None or reshape.op_type != "Reshape":
        return None
    if transpose is not None and sole_consumer(output_of(reshape)) is not transpose:
        return None
    reader, gemm = reshape, data_of(reshape).producer()
    while gemm is not None and gemm.op_type == "Reshape" and sole_consumer(output_of(gemm)) is reader:
        reader, gemm = gemm, data_of(gemm).producer()
    if gemm is None or gemm.op_type != "Gemm" or sole_consumer(output_of(gemm)) is not reader:
        return None
    return gemm, reshape, transpose


def _plan(
    node: ir.Node, gemm: ir.Node, reshape: ir.Node, transpose: ir.Node | None
) -> tuple[Array, Array, list[int]] | None:
    """Return weights, bias and Reshape sizes of the part, None when it is not made of whole columns."""
    rows_columns, sizes = shape_of(output_of(gemm)), shape_of(output_of(reshape))
    weights, bias = float_array_of(input_of(gemm, 1)), float_array_of(input_of(gemm, 2))
    plain = not any(integer(gemm, name, 0) for name in ("transA", "transB"))
    if rows_columns is None or sizes is None or weights is None or bias is None or not plain:
        return None
    if bias.shape != (rows_columns[1],) or any(
        name in gemm.attributes and gemm.attributes.get_float(name) != 1.0 for name in ("alpha", "beta")
    ):
        return None
    ranges = slice_of(node, len(sizes))
    if ranges is None:
        return None
    permutation = permutation_of(transpose, len(sizes)) if transpose is not None else tuple(range(len(sizes)))
    before = [slice(None)] * len(sizes)
    for position, axis in enumerate(permutation):
        before[axis] = ranges[position]
    first = _first_column_axis(sizes, rows_columns[0])
    if first is None or any(
        size != len(range(*part.indices(size)))
        for size, part in zip(sizes[:first], before[:first], strict=True)
    ):
        return None
    columns = tuple(before[first:])
    part_weights = weights.reshape(-1, *sizes[first:])[(slice(None), *columns)]
    part_bias = bias.reshape(sizes[first:])[columns]
    return (
        part_weights.reshape(weights.shape[0], -1),
        part_bias.reshape(-1),
        [*sizes[:first], *part_bias.shape],
    )


def _first_column_axis(sizes: tuple[int, ...], rows: int) -> int | None:
    total = 1
    for axis, size in enumerate(sizes):
        if total == rows and size != 1:
            return axis
        total *= size
    return None
