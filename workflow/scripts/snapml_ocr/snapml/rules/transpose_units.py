"""A Reshape that only moves axes of size 1 beside a Transpose of rank 4 becomes part of it."""

from typing import Any

import onnx_ir as ir

from snapml_ocr.snapml.helpers.permutation import permutation_of, without_units
from snapml_ocr.snapml.helpers.values import data_of, output_of, shape_of
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule


class TransposeTakesReshape(NodeRule):
    """Reshape then Transpose, and Transpose then Transpose."""

    op_types = ("Transpose",)
    explanation = Explanation(
        title="Reshape before a Transpose",
        before="Reshape that moves axes of size 1 (or another Transpose), Transpose of rank 4",
        after="one Transpose of rank 4",
        why="Reshape and Permute are not available on the iPhone NPU, and copies cost time everywhere.",
        evidence="layer table: Reshape, Permute (documented)",
        exactness="identical",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Leave alone what has no such neighbour."""
        return None if combined_permutation(node) is not None else NOTHING_TO_DO

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return one Transpose of the earlier node's input."""
        producer, permutation = data_of(node).producer(), combined_permutation(node)
        assert producer is not None
        assert permutation is not None
        value: ir.Value = op.Transpose(data_of(producer), perm=permutation)
        return value


class ReshapeIntoTranspose(NodeRule):
    """Transpose then Reshape."""

    op_types = ("Reshape",)
    explanation = Explanation(
        title="Reshape after a Transpose",
        before="Transpose of rank 4, Reshape to rank 4 that moves axes of size 1",
        after="one Transpose of rank 4",
        why=TransposeTakesReshape.explanation.why,
        evidence=TransposeTakesReshape.explanation.evidence,
        exactness="identical",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Leave alone what has no such neighbour."""
        return None if _permutation_to(node) is not None else NOTHING_TO_DO

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the Transpose that gives the Reshape's shape."""
        producer, permutation = data_of(node).producer(), _permutation_to(node)
        assert producer is not None
        assert permutation is not None
        value: ir.Value = op.Transpose(data_of(producer), perm=permutation)
        return value


def combined_permutation(node: ir.Node) -> list[int] | None:
    """Return the permutation of the earlier node's input that gives the output of `node`."""
    producer = data_of(node).producer()
    between, result = shape_of(data_of(node)), shape_of(output_of(node))
    if producer is None or between is None or result is None or len(between) != 4:
        return None
    source = shape_of(data_of(producer)) if producer.inputs else None
    permutation = permutation_of(node, 4)
    if producer.op_type == "Transpose" and source is not None:
        earlier = permutation_of(producer, 4)
        return [earlier[axis] for axis in permutation]
    if producer.op_type != "Reshape" or source is None or len(source) != 4:
        return None
    if without_units(source) != without_units(between):
        return None
    kept = [axis for axis in range(4) if source[axis] != 1]
    order = [
        kept[[axis for axis in range(4) if between[axis] != 1].index(one)]
        for one in permutation
        if between[one] != 1
    ]
    return _with_units(source, order, result)


def _permutation_to(node: ir.Node) -> list[int] | None:
    producer, result = data_of(node).producer(), shape_of(output_of(node))
    if producer is None or producer.op_type != "Transpose" or result is None or len(result) != 4:
        return None
    source, between = shape_of(data_of(producer)), shape_of(data_of(node))
    if (
        source is None
        or between is None
        or len(source) != 4
        or without_units(between) != without_units(result)
    ):
        return None
    order = [axis for axis in permutation_of(producer, 4) if source[axis] != 1]
    return _with_units(source, order, result)


def _with_units(source: tuple[int, ...], order: list[int], result: tuple[int, ...]) -> list[int]:
    """Fill the places of size 1 in `result` with the axes of size 1 of `source`, in order."""
    units = iter(axis for axis in range(4) if source[axis] == 1)
    others = iter(order)
    return [next(units) if size == 1 else next(others) for size in result]
