"""ONNX models from elsewhere become what an export from Paddle would be."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, version_converter

from coded_recognizer import STEP, coded_recognizer
from convert.graphs import small_network
from snapml_ocr.convert.charset import cut_classes
from snapml_ocr.convert.onnx_source import ADDED, import_onnx
from snapml_ocr.errors import UserError
from snapml_ocr.onnx_files.model_file import metadata_of
from snapml_ocr.runtime.feeds import run_all

WIDTH = 16
PICTURE = {"x": np.random.default_rng(0).uniform(-1, 1, (1, 3, 32, WIDTH)).astype(np.float32)}


def imported(model, tmp_path):
    path = tmp_path / "other.onnx"
    path.write_bytes(model.SerializeToString())
    return import_onnx(path, name="m")


def without_softmax(model):
    softmax = model.graph.node.pop()
    model.graph.node[-1].output[0] = softmax.output[0]
    return model


def with_more_outputs(model):
    model.graph.output.add(name="features").type.tensor_type.elem_type = TensorProto.FLOAT
    return model


@pytest.mark.parametrize("opset", [8, 11, 13, 18, 21])
def test_a_recognizer_of_any_opset_gives_what_it_gave(tmp_path, opset):
    model = coded_recognizer(7)
    if opset < 11:  # what it holds is the same there; ONNX's converter goes up alone
        model.opset_import[0].version = opset
    elif opset > 11:
        model = version_converter.convert_version(model, opset)
    made = imported(model, tmp_path)
    assert np.array_equal(run_all(made, PICTURE)["y"], run_all(model, PICTURE)["y"])
    assert metadata_of(made)["snapml_ocr.model"] == "m"
    assert ADDED not in metadata_of(made)


def test_scores_get_the_softmax_that_they_lack_and_other_outputs_go(tmp_path):
    made = imported(with_more_outputs(without_softmax(coded_recognizer(7))), tmp_path)
    assert metadata_of(made)[ADDED] == "Softmax"
    assert [output.name for output in made.graph.output] == ["y"]
    assert np.allclose(run_all(made, PICTURE)["y"], run_all(coded_recognizer(7), PICTURE)["y"])


def test_its_classes_are_cut_as_those_of_an_export_are(tmp_path):
    made = imported(without_softmax(coded_recognizer(7)), tmp_path)
    probabilities = run_all(cut_classes(made, [0, 2, 5], "m"), PICTURE)["y"]
    assert probabilities.shape == (1, WIDTH // STEP, 3)
    assert probabilities.sum(axis=-1) == pytest.approx(1)


def grey(model):
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 1


def second_input(model):
    model.graph.input.append(helper.make_tensor_value_info("widths", TensorProto.INT64, ["n"]))


def integers(model):
    model.graph.node.append(helper.make_node("Cast", ["y"], ["ids"], to=TensorProto.INT64))
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("ids", TensorProto.INT64, None))


def bytes_input(model):
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (grey, "input x is a grey image .* expected 3 channels"),
        (second_input, r"exactly one input, the image; the model has 2 \(x, widths\)"),
        (integers, "its first output, ids, is INT64"),
        (bytes_input, "input x is UINT8, expected a FLOAT image"),
    ],
)
def test_what_cannot_be_used_is_refused_by_what_is_in_the_way(tmp_path, spoil, words):
    model = coded_recognizer(7)
    spoil(model)
    with pytest.raises(UserError, match=rf"other\.onnx: .*{words}") as caught:
        imported(model, tmp_path)
    assert "\n" not in str(caught.value)


def test_the_same_file_gives_the_same_bytes(tmp_path):
    model = small_network()
    first, second = (imported(model, tmp_path).SerializeToString(deterministic=True) for _ in range(2))
    assert first == second
    onnx.checker.check_model(onnx.load_from_string(first), full_check=True)
