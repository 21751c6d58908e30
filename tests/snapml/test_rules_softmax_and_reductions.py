import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snapml_graphs import fixed, model, node, operators, storages, weights

from snapml_ocr.runtime.feeds import run_all
from snapml_ocr.snapml.checker import check
from snapml_ocr.snapml.fixer import fix
from snapml_ocr.snapml.options import FixOptions

FEW = settings(max_examples=15, deadline=None)


def statuses(proto, target):
    return {layer.status[target] for layer in check(proto).layers}


@FEW
@given(data=st.data(), rank=st.integers(1, 4), opset=st.sampled_from([11, 12, 13, 17]))
def test_softmax_on_any_axis_of_any_rank_runs_over_channels(data, rank, opset):
    shape = data.draw(st.tuples(*[st.integers(1, 5)] * rank))
    axis = data.draw(st.integers(-rank, rank - 1))
    result = fixed(model([node("Softmax", ["x"], axis=axis)], {"x": shape}, opset=opset), max_abs_diff=1e-6)
    assert statuses(result, "cpu") == {"available"}


@pytest.mark.parametrize("opset", [11, 13])
def test_softmax_without_an_axis_means_what_its_opset_says(opset):
    fixed(model([node("Softmax", ["x"])], {"x": (2, 3, 4)}, opset=opset), max_abs_diff=1e-6)


@FEW
@given(data=st.data(), rank=st.integers(1, 4), opset=st.sampled_from([11, 13]))
def test_log_softmax_is_composed_of_documented_layers(data, rank, opset):
    shape = data.draw(st.tuples(*[st.integers(1, 5)] * rank))
    axis = data.draw(st.integers(-rank, rank - 1))
    graph = model([node("LogSoftmax", ["x"], axis=axis)], {"x": shape}, opset=opset)
    result = fixed(graph, FixOptions(targets=("cpu", "iphone_gpu", "android_gpu")), max_abs_diff=2e-6)
    assert "LogSoftmax" not in operators(result)
    assert statuses(result, "cpu") == {"available"}


def test_log_softmax_of_far_apart_numbers_stays_finite():
    graph = model(
        [node("Mul", ["x", "c"], "a"), node("LogSoftmax", ["a"], axis=1)],
        {"x": (2, 6)},
        constants={"c": [500.0]},
    )
    graph.graph.initializer[0].CopyFrom(
        __import__("onnx").numpy_helper.from_array(np.array([500], np.float32), "c")
    )
    fix(graph, max_abs_diff=1e-3)


@FEW
@given(
    data=st.data(),
    operator=st.sampled_from(["ReduceMean", "ReduceMax", "ReduceSum"]),
    rank=st.integers(2, 4),
    keepdims=st.integers(0, 1),
)
def test_reductions_over_the_last_axes_keep_their_numbers(data, operator, rank, keepdims):
    shape = data.draw(st.tuples(*[st.integers(1, 5)] * rank))
    count = data.draw(st.integers(1, rank))
    axes = list(range(rank - count, rank)) if data.draw(st.booleans()) else list(range(-count, 0))
    graph = model([node(operator, ["x"], axes=axes, keepdims=keepdims)], {"x": shape})
    result = fixed(graph)
    assert "ReduceSum" not in operators(result)
    assert statuses(result, "cpu") == {"available"}


def test_the_mean_over_height_and_width_is_global_average_pooling():
    graph = model([node("ReduceMean", ["x"], axes=[2, 3])], {"x": (1, 3, 4, 5)})
    assert operators(fixed(graph)) == ["GlobalAveragePool"]
    flat = model([node("ReduceMean", ["x"], axes=[-1, -2], keepdims=0)], {"x": (1, 3, 4, 5)})
    assert operators(fixed(flat)) == ["GlobalAveragePool", "Reshape"]


def test_global_max_pool_is_a_documented_reduction():
    assert operators(fixed(model([node("GlobalMaxPool", ["x"])], {"x": (1, 3, 4, 5)}))) == ["ReduceMax"]


def test_a_reduction_in_the_middle_is_refused_by_name():
    result = fix(model([node("ReduceMean", ["x"], axes=[2])], {"x": (1, 3, 4, 5)}))
    assert operators(result.model) == ["ReduceMean"]
    assert "over the axes (2,)" in result.log.refusals[0].reason


def layer_norm(shape, *, by_pow, epsilon_first, storage="raw", axis=-1):
    square = node("Pow", ["d", "two"], "q") if by_pow else node("Mul", ["d", "d"], "q")
    return model(
        [
            node("ReduceMean", ["x"], "m", axes=[axis]),
            node("Sub", ["x", "m"], "d"),
            square,
            node("ReduceMean", ["q"], "v", axes=[axis]),
            node("Add", ["e", "v"] if epsilon_first else ["v", "e"], "s"),
            node("Sqrt", ["s"], "r"),
            node("Div", ["d", "r"], "n"),
            node("Mul", ["n", "g"], "h"),
            node("Add", ["h", "b"], "k"),
            node("MatMul", ["k", "w"]),
        ],
        {"x": shape},
        constants={
            "two": np.float32(2),
            "e": np.float32(1e-5),
            "g": weights(0, shape[-1]) + 1,
            "b": weights(1, shape[-1]),
            "w": weights(2, shape[-1], 3),
        },
        storage=storage,
    )


@FEW
@given(
    shape=st.sampled_from([(5, 8), (1, 5, 8), (1, 1, 5, 8), (2, 3, 8)]),
    by_pow=st.booleans(),
    epsilon_first=st.booleans(),
    storage=storages,
    with_npu=st.booleans(),
)
def test_layer_normalisation_runs_on_the_targets_it_is_written_for(
    shape, by_pow, epsilon_first, storage, with_npu
):
    graph = layer_norm(shape, by_pow=by_pow, epsilon_first=epsilon_first, storage=storage)
    targets = ("cpu", "iphone_gpu", "android_gpu", *(["iphone_npu"] if with_npu else []))
    result = fixed(graph, FixOptions(targets=targets), max_abs_diff=2e-5)
    for target in ("cpu", "iphone_gpu", "android_gpu"):
        assert statuses(result, target) == {"available"}
    if with_npu:
        missing = [
            layer.operator for layer in check(result).layers if layer.status["iphone_npu"] != "available"
        ]
        assert set(missing) <= {"Reshape"}


def test_layer_normalisation_adds_weights_for_the_columns_and_not_for_their_square():
    columns = 64
    result = fixed(layer_norm((5, columns), by_pow=True, epsilon_first=False), max_abs_diff=2e-5)
    weights_there = sum(int(np.prod(tensor.dims)) for tensor in result.graph.initializer)
    assert weights_there < 10 * columns


def test_normalisation_over_another_axis_is_left_alone():
    graph = layer_norm((1, 8, 8), by_pow=True, epsilon_first=False, axis=1)
    assert "ReduceMean" in operators(fixed(graph, max_abs_diff=2e-5))


@pytest.mark.parametrize("exponent", [1, 2, 3, 4])
def test_small_whole_powers_become_products(exponent):
    graph = model([node("Pow", ["x", "p"])], {"x": (1, 2, 3, 4)}, constants={"p": np.float32(exponent)})
    assert set(operators(fixed(graph))) <= {"Mul", "Identity"}


@FEW
@given(exponent=st.sampled_from([0.5, 5.0, 2.5]), storage=storages)
def test_other_powers_stay_with_an_exponent_of_rank_one(exponent, storage):
    graph = model(
        [node("Abs", ["x"], "a"), node("Pow", ["a", "p"])],
        {"x": (1, 2, 3, 4)},
        constants={"p": np.float32(exponent)},
        storage=storage,
    )
    result = fixed(graph)
    assert operators(result) == ["Abs", "Pow"]
    assert check(result).importable


def test_the_mean_of_many_pixels_is_as_exact_as_that_of_few():
    graph = model([node("ReduceMean", ["x"], axes=[2, 3], keepdims=1)], {"x": (1, 4, 160, 160)})
    result = fixed(graph, max_abs_diff=2e-7)
    assert operators(result) == ["AveragePool", "GlobalAveragePool"]
    x = np.random.default_rng(0).uniform(0.5, 1.5, (1, 4, 160, 160)).astype(np.float32)
    error = run_all(result, {"x": x})["y"] - x.astype(np.float64).mean((2, 3), keepdims=True)
    assert np.abs(error).max() < 3e-7  # GlobalAveragePool alone: 2e-6


@pytest.mark.parametrize(
    ("rows", "read_twice", "expected"),
    [
        (96, False, ["AveragePool", "Conv"]),
        (96, True, ["AveragePool", "GlobalAveragePool", "Conv"]),
        (32, False, ["GlobalAveragePool", "Conv"]),
    ],
)
def test_a_convolution_takes_the_second_step_of_a_mean(rows, read_twice, expected):
    nodes = [node("ReduceMean", ["x"], "m", axes=[2, 3], keepdims=1), node("Conv", ["m", "w", "b"], "c")]
    nodes.append(node("Mul", ["c", "m"] if read_twice else ["c", "c"]))
    constants = {"w": weights(1, 4, 4, 1, 1), "b": weights(2, 4)}
    result = fixed(model(nodes, {"x": (1, 4, rows, 160)}, constants=constants), max_abs_diff=2e-6)
    assert [one for one in operators(result) if one != "Mul"] == expected
