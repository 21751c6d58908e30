"""Published models that come as ONNX: PP-OCRv6 out of a wheel, and its tiny variant from a mirror."""

import numpy as np
import onnx
import pytest

from real_models import PROJECT
from snapml_ocr.convert.charset import cut_classes
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.dictionary_metadata import from_metadata
from snapml_ocr.ocr.probe import probe_tensor
from snapml_ocr.onnx_files.model_file import metadata_of, read_model
from snapml_ocr.runtime.feeds import run_all
from snapml_ocr.runtime.kept_classes import keep_classes

PICTURES = (PROJECT / "images" / "test1.png", PROJECT / "images" / "test2.png")


@pytest.mark.parametrize("name", ["PP-OCRv6_rec_small", "PP-OCRv6_rec_tiny"])
def test_a_recognizer_is_imported_unchanged_with_its_dictionary_and_cut_to_english(
    real_weights, real_onnx, real_whole_dictionary, name
):
    source, imported = real_weights(name) / "inference.onnx", read_model(real_onnx(name))
    whole = Dictionary.read(real_whole_dictionary(name))
    assert from_metadata(metadata_of(imported), source).characters == whole.characters
    english = Dictionary.read(PROJECT / "rec_char_dict" / "en_dict.txt").entries
    kept = whole.classes_of(whole.cut_to(english))
    cut = cut_classes(imported, kept, name)
    assert len(cut.SerializeToString()) < 0.62 * source.stat().st_size
    for picture in PICTURES:
        tensor = probe_tensor(picture, 48, 320)
        (expected,) = run_all(source, {"x": tensor}).values()
        (found,) = run_all(imported, {"x": tensor}).values()
        assert np.array_equal(found, expected)
        (part,) = run_all(cut, {"x": tensor}).values()
        np.testing.assert_allclose(part, keep_classes(expected, kept), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["PP-OCRv6_det_small", "PP-OCRv6_det_tiny"])
def test_a_detector_is_imported_unchanged(real_weights, real_onnx, name):
    source, imported = real_weights(name) / "inference.onnx", read_model(real_onnx(name))
    onnx.checker.check_model(imported, full_check=True)
    tensor = probe_tensor(PICTURES[0], 320, 320)
    (expected,) = run_all(source, {"x": tensor}).values()
    (found,) = run_all(imported, {"x": tensor}).values()
    assert np.array_equal(found, expected)
