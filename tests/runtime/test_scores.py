import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from onnx import helper

from coded_recognizer import STEP, coded_recognizer
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.recognizer import Recognizer
from snapml_ocr.runtime.model import open_model, probabilities_of
from snapml_ocr.runtime.score_output import gives_scores

CLASSES, WIDTH = 12, 32


def saved(model, path):
    path.write_bytes(model.SerializeToString())
    return path


def scores_model(*, declared=False, rank_four=False):
    """The coded recognizer without its Softmax, scores of a size that float32 tells apart."""
    model = coded_recognizer(CLASSES, WIDTH, {"output": "scores"} if declared else {})
    softmax = model.graph.node.pop()
    small = helper.make_node("Constant", [], ["small"], value=onnx.numpy_helper.from_array(np.float32(1e-3)))
    model.graph.node.extend([small, helper.make_node("Mul", [softmax.input[0], "small"], ["y"])])
    if rank_four:
        model.graph.node[-1].output[0] = "flat_scores"
        axes = helper.make_node("Transpose", ["flat_scores"], ["turned"], perm=[0, 2, 1])
        model.graph.node.extend([axes, helper.make_node("Unsqueeze", ["turned"], ["y"], axes=[2])])
        shape = [1, CLASSES, 1, WIDTH // STEP]
        model.graph.output[0].CopyFrom(helper.make_tensor_value_info("y", 1, shape))
    onnx.checker.check_model(model, full_check=True)
    return model


@pytest.mark.parametrize("rank_four", [False, True])
def test_declared_scores_are_run_to_the_probabilities_of_each_step(tmp_path, rank_four):
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 3, 32, WIDTH)).astype(np.float32)
    declared = open_model(saved(scores_model(declared=True, rank_four=rank_four), tmp_path / "a.onnx"))
    plain = open_model(saved(scores_model(), tmp_path / "b.onnx")).run(picture)
    probabilities = declared.run(picture)
    assert probabilities.shape == (1, WIDTH // STEP, CLASSES)
    assert probabilities.sum(axis=-1) == pytest.approx(1, abs=1e-5)
    assert np.log(probabilities) - plain == pytest.approx(
        (np.log(probabilities) - plain)[..., :1].repeat(CLASSES, axis=-1), abs=1e-4
    )


def test_a_recognizer_of_scores_reads_with_probabilities_and_says_so(tmp_path, capsys):
    path = saved(scores_model(), tmp_path / "scores.onnx")
    letters = Dictionary(tuple("abcdefghij"), space=True)
    crop = np.full((32, WIDTH, 3), (0, 0, 255), np.uint8)
    reading = Recognizer([path], letters).read(crop)
    assert reading.text
    assert 0 < reading.score <= 1
    assert "scores.onnx: gives scores" in capsys.readouterr().err


@given(arrays.arrays(np.float32, (1, 4, 5), elements=st.floats(-60, 60, width=32)))
def test_probabilities_are_told_from_scores(scores):
    probabilities = probabilities_of(scores)
    assert not gives_scores(probabilities)
    assert not gives_scores(probabilities.astype(np.float16).astype(np.float32))
    assert gives_scores(np.log(probabilities + 1e-9))
