"""Graphs as other exporters write them: residual and mobile classifiers, a transformer, several inputs."""

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper
from snapml_graphs import fixed, model, node, operators, weights

from snapml_ocr.errors import UserError
from snapml_ocr.snapml.checker import check
from snapml_ocr.snapml.fixer import fix
from snapml_ocr.snapml.options import TARGETS

FEW = settings(max_examples=12, deadline=None)


def residual_classifier(opset):
    """A residual block, global mean, flatten, linear, as torch.onnx writes them."""
    axes = {"axes": [2, 3]} if opset < 18 else {}
    pooled = ["r2"] if opset < 18 else ["r2", "hw"]
    nodes = [
        node("Conv", ["x", "w0"], "c0", strides=[2, 2], pads=[1, 1, 1, 1], kernel_shape=[3, 3]),
        node("BatchNormalization", ["c0", "g", "b", "m", "v"], "n0", epsilon=1e-5),
        node("Relu", ["n0"], "r0"),
        node("Conv", ["r0", "w1"], "c1", pads=[1, 1, 1, 1], kernel_shape=[3, 3]),
        node("BatchNormalization", ["c1", "g", "b", "m", "v"], "n1", epsilon=1e-5),
        node("Add", ["n1", "r0"], "s"),
        node("Relu", ["s"], "r2"),
        node("ReduceMean", pooled, "p", keepdims=0, **axes),
        node("Gemm", ["p", "fc", "fb"], "z", transB=1),
        node("Softmax", ["z"], "y", axis=1),
    ]
    constants = {
        "w0": weights(0, 8, 3, 3, 3),
        "w1": weights(1, 8, 8, 3, 3),
        "g": weights(2, 8) + 1.5,
        "b": weights(3, 8),
        "m": weights(4, 8),
        "v": weights(5, 8) + 1.5,
        "fc": weights(6, 10, 8),
        "fb": weights(7, 10),
    }
    if opset >= 18:
        constants["hw"] = np.array([2, 3])
    return model(nodes, {"x": (1, 3, 16, 16)}, constants=constants, opset=opset)


@pytest.mark.parametrize("opset", [9, 11, 13, 17, 18])
def test_a_residual_classifier_runs_everywhere_but_for_its_flattening(opset):
    result = fixed(residual_classifier(opset))
    verdict = check(result)
    assert verdict.importable
    for target in TARGETS:
        missing = [layer.operator for layer in verdict.layers if layer.status[target] != "available"]
        assert missing == (["Reshape"] if target == "iphone_npu" else [])


def test_a_transformer_block_with_residuals_behind_its_norms_runs_on_the_processor():
    width, tokens = 12, 6
    nodes = [
        node("LayerNormalization", ["x", "g", "b"], "n", axis=-1),
        node("MatMul", ["n", "w1"], "h"),
        node("Add", ["h", "b1"], "h1"),
        node("Gelu", ["h1"], "h2", approximate="tanh"),
        node("MatMul", ["h2", "w2"], "o"),
        node("Add", ["n", "o"], "r"),
        node("LayerNormalization", ["r", "g", "b"], "y", axis=-1),
    ]
    graph = model(
        nodes,
        {"x": (1, tokens, width)},
        constants={
            "g": weights(0, width) + 1.5,
            "b": weights(1, width),
            "w1": weights(2, width, 2 * width),
            "b1": weights(3, 2 * width),
            "w2": weights(4, 2 * width, width),
        },
        opset=20,
    )
    verdict = check(fixed(graph, max_abs_diff=5e-5))
    assert verdict.count("cpu") == len(verdict.layers)


def test_channel_shuffle_is_written_with_four_axes():
    graph = model(
        [
            node("Conv", ["x", "w"], "c", group=2),
            node("Reshape", ["c", "five"], "r"),
            node("Transpose", ["r"], "t", perm=[0, 2, 1, 3, 4]),
            node("Reshape", ["t", "four"]),
        ],
        {"x": (1, 6, 4, 5)},
        constants={
            "w": weights(0, 6, 3, 1, 1),
            "five": np.array([1, 2, 3, 4, 5]),
            "four": np.array([1, 6, 4, 5]),
        },
    )
    result = fixed(graph)
    assert not [reason for reason in check(result).import_reasons if "four dimensions" in reason]


@FEW
@given(
    factor=st.integers(1, 4),
    coordinates=st.sampled_from(["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"]),
    rounding=st.sampled_from(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]),
    by_sizes=st.booleans(),
    size=st.integers(1, 4),
)
def test_nearest_enlargement_is_brought_to_the_known_form_only_where_pixels_agree(
    factor, coordinates, rounding, by_sizes, size
):
    constants = {"roi": np.zeros(0, np.float32), "scales": np.array([1, 1, factor, factor], np.float32)}
    inputs = ["x", "roi", "scales"]
    if by_sizes:
        constants["scales"] = np.zeros(0, np.float32)
        constants["sizes"] = np.array([1, 2, size * factor, 3 * factor])
        inputs.append("sizes")
    graph = model(
        [
            node("Tanh", ["x"], "t"),
            node(
                "Resize",
                ["t", *inputs[1:]],
                coordinate_transformation_mode=coordinates,
                nearest_mode=rounding,
            ),
        ],
        {"x": (1, 2, size, 3)},
        constants=constants,
    )
    result = fixed(graph)
    if (coordinates, rounding) in (("half_pixel", "round_prefer_floor"), ("asymmetric", "floor")):
        assert not [one for layer in check(result).layers for one in layer.findings]


def test_functions_of_the_model_are_inlined():
    function = helper.make_function(
        "local",
        "Twice",
        ["a"],
        ["b"],
        [helper.make_node("Add", ["a", "a"], ["b"])],
        [helper.make_opsetid("", 11)],
    )
    graph = helper.make_graph(
        [helper.make_node("Twice", ["x"], ["t"], domain="local"), helper.make_node("Relu", ["t"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", 1, (1, 3))],
        [helper.make_tensor_value_info("y", 1, (1, 3))],
    )
    opsets = [helper.make_opsetid("", 11), helper.make_opsetid("local", 1)]
    proto = helper.make_model(graph, opset_imports=opsets, functions=[function], ir_version=8)
    result = fix(proto).model
    assert operators(result) == ["Add", "Relu"]
    assert not result.functions
    onnx.checker.check_model(result, full_check=True)


def test_an_operator_that_cannot_be_run_is_refused_and_not_passed_through_unseen():
    graph = model([node("Relu", ["x"], "a")], {"x": (1, 3)}, outputs=("a",))
    graph.graph.node[0].op_type = "GeluSnap"
    graph.graph.node[0].domain = "com.snap"
    graph.opset_import.append(helper.make_opsetid("com.snap", 1))
    with pytest.raises(UserError, match="GeluSnap"):
        fix(graph)


def test_float16_is_refused_before_any_rule():
    graph = model([node("HardSigmoid", ["x"])], {"x": (1, 3, 4, 4)})
    for value in (graph.graph.input[0], graph.graph.output[0]):
        value.type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    with pytest.raises(UserError, match="input x is float16: SnapML computes with float32"):
        fix(graph)


def test_weights_listed_among_the_inputs_become_constants():
    graph = model(
        [node("Conv", ["x", "w"], "c", strides=[2, 1]), node("HardSigmoid", ["c"])],
        {"x": (1, 3, 8, 8)},
        constants={"w": weights(0, 4, 3, 3, 3)},
    )
    graph.ir_version = 3
    graph.graph.input.append(helper.make_tensor_value_info("w", 1, (4, 3, 3, 3)))
    before = check(graph)
    assert "1 weights are listed among the inputs" in [one.found for one in before.model_findings]
    result = fix(graph).model
    assert [value.name for value in result.graph.input] == ["x"]
    assert check(result).importable
