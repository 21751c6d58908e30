import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snapml_graphs import fixed, model, node, operators, storages, weights

from snapml_ocr.snapml.checker import check
from snapml_ocr.snapml.options import FixOptions, StrideForm

FEW = settings(max_examples=15, deadline=None)
UNEQUAL = [(1, 2), (2, 1), (1, 3), (3, 1), (2, 4), (4, 2), (2, 3), (3, 2), (6, 4)]


@FEW
@given(
    strides=st.sampled_from(UNEQUAL),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    pads=st.tuples(*[st.integers(0, 2)] * 4),
    size=st.tuples(st.integers(7, 14), st.integers(7, 14)),
    depthwise=st.booleans(),
    form=st.sampled_from(list(StrideForm)),
    storage=storages,
)
def test_convolution_with_unequal_strides_keeps_its_numbers(
    *, strides, kernel, pads, size, depthwise, form, storage
):
    graph = model(
        [node("Conv", ["x", "w", "b"], strides=strides, pads=pads, group=4 if depthwise else 1)],
        {"x": (1, 4, *size)},
        constants={"w": weights(0, 4, 1 if depthwise else 4, *kernel), "b": weights(1, 4)},
        storage=storage,
    )
    result = fixed(graph, FixOptions(stride_form=form))
    convolution = next(one for one in result.graph.node if one.op_type == "Conv")
    used = next(list(attribute.ints) for attribute in convolution.attribute if attribute.name == "strides")
    assert len(set(used)) == 1
    assert sorted(operators(result)) == sorted(["Conv", "MaxPool" if form is StrideForm.POOL else "Slice"])


def test_a_one_by_one_convolution_is_strided_before_it_works():
    graph = model(
        [node("Conv", ["x", "w"], strides=[2, 1])],
        {"x": (1, 3, 8, 8)},
        constants={"w": weights(0, 5, 3, 1, 1)},
    )
    assert operators(fixed(graph)) == ["MaxPool", "Conv"]


def test_the_pooling_form_runs_on_the_iphone_npu_and_its_strides_are_called_undocumented():
    graph = model(
        [node("Conv", ["x", "w"], strides=[2, 1])],
        {"x": (1, 3, 8, 8)},
        constants={"w": weights(0, 5, 3, 3, 3)},
    )
    pooled, sliced = fixed(graph), fixed(graph, FixOptions(stride_form=StrideForm.SLICE))
    assert check(pooled).count("iphone_npu") == 2
    assert check(sliced).count("iphone_npu") == 1
    notes = [finding for layer in check(pooled).layers for finding in layer.findings]
    assert [(note.severity, note.evidence) for note in notes] == [("caveat", "undocumented")]


def test_without_the_iphone_npu_slices_are_chosen():
    graph = model(
        [node("Conv", ["x", "w"], strides=[1, 2])],
        {"x": (1, 3, 8, 8)},
        constants={"w": weights(0, 5, 3, 3, 3)},
    )
    assert "Slice" in operators(fixed(graph, FixOptions(targets=("cpu", "iphone_gpu"))))


@FEW
@given(
    operator=st.sampled_from(["MaxPool", "AveragePool"]),
    strides=st.sampled_from(UNEQUAL),
    count=st.integers(0, 1),
    pads=st.tuples(*[st.integers(0, 1)] * 4),
)
def test_pooling_with_unequal_strides_becomes_slices_where_they_are_chosen(operator, strides, count, pads):
    attributes = {"count_include_pad": count} if operator == "AveragePool" else {}
    graph = model(
        [node(operator, ["x"], kernel_shape=[2, 3], strides=strides, pads=pads, **attributes)],
        {"x": (1, 2, 9, 11)},
    )
    result = fixed(graph, FixOptions(stride_form=StrideForm.SLICE))
    assert operators(result) == [operator, "Slice"]
    assert operators(fixed(graph)) == [operator]


@FEW
@given(
    mode=st.sampled_from(["SAME_UPPER", "SAME_LOWER", "VALID"]),
    strides=st.sampled_from([(1, 1), (2, 2), (2, 1), (3, 2)]),
    operator=st.sampled_from(["Conv", "MaxPool", "AveragePool"]),
    size=st.tuples(st.integers(6, 9), st.integers(6, 9)),
)
def test_auto_pad_is_written_out(mode, strides, operator, size):
    constants = {"w": weights(0, 2, 2, 3, 2)} if operator == "Conv" else {}
    attributes = {} if operator == "Conv" else {"kernel_shape": [3, 2]}
    graph = model(
        [node(operator, ["x", *constants], auto_pad=mode, strides=strides, **attributes)],
        {"x": (1, 2, *size)},
        constants=constants,
    )
    result = fixed(graph)
    assert not any(attribute.name == "auto_pad" for one in result.graph.node for attribute in one.attribute)


@pytest.mark.parametrize("ceil_mode", [0, 1])
def test_pooling_whose_windows_depend_on_the_stride_is_left_alone(ceil_mode):
    graph = model(
        [node("MaxPool", ["x"], kernel_shape=[2, 2], strides=[2, 1], ceil_mode=ceil_mode)],
        {"x": (1, 2, 5, 5)},
    )
    result = fixed(graph, FixOptions(stride_form=StrideForm.SLICE))
    assert operators(result) == (["MaxPool"] if ceil_mode else ["MaxPool", "Slice"])
