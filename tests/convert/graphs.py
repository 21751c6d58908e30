"""Small ONNX models for the tests, and what an attacker would send."""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

IMAGE = ("n", 3, "h", "w")


def constant(name: str, array: object, dtype: type = np.int64) -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(array, dtype), name)


def model_of(
    nodes: Sequence[onnx.NodeProto],
    initializers: Sequence[onnx.TensorProto] = (),
    *,
    inputs: Sequence[tuple[str, Sequence[object]]] = (("x", IMAGE),),
    output_shape: Sequence[object] = ("a", "b", "c", "d"),
    opset: int = 11,
) -> onnx.ModelProto:
    """A model from `inputs` to its output `y`."""
    graph = helper.make_graph(
        list(nodes),
        "graph",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, output_shape)],
        list(initializers),
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def small_network(channels: int = 4, input_shape: Sequence[object] = IMAGE) -> onnx.ModelProto:
    """Conv, BatchNormalization, Relu and a Reshape whose shape is computed: what exporters write."""
    generator = np.random.default_rng(0)
    weights = generator.normal(size=(channels, 3, 3, 3))
    initializers = [constant("w", weights, np.float32), constant("one", 1.0, np.float32)]
    for name in ("scale", "bias", "mean", "variance"):
        initializers.append(constant(name, generator.uniform(0.5, 1.5, channels), np.float32))
    initializers += [constant("index", [0]), constant("rest", [channels, -1])]
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("BatchNormalization", ["c", "scale", "bias", "mean", "variance"], ["b"]),
        helper.make_node("Relu", ["b"], ["r"]),
        helper.make_node("Shape", ["r"], ["s"]),
        helper.make_node("Gather", ["s", "index"], ["first"]),
        helper.make_node("Concat", ["first", "rest"], ["wanted"], axis=0),
        helper.make_node("Reshape", ["r", "wanted"], ["y"]),
    ]
    return model_of(nodes, initializers, inputs=[("x", input_shape)], output_shape=("a", "b", "c"))


def huge(kind: str) -> onnx.ModelProto:
    """A small file that makes a tensor no machine has room for."""
    pooled = helper.make_node("GlobalMaxPool", ["big"], ["y"])
    if kind == "constant of shape":
        nodes = [helper.make_node("ConstantOfShape", ["shape"], ["big"])]
        nodes.append(helper.make_node("ReduceSum", ["big"], ["sum"], keepdims=0))
        nodes.append(helper.make_node("Add", ["x", "sum"], ["y"]))
        return model_of(nodes, [constant("shape", [2**20, 2**20])])
    if kind == "resize":
        tables = [constant("roi", [], np.float32), constant("scales", [1, 1, 1e4, 1e4], np.float32)]
        return model_of([helper.make_node("Resize", ["x", "roi", "scales"], ["big"]), pooled], tables)
    if kind == "pad":
        pads = constant("pads", [0, 0, 0, 0, 0, 0, 2**40, 2**40])
        return model_of([helper.make_node("Pad", ["x", "pads"], ["big"]), pooled], [pads])
    raise ValueError(kind)


def nested(depth: int) -> onnx.ModelProto:
    """If in If in If, each branch the same: twice the nodes with every level."""

    def graph(level: int) -> onnx.GraphProto:
        output = helper.make_tensor_value_info(f"o{level}", TensorProto.FLOAT, list(IMAGE))
        if level == 0:
            node = helper.make_node("Identity", ["x"], ["o0"])
        else:
            inner = graph(level - 1)
            node = helper.make_node("If", ["c"], [f"o{level}"], then_branch=inner, else_branch=inner)
        return helper.make_graph([node], f"g{level}", [], [output])

    inner = graph(depth - 1)
    node = helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)
    return model_of([node], [constant("c", True, np.bool_)])


def with_external_weights(location: str, **entries: str) -> onnx.ModelProto:
    tensor = TensorProto(name="k", data_type=TensorProto.FLOAT, dims=[4])
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, **entries}.items():
        tensor.external_data.add(key=key, value=value)
    return model_of([helper.make_node("Add", ["x", "k"], ["y"])], [tensor])
