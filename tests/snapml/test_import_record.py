"""Lens Studio's own record of the tutorial's two models against what is predicted from the same models."""

from collections import Counter

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from snapml_graphs import model
from snapml_graphs import node as make_node

from snapml_ocr.snapml.checker import check
from snapml_ocr.snapml.import_prediction import missing_targets, predicted_layers
from snapml_ocr.snapml.layers import layer_table
from snapml_ocr.snapml.options import TARGETS

RECORD = {
    "en_PP-OCRv3_det_infer": {
        "linear": 74, "conv": 72, "eltwise": 49, "relu6": 28, "relu": 22, "pool": 8, "resize": 6,
        "batchnorm": 3, "deconv": 2, "concat": 1, "sigmoid": 1,
    },
    "en_number_mobile_v2.0_rec_infer": {
        "linear": 72, "conv": 53, "eltwise": 34, "relu6": 27, "relu": 15, "pool": 10, "batchnorm": 1,
        "fullyconnected": 1, "softmax": 1, "permute": 12, "reshape": 5, "slice": 3, "constant": 1, "lstm": 2,
    },
}  # fmt: skip
"""Layers by kind (GraphM, Lens Studio 4.55)."""

DIFFERENCES = {
    "en_PP-OCRv3_det_infer": {
        "linear": -2,  # its export kept bias and
        "batchnorm": -2,  # BatchNormalization behind both transposed convolutions; ours folds them
    },
    "en_number_mobile_v2.0_rec_infer": {},
}
"""Predicted minus recorded, each with its reason."""

SHAPES = {"en_PP-OCRv3_det_infer": (640, 640), "en_number_mobile_v2.0_rec_infer": (32, 320)}

LAYER_OF = {
    "batchnorm": "Batch Normalization", "concat": "Concat", "constant": "Constant", "conv": "Convolution",
    "deconv": "Transposed Convolution", "eltwise": "Eltwise Mul", "fullyconnected": "Fully Connected",
    "linear": "Linear", "lstm": "LSTM", "permute": "Permute", "pool": "Pooling Max", "relu": "ReLU",
    "relu6": "ReLU6", "reshape": "Reshape", "resize": "Resize Bilinear", "sigmoid": "Sigmoid",
    "slice": "Slice", "softmax": "Softmax",
}  # fmt: skip


def as_the_tutorial_fixes(proto: onnx.ModelProto) -> onnx.ModelProto:
    """HardSigmoid as Mul, Add, Mul, Clip, Div; unequal strides as Slice; four axes; Softmax of a matrix."""
    graph, nodes = proto.graph, []
    inferred = onnx.shape_inference.infer_shapes(proto, data_prop=True).graph
    shapes = {
        one.name: [dim.dim_value for dim in one.type.tensor_type.shape.dim]
        for one in [*inferred.value_info, *inferred.output]
    }

    def number(name: str, value: object, dtype: type = np.float32) -> str:
        graph.initializer.append(numpy_helper.from_array(np.array(value, dtype), name))
        return name

    def add(operator: str, inputs: list[str], output: str, **attributes: object) -> str:
        nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def reshaped(x: str, output: str, shape: list[int]) -> str:
        return add("Reshape", [x, number(f"{output}.shape", shape, np.int64)], output)

    for node in graph.node:
        out = node.output[0]
        strides = next((list(one.ints) for one in node.attribute if one.name == "strides"), [1])
        if node.op_type == "HardSigmoid":
            alpha, beta = (one.f for one in node.attribute)
            scaled = add("Mul", [node.input[0], number(f"{out}.a", alpha)], f"{out}.1")
            shifted = add("Add", [scaled, number(f"{out}.b", beta)], f"{out}.2")
            six = add("Mul", [shifted, number(f"{out}.6", 6)], f"{out}.3")
            clipped = add("Clip", [six, number(f"{out}.0", 0), f"{out}.6"], f"{out}.4")
            add("Div", [clipped, f"{out}.6"], out)
        elif node.op_type == "Conv" and len(set(strides)) > 1:
            step = max(strides)
            next(one for one in node.attribute if one.name == "strides").ints[:] = [min(strides)] * 2
            node.output[0] = f"{out}.all"
            nodes.append(node)
            bounds = {"starts": 0, "ends": 2**31, "axes": 2 + strides.index(step), "steps": step}
            names = [number(f"{out}.{name}", [value], np.int64) for name, value in bounds.items()]
            add("Slice", [f"{out}.all", *names], out)
        elif node.op_type == "Softmax":
            lifted = nodes.pop()  # the Reshape of the matrix, which the tutorial's own would only undo
            reshaped(add("Softmax", [lifted.input[0]], f"{out}.soft", axis=1), out, shapes[out])
        else:
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.value_info[:]
    return proto


@pytest.mark.parametrize("name", RECORD)
def test_predicted_layers_are_those_that_lens_studio_recorded(real_simplified, name):
    fixed = as_the_tutorial_fixes(onnx.load(real_simplified(name, *SHAPES[name])))
    predicted = predicted_layers(fixed)
    differences = Counter(predicted)
    differences.subtract(RECORD[name])
    assert {kind: count for kind, count in differences.items() if count} == DIFFERENCES[name]


@pytest.mark.parametrize("kind", LAYER_OF)
def test_the_table_has_each_recorded_layer_on_the_recorded_backends(kind):
    row = next(
        row for row in layer_table().rows if row.layer == LAYER_OF[kind] and row.when != "mode_nearest"
    )
    assert set(row.available) == set(TARGETS) - missing_targets(kind)


@pytest.mark.parametrize("operator", ["Add", "Mul", "Div"])
@pytest.mark.parametrize("constant", [np.float32([6]), np.ones((1, 3, 1, 1), np.float32)])
def test_a_constant_scale_or_shift_is_a_layer_of_every_target(operator, constant):
    graph = model([make_node(operator, ["x", "c"])], {"x": (1, 3, 4, 5)}, constants={"c": constant})
    (layer,) = check(graph).layers
    assert layer.layer == "Linear"
    assert set(layer.status.values()) == {"available"}
