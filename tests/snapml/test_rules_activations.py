import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snapml_graphs import fixed, model, node, operators, storages, weights

from snapml_ocr.snapml.checker import check
from snapml_ocr.snapml.options import TARGETS

FEW = settings(max_examples=12, deadline=None)


def available_everywhere(proto):
    verdict = check(proto)
    return verdict.importable and all(verdict.count(target) == len(verdict.layers) for target in TARGETS)


@FEW
@given(alpha=st.floats(0.01, 1.0), beta=st.floats(-0.5, 1.5))
def test_hard_sigmoid_becomes_relu6_for_any_slope_and_offset(alpha, beta):
    result = fixed(
        model([node("HardSigmoid", ["x"], alpha=alpha, beta=beta)], {"x": (1, 3, 4, 5)}), max_abs_diff=1e-6
    )
    assert operators(result) == ["BatchNormalization", "Clip", "BatchNormalization"]
    assert available_everywhere(result)


def test_hard_sigmoid_without_attributes_has_the_defaults_of_onnx():
    fixed(model([node("HardSigmoid", ["x"])], {"x": (1, 3, 4, 5)}), max_abs_diff=1e-6)


@pytest.mark.parametrize("shape", [(7,), (2, 7), (1, 2, 7)])
def test_hard_sigmoid_of_other_ranks_keeps_its_numbers(shape):
    result = fixed(model([node("HardSigmoid", ["x"], alpha=0.3)], {"x": shape}), max_abs_diff=1e-6)
    assert "HardSigmoid" not in operators(result)


@FEW
@given(alpha=st.floats(0.05, 0.5), storage=storages, group=st.sampled_from([1, 4]))
def test_hard_sigmoid_between_convolutions_needs_no_extra_node(alpha, storage, group):
    graph = model(
        [
            node("Conv", ["x", "w", "b"], "a", group=group),
            node("HardSigmoid", ["a"], "g", alpha=alpha, beta=0.5),
            node("Conv", ["g", "v"], "y", pads=[1, 1, 1, 1]),
        ],
        {"x": (1, 4, 5, 5)},
        constants={"w": weights(0, 4, 4 // group, 1, 1), "b": weights(1, 4), "v": weights(2, 3, 4, 3, 3)},
        storage=storage,
    )
    assert operators(fixed(graph)) == ["Conv", "Clip", "Conv"]


@FEW
@given(storage=storages, width=st.integers(1, 6))
def test_written_out_hard_swish_folds_its_sixth_into_the_next_convolution(storage, width):
    graph = model(
        [
            node("Conv", ["x", "w"], "a"),
            node("Add", ["a", "three"], "s"),
            node("Clip", ["s", "zero", "six"], "c"),
            node("Mul", ["a", "c"], "m"),
            node("Div", ["m", "six"], "h"),
            node("Conv", ["h", "v"], "y"),
        ],
        {"x": (1, 3, 4, width)},
        constants={
            "w": weights(0, 4, 3, 1, 1),
            "v": weights(1, 2, 4, 1, 1),
            "three": np.float32(3),
            "zero": np.float32(0),
            "six": np.float32(6),
        },
        storage=storage,
    )
    result = fixed(graph)
    assert operators(result) == [
        "Conv",
        "Conv",
        "Clip",
        "Mul",
        "Conv",
    ]  # nothing that could fuse into the first
    assert available_everywhere(result)


@FEW
@given(low=st.floats(-3, 3), width=st.floats(0.5, 8), storage=storages)
def test_clip_between_any_bounds_becomes_relu6(low, width, storage):
    high = np.float32(low + width)
    graph = model(
        [node("Clip", ["x", "low", "high"])],
        {"x": (1, 2, 3, 4)},
        constants={"low": np.float32(low), "high": high},
        storage=storage,
    )
    result = fixed(graph, max_abs_diff=2e-6)
    assert set(operators(result)) <= {"BatchNormalization", "Clip"}
    assert available_everywhere(result)


@pytest.mark.parametrize(
    ("inputs", "constants", "expected"),
    [
        (["x", "low"], {"low": np.float32(0)}, ["Relu"]),
        (["x", "low"], {"low": np.float32(-0.5)}, ["BatchNormalization", "Relu", "BatchNormalization"]),
        (["x", "", "high"], {"high": np.float32(0.25)}, ["BatchNormalization", "Relu", "BatchNormalization"]),
        (["x", "low", "high"], {"low": np.float32(0), "high": np.float32(6)}, ["Clip"]),
    ],
)
def test_clip_with_one_bound_becomes_relu(inputs, constants, expected):
    graph = model([node("Clip", inputs)], {"x": (1, 2, 3, 4)}, constants=constants)
    result = fixed(graph)
    assert operators(result) == expected
    assert available_everywhere(result)


def test_clip_without_a_range_is_refused_and_reported():
    from snapml_ocr.snapml.fixer import fix

    graph = model(
        [node("Clip", ["x", "low", "high"])],
        {"x": (1, 2, 3, 4)},
        constants={"low": np.float32(2), "high": np.float32(-1)},
    )
    result = fix(graph)
    assert operators(result.model) == ["Clip"]
    assert [refusal.reason for refusal in result.log.refusals] == ["the bounds 2 and -1 leave no range"]


@pytest.mark.parametrize("gate_first", [False, True])
@pytest.mark.parametrize("sum_first", [False, True])
def test_gated_residual_moves_its_sum_to_the_gate(gate_first, sum_first):
    product = ["g", "x"] if gate_first else ["x", "g"]
    graph = model(
        [
            node("GlobalAveragePool", ["x"], "p"),
            node("HardSigmoid", ["p"], "g"),
            node("Mul", product, "m"),
            node("Add", ["m", "x"] if sum_first else ["x", "m"]),
        ],
        {"x": (1, 3, 4, 5)},
    )
    result = fixed(graph)
    assert operators(result) == [
        "GlobalAveragePool",
        "BatchNormalization",
        "Clip",
        "BatchNormalization",
        "Mul",
    ]


def test_a_gate_as_large_as_the_tensor_is_left_alone():
    graph = model(
        [node("Sigmoid", ["x"], "g"), node("Mul", ["x", "g"], "m"), node("Add", ["x", "m"])],
        {"x": (1, 3, 4, 5)},
    )
    assert operators(fixed(graph)) == ["Sigmoid", "Mul", "Add"]
