import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snapml_graphs import fixed, model, node, operators, weights

from snapml_ocr.errors import UserError
from snapml_ocr.snapml.fixer import fix

FEW = settings(max_examples=15, deadline=None)


def opset_of(proto):
    return {entry.domain: entry.version for entry in proto.opset_import}, proto.ir_version


@pytest.mark.parametrize("opset", range(8, 21))
def test_every_opset_from_eight_to_twenty_comes_out_as_eleven(opset):
    nodes = [
        node("Conv", ["x", "w"], "a", pads=[1, 1, 1, 1]),
        node("Relu", ["a"], "b"),
        node("MaxPool", ["b"], "c", kernel_shape=[2, 2], strides=[2, 2]),
        node("Concat", ["c", "c"], "d", axis=1),
        node("Transpose", ["d"], "e", perm=[0, 2, 3, 1]),
        node("Sigmoid", ["e"]),
    ]
    result = fixed(model(nodes, {"x": (1, 2, 6, 6)}, constants={"w": weights(0, 3, 2, 3, 3)}, opset=opset))
    assert opset_of(result) == ({"": 11}, 6)


def test_axes_as_inputs_become_attributes_and_shapes():
    graph = model(
        [
            node("Unsqueeze", ["x", "one"], "a"),
            node("ReduceMean", ["a", "last"], "b", keepdims=1),
            node("Squeeze", ["b", "one"], "c"),
            node("ReduceSum", ["c", "last"]),
        ],
        {"x": (2, 3, 4)},
        constants={"one": np.array([1]), "last": np.array([-1])},
        opset=18,
    )
    assert "ReduceSum" not in operators(fixed(graph))


def test_hard_swish_of_opset_fourteen_becomes_relu6():
    result = fixed(model([node("HardSwish", ["x"])], {"x": (1, 3, 4, 5)}, opset=14))
    assert operators(result) == ["Conv", "Clip", "BatchNormalization", "Mul"]


@FEW
@given(
    shape=st.sampled_from([(2, 6), (1, 5, 6), (1, 2, 3, 6)]),
    bias=st.booleans(),
    epsilon=st.sampled_from([1e-5, 1e-3]),
    axis=st.sampled_from([-1, -2]),
)
def test_layer_normalization_of_opset_seventeen_keeps_its_numbers(shape, bias, epsilon, axis):
    tail = shape[axis:]
    constants = {"g": weights(0, *tail), "b": weights(1, *tail)}
    inputs = ["x", "g", "b"] if bias else ["x", "g"]
    graph = model(
        [node("LayerNormalization", inputs, axis=axis, epsilon=epsilon)],
        {"x": shape},
        constants=constants,
        opset=17,
    )
    assert "LayerNormalization" not in operators(fixed(graph, max_abs_diff=2e-5))


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_of_opset_twenty_keeps_its_numbers(approximate):
    fixed(model([node("Gelu", ["x"], approximate=approximate)], {"x": (1, 3, 4, 5)}, opset=20))


def test_mish_of_opset_eighteen_keeps_its_numbers():
    assert "Mish" not in operators(fixed(model([node("Mish", ["x"])], {"x": (1, 4, 3, 5)}, opset=18)))


@FEW
@given(
    opset=st.sampled_from([13, 18, 19]),
    factor=st.sampled_from([(2, 2), (3, 3), (2, 4)]),
    by_sizes=st.booleans(),
    mode=st.sampled_from(["nearest", "linear"]),
    coordinates=st.sampled_from(["half_pixel", "asymmetric", "align_corners", "half_pixel_symmetric"]),
)
def test_resize_keeps_its_numbers(opset, factor, by_sizes, mode, coordinates):
    if coordinates == "half_pixel_symmetric" and opset < 19:
        return
    scales = np.array([1, 1, *factor], np.float32)
    sizes = np.array([1, 2, 3 * factor[0], 4 * factor[1]])
    inputs = ["x", "", "", "sizes"] if by_sizes else ["x", "", "scales"]
    graph = model(
        [node("Resize", inputs, mode=mode, coordinate_transformation_mode=coordinates)],
        {"x": (1, 2, 3, 4)},
        constants={"sizes": sizes} if by_sizes else {"scales": scales},
        opset=opset,
    )
    assert operators(fixed(graph)) == ["Resize"]


def test_pad_with_axes_and_dropout_and_cast_like_are_lowered():
    graph = model(
        [
            node("Pad", ["x", "pads", "", "axes"], "a"),
            node("Dropout", ["a"], "b"),
            node("CastLike", ["b", "x"], "c"),
            node("Reshape", ["c", "s"], allowzero=0),
        ],
        {"x": (1, 2, 3, 4)},
        constants={"pads": np.array([1, 2]), "axes": np.array([3]), "s": np.array([0, -1])},
        opset=18,
    )
    assert operators(fixed(graph)) == ["Pad", "Reshape"]


@pytest.mark.parametrize(
    ("nodes", "opset", "word"),
    [
        ([node("GridSample", ["x", "g"])], 16, "GridSample"),
        ([node("Pad", ["x", "p"], mode="wrap")], 19, "wrap"),
        ([node("AveragePool", ["x"], kernel_shape=[2, 2], dilations=[2, 2])], 19, "dilations"),
    ],
)
def test_what_has_no_form_at_opset_eleven_is_refused_by_name(nodes, opset, word):
    constants = {"g": weights(0, 1, 2, 2, 2), "p": np.array([0, 0, 1, 1, 0, 0, 1, 1])}
    used = {name: array for name, array in constants.items() if any(name in one.input for one in nodes)}
    graph = model(nodes, {"x": (1, 2, 4, 4)}, constants=used, opset=opset)
    with pytest.raises(UserError, match=word):
        fix(graph)


@pytest.mark.parametrize("opset", [6, 21, 24, onnx.defs.onnx_opset_version()])
def test_opsets_outside_of_what_was_reviewed_come_by_the_converter(opset):
    graph = model([node("Relu", ["x"], "a"), node("Softplus", ["a"])], {"x": (1, 2, 3, 4)})
    graph.opset_import[0].version = opset
    graph.ir_version = 10
    fixed = fix(graph)
    assert fixed.model.opset_import[0].version == 11
    assert fixed.random_difference < 1e-6


def test_what_the_converter_cannot_express_is_refused_by_name():
    graph = model([node("RMSNormalization", ["x", "w"])], {"x": (1, 2), "w": (2,)}, opset=23)
    with pytest.raises(UserError, match=r"opset 23 cannot be brought to 20: .* of RMSNormalization exists"):
        fix(graph)


def test_shape_arithmetic_of_fixed_shapes_disappears():
    graph = model(
        [
            node("Shape", ["x"], "s"),
            node("Gather", ["s", "zero"], "n", axis=0),
            node("Unsqueeze", ["n", "first"], "n1"),
            node("Concat", ["n1", "minus"], "target", axis=0),
            node("Reshape", ["x", "target"], "r"),
            node("Range", ["start", "stop", "delta"], "range"),
            node("Cast", ["range"], "cast", to=onnx.TensorProto.FLOAT),
            node("Add", ["r", "cast"]),
        ],
        {"x": (1, 2, 3)},
        constants={
            "zero": np.array(0),
            "first": np.array([0]),
            "minus": np.array([-1]),
            "start": np.array(0),
            "stop": np.array(6),
            "delta": np.array(1),
        },
        opset=14,
    )
    assert operators(fixed(graph)) == ["Reshape", "Gemm"]
