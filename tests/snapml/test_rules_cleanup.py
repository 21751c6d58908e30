import numpy as np
import onnx
import pytest
from snapml_graphs import fixed, model, node, operators, weights

CASES = [
    ([node("Identity", ["a"], "b")], {}),
    ([node("Dropout", ["a"], "b")], {}),
    ([node("Cast", ["a"], "b", to=onnx.TensorProto.FLOAT)], {}),
    ([node("Transpose", ["a"], "b", perm=[0, 1, 2, 3])], {}),
    ([node("Concat", ["a"], "b", axis=1)], {}),
    ([node("Sum", ["a"], "b")], {}),
    ([node("MaxPool", ["a"], "b", kernel_shape=[1, 1])], {}),
    ([node("Mul", ["a", "c"], "b")], {"c": np.float32(1)}),
    ([node("Add", ["c", "a"], "b")], {"c": np.zeros((3, 1, 1), np.float32)}),
    ([node("Pad", ["a", "c"], "b")], {"c": np.zeros(8, np.int64)}),
    ([node("Slice", ["a", "c", "d"], "b")], {"c": np.array([0]), "d": np.array([99])}),
    ([node("Expand", ["a", "c"], "b")], {"c": np.array([1, 1, 1, 1])}),
    ([node("Tile", ["a", "c"], "b")], {"c": np.array([1, 1, 1, 1])}),
    ([node("Reshape", ["a", "c"], "b")], {"c": np.array([0, 0, 0, 0])}),
    (
        [node("Resize", ["a", "roi", "c"], "b")],
        {"roi": np.zeros(0, np.float32), "c": np.ones(4, np.float32)},
    ),
]


@pytest.mark.parametrize(("nodes", "constants"), CASES, ids=[case[0][0].op_type for case in CASES])
@pytest.mark.parametrize("at_output", [False, True])
def test_nodes_that_change_nothing_vanish(nodes, constants, at_output):
    last = "b" if at_output else "y"
    chain = [node("Tanh", ["x"], "a"), *nodes] + ([] if at_output else [node("Sigmoid", ["b"])])
    result = fixed(model(chain, {"x": (1, 3, 4, 5)}, outputs=(last,), constants=constants))
    assert operators(result) == (["Tanh"] if at_output else ["Tanh", "Sigmoid"])


def test_a_node_that_joins_an_input_to_an_output_stays():
    result = fixed(
        model([node("Dropout", ["x"]), node("Relu", ["x"], "z")], {"x": (1, 3)}, outputs=("y", "z"))
    )
    assert sorted(operators(result)) in (["Dropout", "Relu"], ["Identity", "Relu"])


def test_two_outputs_of_the_same_value_stay_two():
    fixed(
        model(
            [node("Relu", ["x"], "a"), node("Identity", ["a"], "y"), node("Identity", ["a"], "z")],
            {"x": (1, 3)},
            outputs=("y", "z"),
        )
    )


def test_equal_nodes_that_are_both_outputs_stay_two_outputs():
    fixed(model([node("Relu", ["x"], "y"), node("Relu", ["x"], "z")], {"x": (1, 3)}, outputs=("y", "z")))


def test_metadata_of_the_model_is_kept_and_traces_of_the_tools_are_not_added():
    graph = model([node("HardSigmoid", ["x"])], {"x": (1, 3, 4, 5)})
    onnx.helper.set_model_props(graph, {"author": "somebody", "dictionary": "en"})
    result = fixed(graph)
    kept = {"author": "somebody", "dictionary": "en", "snapml_ocr.stage": "snapml"}
    assert {one.key: one.value for one in result.metadata_props} == kept
    assert b"onnxscript" not in result.SerializeToString()


def test_every_node_has_a_name_of_its_own():
    nodes = [node("Tanh", ["x"], "a"), node("HardSigmoid", ["a"], "b"), node("Sigmoid", ["b"])]
    for one in nodes:
        one.name = ""
    result = fixed(model(nodes, {"x": (1, 3, 4, 5)}))
    names = [one.name for one in result.graph.node]
    assert all(names)
    assert len(set(names)) == len(names)


def test_unused_initializers_and_stale_shapes_are_gone():
    graph = model([node("Relu", ["x"])], {"x": (1, 3)}, constants={"unused": weights(0, 4)})
    graph.graph.output[0].type.tensor_type.shape.dim[0].dim_param = "N"
    result = fixed(graph)
    assert not result.graph.initializer
    assert [dim.dim_value for dim in result.graph.output[0].type.tensor_type.shape.dim] == [1, 3]
