"""Small real ONNX models whose answers a person can work out."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

STEP = 4
"""Input columns per CTC step of the tiny recognizer."""

COLOURS = {"b": (255, 0, 0), "g": (0, 255, 0), "r": (0, 0, 255)}
"""What the tiny recognizer reads: pure colours in BGR order; black and padding are blank."""


def save_detector(path: Path, height: int | None, width: int | None) -> Path:
    """A detector that calls a pixel text when its value, the mean of the channels, is high."""
    weights = np.full((1, 3, 1, 1), 20 / 3, np.float32)
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["maps"]),
    ]
    bias = np.zeros(1, np.float32)
    return _save(path, nodes, {"w": weights, "b": bias}, (height, width), [1, 1, height, width])


def save_recognizer(path: Path, height: int | None, width: int | None) -> Path:
    """A recognizer of the classes blank, b, g, r: the mean colour of every STEP columns, softmax of 10x."""
    pick = np.zeros((4, 3, 1, 1), np.float32)
    for channel in range(3):
        pick[channel + 1, channel] = 10
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["scores"]),
        helper.make_node("ReduceMean", ["scores"], ["rows"], axes=[2], keepdims=1),
        helper.make_node("AveragePool", ["rows"], ["steps"], kernel_shape=[1, STEP], strides=[1, STEP]),
        helper.make_node("Squeeze", ["steps"], ["flat"], axes=[2]),
        helper.make_node("Transpose", ["flat"], ["order"], perm=[0, 2, 1]),
        helper.make_node("Softmax", ["order"], ["maps"], axis=2),
    ]
    # Softmax of opset 11 flattens from its axis on; the last axis is all there is then.
    bias = np.array([2, 0, 0, 0], np.float32)
    steps = None if width is None else width // STEP
    return _save(path, nodes, {"w": pick, "b": bias}, (height, width), [1, steps, 4])


def save_classifier(path: Path, height: int, width: int) -> Path:
    """A classifier that calls a line upside down when it is red at the left rather than blue."""
    weights = np.zeros((2, 3, height, width), np.float32)
    weights[1, 2, :, :8] = 1
    weights[0, 0, :, :8] = 1
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["scores"]),
        helper.make_node("Flatten", ["scores"], ["flat"]),
        helper.make_node("Softmax", ["flat"], ["maps"], axis=1),
    ]
    return _save(path, nodes, {"w": weights}, (height, width), [1, 2])


def stripes(text: str, *, height: int = 32, letter: int = 8, gap: int = 8) -> np.ndarray:
    """A crop that the tiny recognizer reads as `text`: coloured stripes with black between them."""
    columns = [np.zeros((height, gap, 3), np.uint8)]
    for character in text:
        columns.append(np.full((height, letter, 3), COLOURS[character], np.uint8))
        columns.append(np.zeros((height, gap, 3), np.uint8))
    crop = np.hstack(columns)
    crop[: height // 16] = crop[-(height // 16) :] = 0  # letters do not fill their line from edge to edge
    return crop


def _save(path, nodes, weights, size, output):
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, *size])],
        [helper.make_tensor_value_info("maps", TensorProto.FLOAT, output)],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path
