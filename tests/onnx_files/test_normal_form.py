"""Spellings of one network: whatever ONNX Runtime runs comes to the same numbers, or is refused by name."""

from contextlib import contextmanager

import numpy as np
import onnx
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from convert.graphs import constant, small_network
from snapml_ocr.convert.simplifier import simplify
from snapml_ocr.errors import UserError
from snapml_ocr.onnx_files.model_file import read_model
from snapml_ocr.onnx_files.normal_form import normal_form
from snapml_ocr.runtime.feeds import largest_difference, random_feeds, run_all
from snapml_ocr.snapml.fixer import fix

SHAPE = (1, 3, 8, 8)
FEEDS = random_feeds(small_network(input_shape=SHAPE), 0)


def tensor_of(model, name):
    return next(one for one in model.graph.initializer if one.name == name)


def sizes_of(values, size):
    for value in values:
        for dim in value.type.tensor_type.shape.dim:
            dim.dim_value = size


def open_output_sizes(model, draw):
    sizes_of(model.graph.output, draw(st.sampled_from([-1, 0])))


def output_without_shape(model, draw):
    model.graph.output[0].type.tensor_type.ClearField("shape")


def output_without_type(model, draw):
    model.graph.output[0].ClearField("type")


def weights_among_inputs(model, draw):
    for tensor in model.graph.initializer:
        model.graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims))
    model.ir_version = draw(st.sampled_from([3, 7]))


def names(model, draw):
    for node in model.graph.node:
        node.name = draw(st.sampled_from(["", "node", "node_2"]))


def constant_nodes(model, draw):
    tensor = tensor_of(model, draw(st.sampled_from(["w", "rest", "index"])))
    model.graph.node.insert(0, helper.make_node("Constant", [], [tensor.name], value=tensor))
    model.graph.initializer.remove(tensor)


def plain_constants(model, draw):
    model.opset_import[0].version = 12
    tensor = tensor_of(model, "rest")
    values = numpy_helper.to_array(tensor).tolist()
    model.graph.node.insert(0, helper.make_node("Constant", [], ["rest"], value_ints=values))
    model.graph.initializer.remove(tensor)


def sparse_constants(model, draw):
    tensor = tensor_of(model, "w")
    array = numpy_helper.to_array(tensor)
    places = np.flatnonzero(array).astype(np.int64)
    if draw(st.booleans()):
        places = np.stack(np.unravel_index(places, array.shape), axis=1).astype(np.int64)
    sparse = helper.make_sparse_tensor(
        numpy_helper.from_array(array[array != 0], "w"),
        numpy_helper.from_array(places, "places"),
        array.shape,
    )
    model.graph.initializer.remove(tensor)
    if draw(st.booleans()):
        model.graph.sparse_initializer.append(sparse)
    else:
        model.graph.node.insert(0, helper.make_node("Constant", [], ["w"], sparse_value=sparse))


def dequantized(model, draw):
    """int8 weights: the plain model's are on the same grid (see `plain`)."""
    model.opset_import[0].version = 13
    tensor = tensor_of(model, "w")
    array = numpy_helper.to_array(tensor)
    model.graph.initializer.remove(tensor)
    axis = draw(st.sampled_from([None, 0, 1]))
    scale = np.float32(1 / 32) if axis is None else np.full(array.shape[axis], 1 / 32, np.float32)
    model.graph.initializer.extend(
        [constant("q", array * 32, np.int8), constant("scale8", scale, np.float32)]
    )
    zero = []
    if draw(st.booleans()):
        model.graph.initializer.append(constant("zero8", np.zeros_like(scale), np.int8))
        zero = ["zero8"]
    attributes = {} if axis is None else {"axis": axis}
    node = helper.make_node("DequantizeLinear", ["q", "scale8", *zero], ["w"], **attributes)
    if draw(st.booleans()):  # and something constant between
        node.input[0] = "moved"
        model.graph.node.insert(0, helper.make_node("Identity", ["q"], ["moved"]))
        model.graph.node.insert(1, node)
    else:
        model.graph.node.insert(0, node)


def trailing_names(model, draw):
    model.graph.node[0].input.append("")
    model.graph.node[1].output.append("")


def unordered(model, draw):
    nodes = draw(st.permutations([*model.graph.node]))
    kept = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del model.graph.node[:]
    model.graph.node.extend(kept)


def other_domain(model, draw):
    model.opset_import[0].domain = "ai.onnx"
    for node in model.graph.node:
        node.domain = draw(st.sampled_from(["", "ai.onnx"]))


def function(model, draw):
    version = helper.make_opsetid("", model.opset_import[0].version)
    relu = helper.make_node("Relu", ["a"], ["b"])
    model.functions.append(helper.make_function("own", "Twice", ["a"], ["b"], [relu], [version]))
    model.opset_import.append(helper.make_opsetid("own", 1))
    for node in model.graph.node:
        if node.op_type == "Relu":
            node.op_type, node.domain = "Twice", "own"


CONSTANTS = {constant_nodes, plain_constants, sparse_constants, dequantized}
REFUSED = "function own::Twice is of another opset than the model"
"""What cannot be spelled plainly."""
SPELLINGS = [
    open_output_sizes,
    output_without_shape,
    output_without_type,
    names,
    constant_nodes,
    plain_constants,
    sparse_constants,
    dequantized,
    trailing_names,
    other_domain,
    function,
    weights_among_inputs,
    unordered,
]


def plain(input_shape=SHAPE):
    model = small_network(input_shape=input_shape)
    tensor = tensor_of(model, "w")
    on_grid = (numpy_helper.to_array(tensor) * 32).round().clip(-127, 127) / 32
    tensor.CopyFrom(constant("w", on_grid, np.float32))
    return model


def respelled(draw, input_shape=SHAPE):
    model = plain(input_shape)
    chosen = draw(st.lists(st.sampled_from(SPELLINGS), min_size=1, max_size=5, unique=True))
    constants = [one for one in chosen if one in CONSTANTS]
    for spelling in SPELLINGS:
        if spelling in chosen and spelling not in constants[1:]:  # one way for a constant at a time
            spelling(model, draw)
    return model


@contextmanager
def refusals_by_name():
    try:
        yield
    except UserError as error:
        if REFUSED not in str(error):
            raise
        reject()


def runs(model):
    try:
        return run_all(model, FEEDS)
    except UserError:
        return None


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_every_spelling_that_runs_is_fixed_to_the_same_numbers(data):
    model = respelled(data.draw)
    if runs(model) is None:
        return
    with refusals_by_name():
        fixed = fix(model)
    assert largest_difference(plain(), fixed.model, [FEEDS]) < 1e-5


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_spelling_with_open_sizes_is_simplified_to_the_same_numbers(data):
    size = data.draw(st.sampled_from([-1, 0, "h"]))
    model = respelled(data.draw, (size if size != "h" else "n", 3, size, size))
    if size != "h" and runs(model) is None:
        return
    with refusals_by_name():
        simplified = simplify(model, height=8, width=8, label="m")
    assert largest_difference(plain(), simplified, [FEEDS]) < 1e-5


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_normal_form_is_valid_and_its_own_normal_form(data):
    model = respelled(data.draw)
    if runs(model) is None:
        return
    with refusals_by_name():
        once = normal_form(model)
    onnx.checker.check_model(once, full_check=True)
    assert normal_form(once) == once


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda m: m.opset_import.add(domain="ai.onnx", version=12), "imported in versions 11 and 12"),
        (lambda m: m.graph.node[0].input.__setitem__(0, "r"), "form a cycle"),
        (
            lambda m: m.graph.sparse_initializer.append(
                helper.make_sparse_tensor(constant("s", [1.0], np.float32), constant("places", [9]), [2, 2])
            ),
            "sparse constant 's'",
        ),
    ],
)
def test_what_has_no_normal_form_is_refused_by_name(spoil, words):
    model = plain()
    spoil(model)
    with pytest.raises(UserError, match=words):
        normal_form(model)


def test_a_model_of_a_later_ir_version_is_refused_with_both_numbers(tmp_path):
    model = plain()
    model.ir_version = onnx.IR_VERSION + 1
    (tmp_path / "new.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(UserError, match=rf"IR version {onnx.IR_VERSION + 1}.*{onnx.IR_VERSION}"):
        read_model(tmp_path / "new.onnx")
