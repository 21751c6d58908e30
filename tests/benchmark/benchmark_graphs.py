"""Small ONNX models, written as text, for measuring and counting."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CONVOLUTION = """
<ir_version: 6, opset_import: ["" : 11]>
small (float[1,3,{height},{width}] x) => (float[1,8,{height},{width}] y)
<float[8,3,3,3] w>
{{
  c = Conv<pads = [1, 1, 1, 1]>(x, w)
  y = Relu(c)
}}
"""


def convolution(height: int | str, width: int | str) -> onnx.ModelProto:
    """Conv 3x3 from 3 to 8 channels, then Relu; sizes may be names of dynamic dimensions."""
    model = onnx.parser.parse_model(CONVOLUTION.format(height=height, width=width))
    weights = np.random.default_rng(0).normal(size=(8, 3, 3, 3)).astype(np.float32)
    model.graph.initializer.append(numpy_helper.from_array(weights, "w"))
    return model


def one_node(
    op_type: str, inputs: dict[str, list[int]], output: list[int], **attributes: object
) -> onnx.ModelProto:
    """A model of one node: the first input is a graph input, the others are weights."""
    names = list(inputs)
    weights = [
        numpy_helper.from_array(np.ones(shape, np.float32), name) for name, shape in list(inputs.items())[1:]
    ]
    graph = helper.make_graph(
        [helper.make_node(op_type, names, ["y"], **attributes)],
        "one",
        [helper.make_tensor_value_info(names[0], TensorProto.FLOAT, inputs[names[0]])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, output)],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)


def saved(model: onnx.ModelProto, path: Path) -> Path:
    """`path`, with the model in it."""
    onnx.save(model, path)
    return path
