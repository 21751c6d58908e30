"""The second half of a mean in two steps, and the 1x1 convolution behind it, are one convolution."""

from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import (
    data_of,
    float_array_of,
    float_constant,
    input_of,
    ints,
    shape_of,
    sole_consumer,
)
from snapml_ocr.snapml.rules.explicit_pads import kernel_of
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule

MOST_ROWS = 6
MOST_WEIGHTS = 1 << 16
"""Of the largest kernel, in rows and columns, and in all: the weights grow with the number of means."""


class PoolIntoConv(NodeRule):
    """A convolution of means of means."""

    op_types = ("Conv",)
    explanation = Explanation(
        title="Means of means into a convolution",
        before=f"AveragePool, GlobalAveragePool of at most {MOST_ROWS} x {MOST_ROWS} means, 1x1 Conv",
        after="AveragePool, Conv with a kernel over all means, the weights divided by their number",
        why="A mean over many pixels takes two steps; this way they cost no layer more than one would.",
        evidence="arithmetic; layer table: Convolution (documented)",
        exactness="exact in real arithmetic; the order of additions changes (1e-6 relative)",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Leave alone all but 1x1 convolutions that alone read the mean of a few means."""
        mean = data_of(node).producer()
        first = data_of(mean).producer() if mean is not None and mean.op_type == "GlobalAveragePool" else None
        if mean is None or first is None or first.op_type != "AveragePool":
            return NOTHING_TO_DO
        sizes, weights = shape_of(data_of(mean)), float_array_of(input_of(node, 1))
        is_pointwise = kernel_of(node) == (1, 1) and not any(ints(node, "pads", ()))
        if sizes is None or len(sizes) != 4 or weights is None or not is_pointwise:
            return NOTHING_TO_DO
        is_small = max(sizes[2:]) <= MOST_ROWS and weights.size * sizes[2] * sizes[3] <= MOST_WEIGHTS
        is_read_once = sole_consumer(data_of(node)) is node and sole_consumer(data_of(mean)) is mean
        return None if is_read_once and is_small else NOTHING_TO_DO

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the convolution over all means."""
        mean = data_of(node).producer()
        assert mean is not None
        sizes, weights = shape_of(data_of(mean)), float_array_of(input_of(node, 1))
        assert sizes is not None
        assert weights is not None
        kernel = np.broadcast_to(weights / (sizes[2] * sizes[3]), (*weights.shape[:2], *sizes[2:]))
        inputs = [data_of(mean), float_constant(op, kernel), *node.inputs[2:]]
        attributes = dict(node.attributes.items())
        attributes["kernel_shape"] = ir.AttrInt64s("kernel_shape", sizes[2:])
        value: ir.Value = op.op("Conv", *inputs, **attributes)
        return value
