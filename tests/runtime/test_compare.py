import numpy as np
import pytest
from onnx import TensorProto, helper

from snapml_ocr.errors import CheckFailedError, UserError
from snapml_ocr.runtime.feeds import largest_difference, random_feeds, run_all


def model(*operators, shape=(2, 3), input_name="x", outputs=("y",), elem_type=TensorProto.FLOAT):
    nodes = [
        helper.make_node(operator, [input_name], [output])
        for operator, output in zip(operators, outputs, strict=True)
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(input_name, elem_type, shape)],
        [helper.make_tensor_value_info(output, elem_type, None) for output in outputs],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7)


X = np.array([[-1.0, 0, 2], [3, -4, 5]], np.float32)


def test_every_output_is_returned_by_name():
    found = run_all(model("Relu", "Neg", outputs=("a", "b")), {"x": X})
    np.testing.assert_array_equal(found["a"], np.maximum(X, 0))
    np.testing.assert_array_equal(found["b"], -X)


def test_the_largest_difference_over_all_outputs_and_feeds_is_found():
    first, second = model("Relu", "Neg", outputs=("a", "b")), model("Relu", "Abs", outputs=("a", "b"))
    assert largest_difference(first, second, [{"x": X}]) == 10.0
    assert largest_difference(first, second, [{"x": np.zeros((2, 3), np.float32)}, {"x": X}]) == 10.0
    assert largest_difference(first, first, [{"x": X}]) == 0.0


def test_an_input_may_be_renamed():
    assert largest_difference(model("Relu"), model("Relu", input_name="image"), [{"x": X}]) == 0.0


def test_other_output_names_fail():
    with pytest.raises(CheckFailedError, match="outputs differ"):
        largest_difference(model("Relu"), model("Relu", outputs=("z",)), [{"x": X}])


def test_another_output_shape_fails():
    with pytest.raises(CheckFailedError, match=r"shape \(2, 3\) became \(3, 2\)"):
        largest_difference(model("Relu"), model("Transpose"), [{"x": X}])


def test_infinity_in_one_model_only_fails():
    with pytest.raises(CheckFailedError, match="NaN or infinity"):
        largest_difference(model("Relu"), model("Log"), [{"x": X}])


def test_a_broken_model_is_an_error():
    with pytest.raises(UserError, match="cannot open"):
        run_all(model("NoSuchOperator"), {"x": X})


def test_random_feeds_repeat_and_have_shape_and_type_of_the_inputs():
    first, again = (random_feeds(model("Relu"), seed=3)["x"] for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert (first.shape, first.dtype) == ((2, 3), np.float32)
    assert np.abs(first).max() <= 1
    integers = random_feeds(model("Neg", elem_type=TensorProto.INT64), seed=3)["x"]
    assert integers.dtype == np.int64
    assert set(np.unique(integers)) <= {0, 1}


def test_random_feeds_need_fixed_shapes():
    with pytest.raises(UserError, match="dynamic shape"):
        random_feeds(model("Relu", shape=("n", 3)), seed=0)
