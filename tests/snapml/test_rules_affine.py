import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snapml_graphs import fixed, model, node, operators, storages, weights

from snapml_ocr.snapml.checker import check
from snapml_ocr.snapml.options import TARGETS, FixOptions

FEW = settings(max_examples=20, deadline=None)
OPERATORS = st.sampled_from(["Add", "Sub", "Mul", "Div"])


def positive(seed, *shape):
    return weights(seed, *shape) + np.float32(1.5)


@FEW
@given(
    operator=OPERATORS,
    shape=st.sampled_from([(), (1,), (3, 1, 1), (1, 3, 1, 1), (1, 1, 1, 1)]),
    constant_first=st.booleans(),
    storage=storages,
)
def test_constant_operands_of_rank_four_become_batch_normalisation(operator, shape, constant_first, storage):
    if operator == "Div" and constant_first:
        return
    inputs = ["c", "x"] if constant_first else ["x", "c"]
    graph = model(
        [node(operator, inputs)], {"x": (1, 3, 4, 5)}, constants={"c": positive(0, *shape)}, storage=storage
    )
    result = fixed(graph, max_abs_diff=1e-6)
    assert operators(result) == ["BatchNormalization"]
    verdict = check(result)
    assert all(verdict.count(target) == 1 for target in TARGETS)


@FEW
@given(operator=OPERATORS, shape=st.sampled_from([(), (6,), (1, 6)]), storage=storages)
def test_constant_operands_of_matrices_become_fully_connected(operator, shape, storage):
    graph = model(
        [node(operator, ["x", "c"])], {"x": (4, 6)}, constants={"c": positive(0, *shape)}, storage=storage
    )
    result = fixed(graph, max_abs_diff=1e-6)
    assert operators(result) == ["Gemm"]


def test_constants_that_broadcast_otherwise_are_refused_by_name():
    from snapml_ocr.snapml.fixer import fix

    graph = model([node("Add", ["x", "c"])], {"x": (1, 3, 4, 5)}, constants={"c": weights(0, 4, 5)})
    result = fix(graph)
    assert operators(result.model) == ["Add"]
    assert "neither one number nor one per channel" in result.log.refusals[0].reason


@FEW
@given(
    layer=st.sampled_from(["Conv", "Depthwise", "Grouped", "ConvTranspose", "BatchNormalization"]),
    operator=OPERATORS,
    per_channel=st.booleans(),
    bias=st.booleans(),
    storage=storages,
)
def test_scale_and_shift_fold_into_the_layer_before_them(layer, operator, per_channel, bias, storage):
    groups = {"Depthwise": 4, "Grouped": 2}.get(layer, 1)
    constants = {"w": weights(0, 4, 4 // groups, 2, 2)}
    inputs = ["x", "w"]
    attributes = {"group": groups, "pads": [1, 0, 1, 0]}
    if layer == "BatchNormalization":
        constants = {name: positive(index, 4) for index, name in enumerate("gbmv")}
        inputs, attributes = ["x", *"gbmv"], {}
    elif bias:
        constants["bias"] = weights(1, 4)
        inputs.append("bias")
    constants["c"] = positive(3, 4, 1, 1) if per_channel else positive(3)
    name = "Conv" if layer in ("Depthwise", "Grouped") else layer
    graph = model(
        [node(name, inputs, "a", **attributes), node(operator, ["a", "c"])],
        {"x": (1, 4, 5, 6)},
        constants=constants,
        storage=storage,
    )
    assert operators(fixed(graph)) == [name]


@FEW
@given(
    layer=st.sampled_from(["Conv", "Depthwise", "Grouped", "ConvTranspose"]),
    operator=st.sampled_from(["Mul", "Div"]),
    per_channel=st.booleans(),
    between=st.sampled_from(
        ["", "Relu", "GlobalAveragePool", "MaxPool", "AveragePool", "Resize", "LeakyRelu"]
    ),
    storage=storages,
)
def test_scales_travel_to_the_layer_behind_them(layer, operator, per_channel, between, storage):
    groups = {"Depthwise": 4, "Grouped": 2}.get(layer, 1)
    constants = {
        "w": weights(0, 4, 4 // groups, 1, 1),
        "c": positive(3, 4, 1, 1) if per_channel else positive(3),
    }
    nodes = [node("Sigmoid", ["x"], "s"), node(operator, ["s", "c"], "a")]
    if between in ("MaxPool", "AveragePool"):
        nodes.append(node(between, ["a"], "m", kernel_shape=[2, 2], pads=[1, 1, 1, 1]))
    elif between == "Resize":
        constants |= {"roi": np.zeros(0, np.float32), "scales": np.array([1, 1, 2, 2], np.float32)}
        nodes.append(node("Resize", ["a", "roi", "scales"], "m", mode="nearest"))
    elif between:
        nodes.append(node(between, ["a"], "m"))
    name = "ConvTranspose" if layer == "ConvTranspose" else "Conv"
    nodes.append(node(name, ["m" if between else "a", "w"], group=groups))
    result = fixed(model(nodes, {"x": (1, 4, 5, 6)}, constants=constants, storage=storage))
    assert operators(result) == ["Sigmoid", *([between] if between else []), name]


@FEW
@given(pads=st.sampled_from([[0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 0, 0]]), group=st.sampled_from([1, 2, 4]))
def test_a_shift_goes_into_a_convolution_only_without_padding(pads, group):
    graph = model(
        [
            node("Sigmoid", ["x"], "s"),
            node("Add", ["s", "c"], "a"),
            node("Conv", ["a", "w"], pads=pads, group=group),
        ],
        {"x": (1, 4, 5, 6)},
        constants={"c": positive(0, 4, 1, 1), "w": weights(1, 4, 4 // group, 2, 2)},
    )
    expected = ["Sigmoid", "Conv"] if not any(pads) else ["Sigmoid", "BatchNormalization", "Conv"]
    assert operators(fixed(graph)) == expected


def test_a_scale_of_rows_does_not_pass_a_pooling_that_mixes_rows():
    graph = model(
        [
            node("Sigmoid", ["x"], "s"),
            node("Mul", ["s", "c"], "a"),
            node("Transpose", ["a"], "t", perm=[0, 2, 1, 3]),
            node("MaxPool", ["t"], "m", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
            node("Transpose", ["m"], "u", perm=[0, 2, 1, 3]),
            node("Conv", ["u", "w"]),
        ],
        {"x": (1, 4, 5, 6)},
        constants={"c": positive(0, 4, 1, 1), "w": weights(1, 2, 4, 1, 1)},
    )
    assert "BatchNormalization" in operators(fixed(graph))


def test_a_scale_of_channels_passes_two_transposes():
    graph = model(
        [
            node("Sigmoid", ["x"], "s"),
            node("Mul", ["s", "c"], "a"),
            node("Transpose", ["a"], "t", perm=[0, 2, 3, 1]),
            node("Relu", ["t"], "r"),
            node("Transpose", ["r"], "u", perm=[0, 3, 1, 2]),
            node("Conv", ["u", "w"]),
        ],
        {"x": (1, 4, 5, 6)},
        constants={"c": positive(0, 4, 1, 1), "w": weights(1, 2, 4, 1, 1)},
    )
    assert operators(fixed(graph)) == ["Sigmoid", "Transpose", "Relu", "Transpose", "Conv"]


def test_a_residual_around_a_convolution_of_the_same_tensor_keeps_its_numbers():
    graph = model(
        [
            node("Sigmoid", ["x"], "s"),
            node("Mul", ["s", "c"], "h"),
            node("Conv", ["h", "w"], "d"),
            node("Add", ["h", "d"], "e"),
            node("Tanh", ["h"], "t"),
            node("Mul", ["h", "h"], "q"),
            node("Add", ["q", "e"], "f"),
            node("Conv", ["f", "w"], "y"),
        ],
        {"x": (1, 4, 5, 6)},
        outputs=("y", "t"),
        constants={"c": positive(0, 4, 1, 1), "w": weights(1, 4, 4, 1, 1)},
    )
    fixed(graph)


def test_paths_that_meet_again_keep_their_numbers():
    graph = model(
        [
            node("Sigmoid", ["x"], "s"),
            node("Mul", ["s", "c"], "h"),
            node("Relu", ["h"], "a"),
            node("LeakyRelu", ["h"], "b"),
            node("Mul", ["a", "b"], "m"),
            node("Conv", ["m", "w"]),
        ],
        {"x": (1, 4, 5, 6)},
        constants={"c": positive(0, 4, 1, 1), "w": weights(1, 4, 4, 1, 1)},
    )
    fixed(graph)


def test_a_scale_with_one_reader_that_cannot_take_it_stays():
    graph = model(
        [
            node("Sigmoid", ["x"], "s"),
            node("Mul", ["s", "c"], "a"),
            node("Conv", ["a", "w"], "b"),
            node("Tanh", ["a"], "t"),
        ],
        {"x": (1, 4, 5, 6)},
        outputs=("b", "t"),
        constants={"c": positive(0), "w": weights(1, 2, 4, 1, 1)},
    )
    assert operators(fixed(graph)) == ["Sigmoid", "BatchNormalization", "Conv", "Tanh"]


def test_a_scaled_output_of_the_model_stays_what_it_is():
    graph = model(
        [node("Sigmoid", ["x"], "s"), node("Mul", ["s", "c"], "a"), node("Conv", ["a", "w"], "b")],
        {"x": (1, 4, 5, 6)},
        outputs=("a", "b"),
        constants={"c": positive(0), "w": weights(1, 2, 4, 1, 1)},
    )
    fixed(graph)


def test_weights_shared_by_two_layers_change_for_one_of_them_only():
    graph = model(
        [
            node("Conv", ["x", "w"], "a"),
            node("Mul", ["a", "c"], "b"),
            node("Conv", ["x", "w"], "d", pads=[0, 0, 0, 0]),
            node("Sigmoid", ["d"], "e"),
        ],
        {"x": (1, 4, 5, 6)},
        outputs=("b", "e"),
        constants={"c": positive(0), "w": weights(1, 2, 4, 1, 1)},
    )
    fixed(graph)


def test_factors_meet_in_products_sums_and_concatenations():
    graph = model(
        [
            node("Sigmoid", ["x"], "s"),
            node("Mul", ["s", "c"], "a"),
            node("Mul", ["a", "a"], "square"),
            node("Conv", ["square", "w"], "b"),
            node("Tanh", ["x"], "t"),
            node("Mul", ["t", "d"], "u"),
            node("Concat", ["u", "s"], "v", axis=1),
            node("Conv", ["v", "w2"], "e"),
            node("Conv", ["x", "w"], "f"),
            node("Exp", ["f"], "g"),
            node("Div", ["g", "c"], "h"),
            node("Conv", ["s", "w"], "i"),
            node("Add", ["h", "i"], "j"),
            node("Conv", ["j", "w3"], "k"),
        ],
        {"x": (1, 4, 5, 6)},
        outputs=("b", "e", "k"),
        constants={
            "c": positive(0),
            "d": positive(5, 4, 1, 1),
            "w": weights(1, 2, 4, 1, 1),
            "w2": weights(2, 2, 8, 1, 1),
            "w3": weights(3, 2, 2, 1, 1),
        },
    )
    result = fixed(graph)
    assert "BatchNormalization" not in operators(result)


@pytest.mark.parametrize("shapes", [((1, 3, 4, 5), (1, 3, 4, 5)), ((1, 3, 1, 1), (1, 3, 4, 5))])
def test_differences_become_sums_for_the_iphone_npu_and_for_smaller_first_operands(shapes):
    graph = model(
        [node("Sigmoid", ["a"], "s"), node("Sub", ["s", "b"])], dict(zip("ab", shapes, strict=True))
    )
    assert operators(fixed(graph)) == ["Sigmoid", "BatchNormalization", "Add"]
    kept = operators(fixed(graph, FixOptions(targets=("cpu",))))
    assert kept == (
        ["Sigmoid", "Sub"] if shapes[0] == shapes[1] else ["Sigmoid", "BatchNormalization", "Add"]
    )


def test_quotients_and_roots_use_the_power_layer_for_the_iphone_npu():
    graph = model(
        [
            node("Exp", ["b"], "d"),
            node("Sqrt", ["d"], "r"),
            node("Reciprocal", ["r"], "i"),
            node("Div", ["a", "i"]),
        ],
        {"a": (1, 3, 4, 5), "b": (1, 3, 4, 5)},
    )
    assert set(operators(fixed(graph))) == {"Exp", "Pow", "Mul"}
    assert operators(fixed(graph, FixOptions(targets=("cpu",)))) == ["Exp", "Sqrt", "Reciprocal", "Div"]


@pytest.mark.parametrize("shape", [(), (1, 6), (1, 1, 6), (6,)])
def test_constant_operands_have_one_two_or_four_dimensions(shape):
    graph = model([node("Max", ["x", "c"])], {"x": (1, 1, 2, 6)}, constants={"c": weights(0, *shape)})
    result = fixed(graph)
    assert "refused" not in {one.severity for layer in check(result).layers for one in layer.findings}
