import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snapml_graphs import fixed, model, node, operators, storages, weights

from snapml_ocr.snapml.checker import check
from snapml_ocr.snapml.fixer import fix

FEW = settings(max_examples=15, deadline=None)


@FEW
@given(
    shape=st.sampled_from([(4, 6), (1, 4, 6), (2, 3, 6), (1, 2, 3, 6)]),
    lead=st.integers(0, 2),
    bias=st.sampled_from([None, (5,), (1,), (1, 5), ()]),
    bias_first=st.booleans(),
    storage=storages,
)
def test_matmul_with_weights_and_bias_becomes_one_gemm(shape, lead, bias, bias_first, storage):
    lead = min(lead, len(shape) - 2)
    constants = {"w": weights(0, *(1,) * lead, 6, 5)}
    nodes = [node("MatMul", ["x", "w"], "m" if bias is not None else "y")]
    if bias is not None and len(bias) <= len(shape):
        constants["b"] = weights(1, *bias)
        nodes.append(node("Add", ["b", "m"] if bias_first else ["m", "b"]))
    elif bias is not None:
        nodes = [node("MatMul", ["x", "w"])]
    result = fixed(model(nodes, {"x": shape}, constants=constants, storage=storage))
    assert [one for one in operators(result) if one != "Reshape"] == ["Gemm"]
    assert check(result).importable


@FEW
@given(
    turned_x=st.integers(0, 1),
    turned_weights=st.integers(0, 1),
    alpha=st.sampled_from([1.0, 0.5, -2.0]),
    beta=st.sampled_from([1.0, 0.0, 3.0]),
    bias=st.sampled_from([None, (), (1,), (5,), (1, 5)]),
    storage=storages,
)
def test_gemm_of_any_form_becomes_plain(*, turned_x, turned_weights, alpha, beta, bias, storage):
    constants = {"w": weights(0, 5, 6) if turned_weights else weights(0, 6, 5)}
    if bias is not None:
        constants["b"] = weights(1, *bias)
    graph = model(
        [node("Gemm", ["x", *constants], transA=turned_x, transB=turned_weights, alpha=alpha, beta=beta)],
        {"x": (6, 4) if turned_x else (4, 6)},
        constants=constants,
        storage=storage,
    )
    result = fixed(graph)
    assert check(result).importable
    assert operators(result).count("Gemm") == 1


def test_constant_on_the_left_and_batches_of_weights_are_refused_by_name():
    left = fix(model([node("MatMul", ["w", "x"])], {"x": (4, 6)}, constants={"w": weights(0, 3, 4)}))
    assert "first operand" in left.log.refusals[0].reason
    batch = fix(model([node("MatMul", ["x", "w"])], {"x": (2, 4, 6)}, constants={"w": weights(0, 2, 6, 3)}))
    assert "not one float32 matrix" in batch.log.refusals[0].reason


@FEW
@given(
    lead=st.sampled_from([(), (3,), (1, 3), (2, 3), (3, 1)]),
    sizes=st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4)),
)
def test_products_of_computed_tensors_have_the_heads_in_the_batch(lead, sizes):
    rows, inner, columns = sizes
    graph = model([node("MatMul", ["a", "b"])], {"a": (*lead, rows, inner), "b": (*lead, inner, columns)})
    result = fixed(graph)
    product = next(layer for layer in check(result).layers if layer.operator == "MatMul")
    assert product.status["cpu"] == "available"


def attention(tokens, heads, width, *, split, storage="raw"):
    channels = heads * width
    nodes = [
        node("MatMul", ["x", "w"], "m"),
        node("Add", ["m", "b"], "a"),
        node("Reshape", ["a", "five"], "r"),
        node("Transpose", ["r"], "t", perm=[2, 0, 3, 1, 4]),
    ]
    constants = {
        "w": weights(0, channels, 3 * channels),
        "b": weights(1, 3 * channels),
        "five": np.array([0, -1, 3, heads, width]),
        "scale": np.float32(width**-0.5),
        "flat": np.array([1, tokens, channels]),
    }
    for index, name in enumerate(("q", "k", "v")):
        if split == "slice":
            for part, value in (("start", index), ("end", index + 1)):
                constants[f"{name}_{part}"] = np.array([value])
            constants["zero_axis"] = np.array([0])
            nodes.append(node("Slice", ["t", f"{name}_start", f"{name}_end", "zero_axis"], f"{name}1"))
            nodes.append(node("Squeeze", [f"{name}1"], name, axes=[0]))
        else:
            constants[f"{name}i"] = np.array(index)
            nodes.append(node("Gather", ["t", f"{name}i"], name, axis=0))
    nodes += [
        node("Mul", ["q", "scale"], "qs"),
        node("Transpose", ["k"], "kt", perm=[0, 1, 3, 2]),
        node("MatMul", ["qs", "kt"], "scores"),
        node("Softmax", ["scores"], "p", axis=3),
        node("MatMul", ["p", "v"], "o"),
        node("Transpose", ["o"], "ot", perm=[0, 2, 1, 3]),
        node("Reshape", ["ot", "flat"]),
    ]
    return model(nodes, {"x": (1, tokens, channels)}, constants=constants, storage=storage)


@FEW
@given(
    tokens=st.integers(2, 5),
    heads=st.integers(1, 3),
    width=st.integers(1, 4),
    split=st.sampled_from(["slice", "gather"]),
    storage=storages,
)
def test_attention_over_five_axes_runs_with_four_and_without_slices(tokens, heads, width, split, storage):
    result = fixed(attention(tokens, heads, width, split=split, storage=storage))
    assert "Slice" not in operators(result)
    verdict = check(result)
    assert verdict.importable
    assert verdict.count("cpu") == verdict.count("iphone_gpu") == len(verdict.layers)
    assert not [one for layer in verdict.layers for one in layer.findings if one.severity == "caveat"]


@FEW
@given(axis=st.integers(0, 3), parts=st.integers(1, 3), opset=st.sampled_from([11, 13, 18]))
def test_split_becomes_slices(axis, parts, opset):
    shape = [2, 2, 2, 2]
    shape[axis] = 2 * parts
    names = [f"y{index}" for index in range(parts)]
    attributes = {"num_outputs": parts} if opset == 18 else {}
    graph = model(
        [node("Split", ["x"], names, axis=axis, **attributes)], {"x": shape}, outputs=names, opset=opset
    )
    assert set(operators(fixed(graph))) <= {"Slice", "Identity"}


@pytest.mark.parametrize(
    ("indices", "expected"),
    [
        (1, ["Slice", "Reshape"]),
        ([0, 2], ["Slice"]),
        ([-1], ["Slice"]),
        ([1, 0], ["Gather"]),
        ([[0, 1]], None),
    ],
)
def test_gather_of_a_run_becomes_a_slice(indices, expected):
    graph = model([node("Gather", ["x", "i"], axis=1)], {"x": (2, 4, 3)}, constants={"i": np.array(indices)})
    found = operators(fixed(graph))
    assert found == (expected or ["Slice", "Reshape"])
