"""A small recognizer of any number of classes, and the lines it reads: each class is a colour, grey is blank.

It ends as PP-OCR's CTC heads do, in a matrix product, a bias and a softmax, and answers with the class whose
colour is nearest to the mean colour of every STEP columns.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

STEP = 4
HEIGHT = 32
GREY = 128
CERTAINTY = 20_000.0
"""Slope of the scores: a colour wins clearly over its nearest neighbour among 20,000."""


def colours(classes: int) -> np.ndarray:
    """(classes, 3) uint8 BGR: grey, which is the padding too, then the cube, strong colours first."""
    side = ceil(round(classes ** (1 / 3), 6)) // 2 * 2 + 2
    levels = np.linspace(0, 255, side).round()
    cube = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    strongest = np.argsort(-((cube - GREY) ** 2).sum(axis=1), kind="stable")
    return np.vstack([np.full((1, 3), GREY), cube[strongest][: classes - 1]]).astype(np.uint8)


def coded_recognizer(
    classes: int,
    width: int | None = None,
    metadata: Mapping[str, str] | None = None,
    certainty: float = CERTAINTY,
) -> onnx.ModelProto:
    """The model, with dynamic width unless one is given."""
    codes = colours(classes).astype(np.float64) / 127.5 - 1
    weight = (2 * certainty * codes.T).astype(np.float32)
    bias = (-certainty * (codes**2).sum(axis=1)).astype(np.float32)
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["row"], axes=[2], keepdims=1),
        helper.make_node("AveragePool", ["row"], ["steps"], kernel_shape=[1, STEP], strides=[1, STEP]),
        helper.make_node("Squeeze", ["steps"], ["flat"], axes=[2]),
        helper.make_node("Transpose", ["flat"], ["features"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["features", "weight"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["y"], axis=2),
    ]
    steps = "t" if width is None else width // STEP
    graph = helper.make_graph(
        nodes,
        "coded",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, HEIGHT, width or "w"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, steps, classes])],
        [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(bias, "bias")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7)
    helper.set_model_props(model, dict(metadata or {}))
    onnx.checker.check_model(model, full_check=True)
    return model


def save_coded_recognizer(
    path: Path,
    classes: int,
    width: int | None = None,
    metadata: Mapping[str, str] | None = None,
    certainty: float = CERTAINTY,
) -> Path:
    onnx.save(coded_recognizer(classes, width, metadata, certainty), path)
    return path


def line_of(labels: Sequence[int], classes: int) -> np.ndarray:
    """A (HEIGHT, W, 3) uint8 BGR crop that the recognizer reads as these classes, from left to right."""
    codes = colours(classes)
    gap = np.full((HEIGHT, 2 * STEP, 3), GREY, np.uint8)
    parts = [gap]
    for label in labels:
        parts += [np.full((HEIGHT, 2 * STEP, 3), codes[label], np.uint8), gap]
    return np.hstack(parts)
