import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from small_models import convolutions, model_of

from snapml_ocr.evaluate.float16_models import (
    PeakModel,
    weight_range,
    with_float16_activations,
    with_float16_weights,
)
from snapml_ocr.runtime.feeds import OpenedModel, random_feeds, run_all


def half(values):
    with np.errstate(over="ignore"):
        return values.astype(np.float16).astype(np.float32)


def test_rounded_weights_are_the_nearest_float16_values():
    model = convolutions()
    rounded = {
        tensor.name: numpy_helper.to_array(tensor) for tensor in with_float16_weights(model).graph.initializer
    }

    for tensor in model.graph.initializer:
        assert np.array_equal(rounded[tensor.name], half(numpy_helper.to_array(tensor)))


def test_weights_in_constant_nodes_are_rounded_too():
    weight = numpy_helper.from_array(np.array([0.1], np.float32))
    nodes = [
        helper.make_node("Constant", [], ["w"], value=weight),
        helper.make_node("Mul", ["x", "w"], ["out"]),
    ]
    rounded = with_float16_weights(model_of(nodes, {}))

    assert numpy_helper.to_array(rounded.graph.node[0].attribute[0].t)[0] == half(np.float32(0.1))


def test_rounded_activations_equal_rounding_by_hand_after_every_operator():
    nodes = [
        helper.make_node("Mul", ["x", "k"], ["a"]),
        helper.make_node("Add", ["a", "x"], ["b"]),
        helper.make_node("Sigmoid", ["b"], ["out"]),
    ]
    model = model_of(nodes, {"k": [1.7]})
    feeds = random_feeds(model, 3)

    found = run_all(with_float16_activations(model), feeds)["out"]

    x = half(feeds["x"])
    b = half(half(x * np.float32(1.7)) + x)
    sigmoid = run_all(model_of([helper.make_node("Sigmoid", ["x"], ["out"])], {}), {"x": b})["out"]
    assert np.array_equal(found, half(sigmoid))


def test_an_activation_beyond_the_limit_becomes_infinite_as_on_a_device():
    nodes = [helper.make_node("Mul", ["x", "k"], ["a"]), helper.make_node("Mul", ["a", "l"], ["out"])]
    model = model_of(nodes, {"k": [60000.0], "l": [0.001]})
    feeds = {"x": np.full((1, 3, 8, 8), 1.5, np.float32)}

    watched = PeakModel(model)
    watched.run(feeds)

    assert watched.largest()[0][0].name == "a"
    assert watched.largest()[0][1] == 90000.0
    assert np.isinf(run_all(with_float16_activations(model), feeds)["out"]).all()


def test_peaks_are_kept_over_all_runs():
    watched = PeakModel(model_of([helper.make_node("Neg", ["x"], ["out"])], {}))
    for value in (1.0, 5.0, 2.0):
        watched.run({"x": np.full((1, 3, 8, 8), value, np.float32)})

    assert watched.largest()[0][1] == 5.0


def test_weights_that_do_not_fit_are_counted():
    nodes = [helper.make_node("Mul", ["x", "k"], ["out"])]
    found = weight_range(model_of(nodes, {"k": np.array([1e5, 1e-9, 0.0, 1.0]).reshape(4, 1, 1)[:3]}))

    assert (found.overflowing, found.vanishing, found.count) == (1, 1, 3)


@pytest.mark.parametrize(
    ("name", "height", "width"),
    [("ch_ppocr_mobile_v2_cls_infer", 48, 192), ("ch_PP-OCRv4_rec_infer", 48, 320)],
)
def test_real_models_run_with_everything_rounded(real_simplified, name, height, width):
    model = onnx.load(real_simplified(name, height, width))
    feeds = random_feeds(model, 0)

    exact = next(iter(run_all(model, feeds).values()))
    rounded = next(
        iter(OpenedModel(with_float16_activations(with_float16_weights(model))).run(feeds).values())
    )

    assert rounded.shape == exact.shape
    assert 0 < np.abs(rounded - exact).max() < 0.2
