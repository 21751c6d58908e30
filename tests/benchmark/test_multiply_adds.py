import onnx
import pytest
from benchmark_graphs import convolution, one_node
from hypothesis import given
from hypothesis import strategies as st

from snapml_ocr.onnx_files.macs import multiply_adds


@given(height=st.integers(1, 40), width=st.integers(1, 40))
def test_a_convolution_sums_over_its_kernel_for_every_output_value(height, width):
    assert multiply_adds(convolution(height, width)) == 8 * height * width * 3 * 3 * 3


def test_a_depthwise_convolution_counts_one_channel_per_output():
    model = one_node("Conv", {"x": [1, 6, 10, 10], "w": [6, 1, 3, 3]}, [1, 6, 8, 8], group=6)
    assert multiply_adds(model) == 6 * 8 * 8 * 9


def test_a_transposed_convolution_counts_one_kernel_per_input_value():
    model = one_node("ConvTranspose", {"x": [1, 4, 5, 5], "w": [4, 7, 2, 2]}, [1, 7, 10, 10], strides=[2, 2])
    assert multiply_adds(model) == 4 * 5 * 5 * 7 * 2 * 2


def test_matrix_products_count_rows_times_columns_times_depth():
    assert multiply_adds(one_node("MatMul", {"x": [2, 5, 3], "w": [3, 4]}, [2, 5, 4])) == 2 * 5 * 4 * 3
    assert multiply_adds(one_node("Gemm", {"x": [5, 3], "w": [3, 4]}, [5, 4])) == 5 * 4 * 3
    assert multiply_adds(one_node("Gemm", {"x": [3, 5], "w": [3, 4]}, [5, 4], transA=1)) == 5 * 4 * 3


def test_an_lstm_applies_all_its_weights_at_every_step():
    inputs = {"x": [7, 1, 6], "w": [2, 4 * 5, 6], "r": [2, 4 * 5, 5]}
    model = one_node("LSTM", inputs, [7, 2, 1, 5], hidden_size=5, direction="bidirectional")
    assert multiply_adds(model) == 7 * 2 * 4 * 5 * (6 + 5)


def test_other_operators_count_nothing():
    assert multiply_adds(one_node("Relu", {"x": [1, 3, 4, 4]}, [1, 3, 4, 4])) == 0


def test_a_dynamic_model_is_counted_at_the_shape_given_and_not_at_all_without():
    model = convolution("H", "W")
    assert multiply_adds(model) is None
    assert multiply_adds(model, (1, 3, 4, 5)) == multiply_adds(convolution(4, 5))
    assert model.graph.input[0].type.tensor_type.shape.dim[2].dim_param == "H", "the model was changed"


@pytest.mark.parametrize("shape", [(1, 3, 4), (1, 3, 4, 5, 6)])
def test_a_shape_of_another_rank_is_not_forced_upon_a_model(shape):
    assert multiply_adds(convolution("H", "W"), shape) is None


def test_stale_shapes_of_an_earlier_inference_are_not_believed():
    model = onnx.shape_inference.infer_shapes(convolution(4, 5))
    assert multiply_adds(model, (1, 3, 8, 10)) == multiply_adds(convolution(8, 10))
