import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from coded_recognizer import STEP, coded_recognizer
from snapml_ocr.convert.charset import class_count, cut_classes
from snapml_ocr.errors import UserError
from snapml_ocr.runtime.feeds import run_all

FEATURES, CLASSES = 5, 9
RANDOM = np.random.default_rng(0)
WEIGHT = RANDOM.normal(size=(FEATURES, CLASSES)).astype(np.float32)
BIAS = RANDOM.normal(size=CLASSES).astype(np.float32)


def head(nodes, *, opset=11, constants=None, rank=3, outputs=("y",)):
    """A model of features (1, steps, FEATURES), or (steps, FEATURES), and a head that makes y."""
    shape = ["t", FEATURES] if rank == 2 else [1, "t", FEATURES]
    constants = {"w": WEIGHT, "wt": WEIGHT.T.copy(), "b": BIAS, "one": np.float32([0.5])} | (constants or {})
    read = {name for node in nodes for name in node.input}
    graph = helper.make_graph(
        nodes,
        "head",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [*shape[:-1], CLASSES]) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in constants.items() if name in read],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=7)
    onnx.checker.check_model(model, full_check=True)
    return model


def run(model, rank=3):
    features = np.random.default_rng(1).normal(size=(1, 7, FEATURES)).astype(np.float32)
    return run_all(model, {"x": features if rank == 3 else features[0]})["y"]


def node(operator, inputs, output, **attributes):
    return helper.make_node(operator, inputs.split(), [output], **attributes)


PRODUCT = node("MatMul", "x w", "p")
CONSTANT = node("Constant", "", "cw", value=numpy_helper.from_array(WEIGHT))
HEADS = {
    "softmax": {"nodes": [PRODUCT, node("Add", "p b", "s"), node("Softmax", "s", "y", axis=2)]},
    "softmax over axis -1": {
        "nodes": [PRODUCT, node("Add", "b p", "s"), node("Softmax", "s", "y")],
        "opset": 13,
    },
    "log softmax": {"nodes": [PRODUCT, node("Add", "p b", "s"), node("LogSoftmax", "s", "y", axis=2)]},
    "logits": {"nodes": [PRODUCT, node("Add", "p b", "y")]},
    "no bias": {"nodes": [PRODUCT, node("Softmax", "p", "y", axis=2)]},
    "one bias for all": {"nodes": [PRODUCT, node("Add", "p one", "s"), node("Softmax", "s", "y", axis=2)]},
    "identities": {
        "nodes": [PRODUCT, node("Identity", "b", "c"), node("Add", "p c", "s"), node("Identity", "s", "y")]
    },
    "weights in a node": {"nodes": [CONSTANT, node("MatMul", "x cw", "p"), node("Add", "p b", "y")]},
    "gemm": {"nodes": [node("Gemm", "x w b", "s"), node("Softmax", "s", "y", axis=1)], "rank": 2},
    "gemm transposed": {"nodes": [node("Gemm", "x wt", "p", transB=1), node("Add", "p b", "y")], "rank": 2},
    "shared bias": {
        "nodes": [node("MatMul", "x w", "p"), node("Add", "p b", "q"), node("Add", "q b", "y")],
    },
}


@settings(max_examples=15, deadline=None)
@pytest.mark.parametrize("name", HEADS)
@given(kept=st.lists(st.integers(0, CLASSES - 1), min_size=1, unique=True))
def test_scores_of_the_classes_kept_are_what_they_were(name, kept):
    options = dict(HEADS[name])
    model = head(options.pop("nodes"), **options)
    rank = options.get("rank", 3)
    cut = cut_classes(model, kept, "model")
    onnx.checker.check_model(cut, full_check=True)
    before, after = run(model, rank)[..., kept], run(cut, rank)
    assert class_count(cut) == len(kept)
    if model.graph.node[-1].op_type == "Softmax":
        before = before / before.sum(axis=-1, keepdims=True)
    elif model.graph.node[-1].op_type == "LogSoftmax":
        before = before - np.log(np.exp(before).sum(axis=-1, keepdims=True))
    np.testing.assert_allclose(after, before, rtol=0, atol=1e-5)


def test_the_model_given_stays_and_the_old_weights_are_gone():
    model = head(
        [CONSTANT, node("MatMul", "x cw", "p"), node("Add", "p b", "s"), node("Softmax", "s", "y", axis=2)]
    )
    before = model.SerializeToString(deterministic=True)
    cut = cut_classes(model, [0, 3], "model")
    assert model.SerializeToString(deterministic=True) == before
    assert {tensor.name: list(tensor.dims) for tensor in cut.graph.initializer} == {
        "cw.cut": [5, 2],
        "b.cut": [2],
    }
    assert [one.op_type for one in cut.graph.node] == ["MatMul", "Add", "Softmax"]
    assert cut.SerializeToString(deterministic=True) == cut_classes(model, [0, 3], "model").SerializeToString(
        deterministic=True
    )


def test_weights_that_another_node_reads_stay_for_it():
    nodes = [node("MatMul", "x w", "p"), node("Add", "p b", "y"), node("Relu", "b", "unused")]
    cut = cut_classes(head(nodes), [0, 3], "model")
    assert sorted(tensor.name for tensor in cut.graph.initializer) == ["b", "b.cut", "w.cut"]


def test_weights_listed_among_the_inputs_are_cut_too():
    model = head([PRODUCT, node("Add", "p b", "y")])
    model.ir_version = 3
    for tensor in model.graph.initializer:
        model.graph.input.append(helper.make_tensor_value_info(tensor.name, 1, tensor.dims))
    cut = cut_classes(model, [1, 2], "model")
    assert [value.name for value in cut.graph.input] == ["x"]
    assert run(cut).shape == (1, 7, 2)


@pytest.mark.parametrize(
    ("options", "kept", "reason"),
    [
        ({"nodes": [PRODUCT, node("Softmax", "p", "y", axis=1)]}, [0], "not over the last axis"),
        ({"nodes": [PRODUCT, node("Softmax", "p", "y")]}, [0], "not over the last axis"),
        ({"nodes": [PRODUCT, node("Relu", "p", "y")]}, [0], "Relu is at its end"),
        ({"nodes": [PRODUCT, node("Add", "p p", "y")]}, [0], "Add at its end adds no constant"),
        ({"nodes": [PRODUCT, node("Identity", "p", "y"), node("Relu", "p", "z")]}, [0], "read elsewhere"),
        (
            {"nodes": [PRODUCT, node("Add", "p b", "y"), node("Relu", "p", "z")], "outputs": ("y", "z")},
            [0],
            "it has 2 outputs",
        ),
        ({"nodes": [node("Tile", "x times", "s"), node("MatMul", "s q", "y")],
              "constants": {"times": np.int64([1, 1, 1]), "q": WEIGHT[None]}}, [0], "no constant matrix"),
        ({"nodes": [PRODUCT, node("Add", "p b", "y")]}, [0, CLASSES], "it has 9 classes and no class 9"),
    ],
)  # fmt: skip
def test_another_end_is_refused_with_the_reason(options, kept, reason):
    model = head(options.pop("nodes"), **options)
    with pytest.raises(UserError, match=f"^rec.onnx: its classes cannot be cut: .*{reason}"):
        cut_classes(model, kept, "rec.onnx")


def test_a_small_recognizer_still_reads_what_was_kept():
    cut = cut_classes(coded_recognizer(300), [0, 7, 250], "model")
    picture = np.zeros((1, 3, 32, 8 * STEP), np.float32)
    assert run_all(cut, {"x": picture})["y"].argmax(axis=2).tolist() == [[0] * 8]
