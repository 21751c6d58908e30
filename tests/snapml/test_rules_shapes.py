from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snapml_graphs import fixed, model, node, operators, storages

from snapml_ocr.snapml.checker import check
from snapml_ocr.snapml.fixer import fix
from snapml_ocr.snapml.helpers.permutation import core_of

FEW = settings(max_examples=15, deadline=None)


def shapes_of(proto):
    values = [*proto.graph.value_info, *proto.graph.input, *proto.graph.output]
    return [tuple(dim.dim_value for dim in value.type.tensor_type.shape.dim) for value in values]


@FEW
@given(data=st.data(), rank=st.integers(2, 3))
def test_transpose_of_rank_two_and_three_becomes_rank_four(data, rank):
    permutation = data.draw(st.sampled_from(list(permutations(range(rank)))))
    shape = data.draw(st.tuples(*[st.integers(1, 4)] * rank))
    result = fixed(model([node("Transpose", ["x"], perm=permutation)], {"x": shape}))
    for one in result.graph.node:
        if one.op_type == "Transpose":
            assert len(one.attribute[0].ints) == 4


def test_transpose_without_a_permutation_reverses_the_axes():
    result = fixed(model([node("Transpose", ["x"])], {"x": (2, 3, 4)}))
    assert operators(result) == ["Reshape", "Transpose", "Reshape"]


@FEW
@given(data=st.data(), rank=st.integers(5, 6))
def test_transpose_of_more_axes_keeps_its_numbers_or_is_refused(data, rank):
    permutation = data.draw(st.permutations(range(rank)))
    shape = data.draw(st.tuples(*[st.sampled_from([1, 1, 2, 3])] * rank))
    flat = int(np.prod(shape))
    graph = model(
        [
            node("Reshape", ["x", "in"], "a"),
            node("Transpose", ["a"], "b", perm=permutation),
            node("Reshape", ["b", "out"]),
        ],
        {"x": (1, flat)},
        constants={"in": np.array(shape, np.int64), "out": np.array([1, flat], np.int64)},
    )
    result = fixed(graph)
    four_suffice = len(core_of(shape, permutation).sizes) <= 4
    assert (max(len(shape) for shape in shapes_of(result)) <= 4) == four_suffice


@FEW
@given(
    operator=st.sampled_from(["Squeeze", "Unsqueeze", "Flatten"]),
    storage=storages,
    axis=st.integers(0, 3),
    size=st.integers(2, 4),
)
def test_squeeze_unsqueeze_and_flatten_become_reshape(operator, storage, axis, size):
    shape = [size, size + 1, size]
    attributes = {"axes": [axis]} if operator == "Unsqueeze" else {"axis": axis}
    if operator == "Squeeze":
        shape.insert(axis, 1)
        attributes = {"axes": [axis]}
    result = fixed(model([node(operator, ["x"], **attributes)], {"x": shape}, storage=storage))
    assert operators(result) == ["Reshape"]


@FEW
@given(
    target=st.sampled_from([(0, -1), (0, 0, -1), (-1, 6), (2, 0, 0), (0, 2, -1, 2), (1, 0, -1)]),
    storage=storages,
)
def test_reshape_with_zero_and_minus_one_is_written_out_in_any_storage(target, storage):
    graph = model(
        [node("Relu", ["x"], "a"), node("Reshape", ["a", "s"])],
        {"x": (2, 6, 4) if target[:2] != (1, 0) else (1, 6, 8)},
        constants={"s": np.array(target, np.int64)},
        storage=storage,
    )
    assert "undocumented" not in {
        status for layer in check(fixed(graph)).layers for status in layer.status.values()
    }


def test_reshapes_over_five_axes_meet_and_vanish():
    graph = model(
        [
            node("Reshape", ["x", "five"], "a"),
            node("Reshape", ["a", "three"], "b"),
            node("Relu", ["b"]),
        ],
        {"x": (1, 12, 2)},
        constants={"five": np.array([1, 2, 2, 3, 2]), "three": np.array([1, 12, 2])},
    )
    assert operators(fixed(graph)) == ["Relu"]


def test_pixel_shuffle_needs_six_axes_and_is_refused_by_name():
    graph = model(
        [
            node("Reshape", ["x", "six"], "a"),
            node("Transpose", ["a"], "b", perm=[0, 1, 4, 2, 5, 3]),
            node("Reshape", ["b", "out"]),
        ],
        {"x": (1, 12, 3, 5)},
        constants={"six": np.array([1, 3, 2, 2, 3, 5]), "out": np.array([1, 3, 6, 10])},
    )
    result = fix(graph)
    assert "Transpose" in operators(result.model)
    assert any("more than rank 4" in refusal.reason for refusal in result.log.refusals)
    verdict = check(result.model)
    assert not verdict.importable
    assert any("at most four dimensions" in reason for reason in verdict.import_reasons)


def test_squeeze_at_an_output_and_between_transposes_keeps_names_and_numbers():
    graph = model(
        [
            node("Squeeze", ["x"], "a", axes=[2]),
            node("Transpose", ["a"], "y", perm=[2, 0, 1]),
            node("Squeeze", ["y"], "z", axes=[1]),
        ],
        {"x": (1, 6, 1, 5)},
        outputs=("y", "z"),
    )
    fixed(graph)


def test_squeezed_features_become_a_sequence_through_one_transpose_and_a_safe_reshape():
    graph = model(
        [node("Squeeze", ["x"], "a", axes=[2]), node("Transpose", ["a"], "y", perm=[2, 0, 1])],
        {"x": (1, 6, 1, 5)},
    )
    result = fixed(graph)
    assert operators(result) == ["Transpose", "Reshape"]
    assert not [
        finding
        for layer in check(result).layers
        for finding in layer.findings
        if finding.severity == "caveat"
    ]


def test_equal_nodes_are_merged():
    graph = model(
        [node("Relu", ["x"], "a"), node("Relu", ["x"], "b"), node("Add", ["a", "b"])], {"x": (1, 2, 3, 4)}
    )
    assert operators(fixed(graph)) == ["Relu", "Add"]


@pytest.mark.parametrize(
    ("shape", "permutation", "sizes", "core"),
    [
        ((1, 40, 3, 8, 15), (2, 0, 3, 1, 4), (40, 24, 15), (1, 0, 2)),
        ((2, 3, 4), (0, 1, 2), (24,), (0,)),
        ((2, 1, 3), (1, 2, 0), (2, 3), (1, 0)),
        ((1, 1), (1, 0), (), ()),
        ((2, 3, 4, 5), (2, 3, 0, 1), (6, 20), (1, 0)),
    ],
)
def test_core_of_a_transposition(shape, permutation, sizes, core):
    found = core_of(shape, permutation)
    assert (found.sizes, found.permutation) == (sizes, core)
