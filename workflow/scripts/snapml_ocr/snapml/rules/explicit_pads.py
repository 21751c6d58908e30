"""auto_pad written out as the pads it stands for."""

from typing import Any

import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import data_of, input_of, ints, shape_of, text
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule


class ExplicitPads(NodeRule):
    """auto_pad of convolutions and pooling."""

    op_types = ("Conv", "MaxPool", "AveragePool")
    explanation = Explanation(
        title="Explicit padding",
        before="Conv or pooling with auto_pad SAME_UPPER, SAME_LOWER or VALID",
        after="the same with pads",
        why="Snap's documentation speaks of pads; what the importer makes of auto_pad is unknown.",
        evidence="layer table: Convolution, Pooling (auto_pad: unknown)",
        exactness="identical",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Refuse when the input's size is not known."""
        if text(node, "auto_pad", "NOTSET") == "NOTSET":
            return NOTHING_TO_DO
        shape = shape_of(data_of(node))
        if shape is None or kernel_of(node) is None:
            return "auto_pad needs a static input shape and kernel"
        if text(node, "auto_pad", "NOTSET") != "VALID" and integer_attribute(node, "ceil_mode"):
            return "auto_pad together with ceil_mode"
        return None

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the same node with pads."""
        attributes = {name: value for name, value in node.attributes.items() if name != "auto_pad"}
        attributes["pads"] = ir.AttrInt64s("pads", same_pads(node))
        value: ir.Value = op.op(node.op_type, *node.inputs, **attributes)
        return value


def integer_attribute(node: ir.Node, name: str) -> bool:
    """Whether an integer attribute is present and not zero."""
    return bool(node.attributes.get_int(name, 0))


def kernel_of(node: ir.Node) -> tuple[int, ...] | None:
    """Return the kernel's spatial size of a convolution or pooling."""
    weights = shape_of(input_of(node, 1)) if node.op_type == "Conv" else None
    kernel = ints(node, "kernel_shape", ())
    if kernel:
        return kernel
    return weights[2:] if weights is not None else None


def same_pads(node: ir.Node) -> list[int]:
    """Return begin and end pads of auto_pad; the formula is the ONNX specification's for Conv."""
    mode = text(node, "auto_pad", "NOTSET")
    shape, kernel = shape_of(data_of(node)), kernel_of(node)
    assert shape is not None
    assert kernel is not None
    if mode == "VALID":
        return [0] * (2 * len(kernel))
    ones = (1,) * len(kernel)
    begins, ends = [], []
    for size, taps, stride, dilation in zip(
        shape[2:], kernel, ints(node, "strides", ones), ints(node, "dilations", ones), strict=True
    ):
        result = -(-size // stride)
        total = max((result - 1) * stride + (taps - 1) * dilation + 1 - size, 0)
        small, large = total // 2, total - total // 2
        begins.append(small if mode == "SAME_UPPER" else large)
        ends.append(large if mode == "SAME_UPPER" else small)
    return begins + ends
