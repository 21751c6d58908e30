import numpy as np
import pytest
from onnx import TensorProto, helper, save

from snapml_ocr.errors import UserError
from snapml_ocr.runtime.model import open_model


def saved(path, shape, *, inputs=1):
    names = [f"x{index}" for index in range(inputs)]
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in names]
    nodes = [helper.make_node("Relu", ["x0"], ["y"]), helper.make_node("Neg", ["x0"], ["z"])]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("y", "z")]
    graph = helper.make_graph(nodes, "g", values, outputs)
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7), path)
    return path


@pytest.mark.parametrize("optimise", [True, False])
def test_the_first_output_is_returned(tmp_path, optimise):
    model = open_model(saved(tmp_path / "m.onnx", [1, 3, 2, 2]), optimise=optimise)
    batch = np.linspace(-1, 1, 12, dtype=np.float32).reshape(1, 3, 2, 2)
    assert model.output_names == ("y", "z")
    np.testing.assert_array_equal(model.run(batch), np.maximum(batch, 0))


def test_dynamic_sizes_are_none(tmp_path):
    model = open_model(saved(tmp_path / "m.onnx", [1, 3, "h", None]))
    assert model.input_shape == (1, 3, None, None)


def test_a_batch_of_another_shape_names_the_file_and_the_shape(tmp_path):
    model = open_model(saved(tmp_path / "m.onnx", [1, 3, 2, 2]))
    with pytest.raises(UserError, match=r"m\.onnx: failed on an input of 1x3x4x4"):
        model.run(np.zeros((1, 3, 4, 4), np.float32))


def test_a_model_with_two_inputs_is_refused(tmp_path):
    with pytest.raises(UserError, match="exactly one image input"):
        open_model(saved(tmp_path / "m.onnx", [1], inputs=2))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.onnx", "no such model"),
        ("text.onnx", "ONNX Runtime cannot open it"),
        ("empty", "holds neither"),
        ("alone.json", "needs its weights beside it"),
    ],
)
def test_what_is_no_model_is_reported_by_name(tmp_path, name, message):
    (tmp_path / "text.onnx").write_text("hello")
    (tmp_path / "alone.json").write_text("{}")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=message) as error:
        open_model(tmp_path / name)
    assert name.split(".")[0] in str(error.value)


def test_no_threads_are_refused(tmp_path):
    with pytest.raises(UserError, match="at least 1"):
        open_model(saved(tmp_path / "m.onnx", [1]), threads=0)


def test_threads_do_not_change_a_single_bit(real_simplified):
    path = real_simplified("ch_PP-OCRv4_rec_infer", 48, 320)
    batch = np.random.default_rng(0).uniform(-1, 1, (1, 3, 48, 320)).astype(np.float32)
    one, two = (open_model(path, threads=threads).run(batch) for threads in (1, 2))
    np.testing.assert_array_equal(one, two)
