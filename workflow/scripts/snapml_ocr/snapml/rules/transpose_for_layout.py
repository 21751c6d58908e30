"""A Transpose before a Reshape puts an axis of size 1 where the channels are."""

from typing import Any

import onnx_ir as ir

from snapml_ocr.snapml.helpers.permutation import is_layout_free, permutation_of
from snapml_ocr.snapml.helpers.values import data_of, input_of, output_of, shape_of
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule


class TransposeForLayout(NodeRule):
    """Transpose to (1, T, heads, width), then Reshape to (T, heads * width)."""

    op_types = ("Reshape",)
    explanation = Explanation(
        title="Reshape that does not depend on the memory layout",
        before="Transpose to a shape like (1, 40, 8, 15), Reshape",
        after="Transpose to (40, 1, 8, 15), the same Reshape",
        why=(
            "Backends keep tensors as NCHW or NHWC, and Snap warns that Reshape may scramble them. With "
            "one channel, "
            "both layouts are the same."
        ),
        evidence="layer table: Reshape (documented)",
        exactness="identical",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Leave alone what is safe already or has no axis of size 1 to use."""
        return None if _safe_permutation(node) is not None else NOTHING_TO_DO

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the Reshape behind the other Transpose."""
        producer, permutation = data_of(node).producer(), _safe_permutation(node)
        assert producer is not None
        assert permutation is not None
        value: ir.Value = op.Reshape(op.Transpose(data_of(producer), perm=permutation), input_of(node, 1))
        return value


def _safe_permutation(node: ir.Node) -> list[int] | None:
    producer = data_of(node).producer()
    if producer is None or producer.op_type != "Transpose":
        return None
    source, between = shape_of(data_of(producer)), shape_of(output_of(producer))
    if source is None or between is None or len(source) != 4 or is_layout_free(between) or 1 not in between:
        return None
    permutation = list(permutation_of(producer, 4))
    unit = next(axis for axis in permutation if source[axis] == 1)
    permutation.remove(unit)
    return [permutation[0], unit, *permutation[1:]]
