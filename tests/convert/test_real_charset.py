"""The real recognizers cut to the characters of English text, and to others."""

import subprocess
import sys

import numpy as np
import onnx
import pytest

from real_models import PROJECT, SCRIPTS
from snapml_ocr.convert.charset import cut_classes
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.dictionary_metadata import from_metadata
from snapml_ocr.ocr.probe import probe_tensor
from snapml_ocr.runtime.feeds import run_all
from snapml_ocr.runtime.kept_classes import keep_classes
from snapml_ocr.snapml.fixer import fix

FULL, CUT, ENGLISH = "ch_PP-OCRv4_rec_infer", "ch_PP-OCRv4_rec_infer-en", "en_number_mobile_v2.0_rec_infer"
MAX_MEGABYTES = 12.7
"""Of detector and recognizer of the default build together, as float32 SnapML files."""


def with_scores(model):
    """The model with the input of its softmax as output: scores before normalisation."""
    scores = onnx.ModelProto()
    scores.CopyFrom(model)
    softmax = next(node for node in scores.graph.node if list(node.output) == [scores.graph.output[0].name])
    assert softmax.op_type == "Softmax"
    scores.graph.output[0].name = softmax.input[0]
    scores.graph.node.remove(softmax)
    return scores


def output(model, picture):
    return next(iter(run_all(model, {model.graph.input[0].name: picture}).values()))


@pytest.mark.parametrize(
    ("name", "height", "charset"), [(FULL, 48, "0123456789-"), (FULL, 48, None), (ENGLISH, 32, "aeiou XYZ")]
)
def test_scores_and_probabilities_of_the_characters_kept_stay(
    real_onnx, real_whole_dictionary, name, height, charset
):
    whole = Dictionary.read(real_whole_dictionary(name))
    english = Dictionary.read(PROJECT / "rec_char_dict" / "en_dict.txt").entries
    kept = whole.classes_of(whole.cut_to(charset or english))
    model = onnx.load(real_onnx(name))
    cut = cut_classes(model, kept, name)
    for picture in (PROJECT / "images" / "test1.png", PROJECT / "images" / "test2.png"):
        tensor = probe_tensor(picture, height, 320)
        scores = output(with_scores(model), tensor)[..., kept]
        np.testing.assert_allclose(output(with_scores(cut), tensor), scores, rtol=0, atol=1e-4)
        probabilities = keep_classes(output(model, tensor), kept)
        np.testing.assert_allclose(output(cut, tensor), probabilities, rtol=0, atol=1e-5)


def test_the_export_is_cut_and_says_what_is_left(real_onnx, real_dictionary):
    model = onnx.load(real_onnx(CUT))
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    dictionary = from_metadata(metadata, real_onnx(CUT))
    assert model.graph.output[0].type.tensor_type.shape.dim[2].dim_value == 96
    assert dictionary.entries == Dictionary.read(real_dictionary(CUT)).entries
    assert set(dictionary.characters[1:]) == {chr(code) for code in range(0x20, 0x7F)}
    assert metadata["snapml_ocr.dictionary"] == "ppocr_keys_v1.txt"


def test_a_dictionary_of_another_model_is_refused_at_the_export(real_weights, tmp_path):
    command = [sys.executable, SCRIPTS / "in_environment.py", PROJECT / "envs" / "export-pdmodel.lock"]
    command += [SCRIPTS / "export.py", real_weights(FULL), tmp_path / "out.onnx"]
    command += ["--dictionary", PROJECT / "rec_char_dict" / "en_dict.txt"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 2
    assert "has 6625 classes" in done.stderr
    assert "gives 97 (blank and space included)" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_detector_and_cut_recognizer_fit_their_budget(real_simplified):
    models = [("ch_PP-OCRv4_det_infer", 640, 640), (CUT, 48, 320)]
    sizes = [fix(onnx.load(real_simplified(*model))).model.ByteSize() for model in models]
    assert sum(sizes) <= MAX_MEGABYTES * 1e6
