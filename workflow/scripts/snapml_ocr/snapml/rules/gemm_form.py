"""Gemm without scaling and transposition, with one bias for each column."""

from typing import Any

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import (
    data_of,
    float_array_of,
    float_constant,
    input_of,
    integer,
    is_float,
    output_of,
    real,
    shape_of,
)
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule


class GemmForm(NodeRule):
    """Every Gemm with constant weights."""

    op_types = ("Gemm",)
    explanation = Explanation(
        title="Plain fully connected layers",
        before="Gemm with transB (as PyTorch writes it), transA, alpha or beta, or without a bias",
        after="Gemm with the weights transposed and scaled, and a bias of shape (columns,)",
        why="The one form that was seen to import has alpha and beta 1, nothing transposed, and a bias.",
        evidence="layer table: Fully Connected (inferred_tutorial)",
        exactness="identical; with alpha or beta other than 1 the products are rounded once more (1 ulp)",
    )

    def refusal(self, node: ir.Node) -> str | None:
        """Refuse computed weights and a bias that differs from row to row."""
        weights, bias = float_array_of(input_of(node, 1)), float_array_of(input_of(node, 2))
        shape = shape_of(output_of(node))
        if weights is None or not is_float(output_of(node)) or shape is None:
            return "the weights of Gemm are computed, or its shape is unknown"
        if input_of(node, 2) is not None and bias is None:
            return "the bias of Gemm is computed"
        if bias is not None and bias.ndim == 2 and bias.shape[0] != 1:
            return f"the bias of Gemm has shape {bias.shape}"
        turned = integer(node, "transA", 0) or integer(node, "transB", 0)
        scaled = real(node, "alpha", 1.0) != 1.0 or real(node, "beta", 1.0) != 1.0
        is_plain = not turned and not scaled and bias is not None and bias.shape == (shape[1],)
        return NOTHING_TO_DO if is_plain else None

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the plain Gemm."""
        weights, bias = float_array_of(input_of(node, 1)), float_array_of(input_of(node, 2))
        shape = shape_of(output_of(node))
        assert weights is not None
        assert shape is not None
        x = op.Transpose(data_of(node), perm=[1, 0]) if integer(node, "transA", 0) else data_of(node)
        matrix = (weights.T if integer(node, "transB", 0) else weights) * real(node, "alpha", 1.0)
        offsets = np.zeros(1) if bias is None else bias.reshape(-1) * real(node, "beta", 1.0)
        constants = (float_constant(op, matrix), float_constant(op, np.broadcast_to(offsets, shape[1])))
        value: ir.Value = op.Gemm(x, *constants, alpha=1.0, beta=1.0, transA=0, transB=0)
        return value
