"""ONNX models of a few nodes, and ways to damage any model."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from snapml_ocr.files import write_bytes


def save(path, model):
    write_bytes(path, model.SerializeToString())
    return path


def model_of(nodes, constants, *, inputs=(1, 3, 8, 8), output="out", opset=11):
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, inputs)],
        [helper.make_empty_tensor_value_info(output)],
        [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    inferred = onnx.shape_inference.infer_shapes(model)
    del model.graph.output[:]
    model.graph.output.extend(
        [value for value in inferred.graph.value_info if value.name == output] or inferred.graph.output
    )
    return model


def convolutions(seed=0, channels=4, *, scale=1.0):
    """Two convolutions with hard swish between; with a `scale` carried from the first to the second."""
    random = np.random.default_rng(seed)
    first = random.normal(size=(channels, 3, 3, 3)).astype(np.float32)
    second = random.normal(size=(2, channels, 3, 3)).astype(np.float32)
    nodes = [
        helper.make_node("Conv", ["x", "w1"], ["a"], name="first", pads=[1, 1, 1, 1]),
        helper.make_node("Add", ["a", "three"], ["b"], name="shift"),
        helper.make_node("Clip", ["b", "zero", "six"], ["c"], name="clip"),
        helper.make_node("Mul", ["a", "c"], ["d"], name="gate"),
        helper.make_node("Mul", ["d", "s"], ["e"], name="scale"),
        helper.make_node("Conv", ["e", "w2"], ["f"], name="second", pads=[1, 1, 1, 1]),
        helper.make_node("Sigmoid", ["f"], ["out"], name="end"),
    ]
    constants = {
        "w1": first,
        "w2": second / np.float32(scale),
        "three": [3.0],
        "zero": 0.0,
        "six": 6.0,
        "s": [scale / 6.0],
    }
    return model_of(nodes, constants)


def rounded_to_3_bits(values):
    step = np.abs(values).max() / 4
    return (np.round(values / step) * step).astype(np.float32)


def swapped(axis, one, other):
    def swap(values):
        moved = np.moveaxis(values.copy(), axis, 0)
        moved[[one, other]] = moved[[other, one]]
        return np.ascontiguousarray(np.moveaxis(moved, 0, axis))

    return swap


def damaged(model, change, choose):
    """Copy of `model` with `change` made to the first constant whose array `choose` accepts."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    tensors = list(copy.graph.initializer)
    tensors += [node.attribute[0].t for node in copy.graph.node if node.op_type == "Constant"]
    for tensor in tensors:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and choose(values):
            tensor.CopyFrom(numpy_helper.from_array(change(values), tensor.name))
            return copy
    raise AssertionError("no constant to damage")
