"""The five real models through export and simplification."""

import json
import subprocess
import sys

import cv2
import numpy as np
import onnx
import pytest

from real_models import REAL_SHAPES, SCRIPTS
from snapml_ocr.convert.static_shapes import dynamic_tensors

MAX_DIFFERENCE = 1e-4
"""Folding batch normalisation rounds the weights anew, and a detector's map is steep at the edges of text:
there float32 itself is 1e-5 to 2e-5 off exact arithmetic, before and after. The mean difference is 1e-9."""


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    """Text on a background that is not plain: natural enough to make detectors answer."""
    generator = np.random.default_rng(0)
    pixels = cv2.GaussianBlur(generator.integers(0, 255, (480, 640, 3)).astype(np.uint8), (0, 0), 25)
    for line, text in enumerate(["Speed limit 50", "EXIT 12", "Coffee & Tea", "OPEN"]):
        cv2.putText(pixels, text, (30, 90 + 100 * line), cv2.FONT_HERSHEY_SIMPLEX, 2, (250, 250, 245), 5)
    path = tmp_path_factory.mktemp("pictures") / "it's a picture.png"
    path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    return path


def run_simplify(*arguments):
    command = [sys.executable, SCRIPTS / "simplify.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def test_a_dictionary_is_fetched_like_a_model(real_dictionary):
    characters = real_dictionary("ch_PP-OCRv4_rec_infer").read_text(encoding="utf-8").splitlines()
    assert len(characters) == 6623


@pytest.mark.parametrize(("name", "height", "width"), REAL_SHAPES)
def test_a_simplified_real_model_is_static_valid_and_has_its_opset(real_simplified, name, height, width):
    model = onnx.load(real_simplified(name, height, width))
    onnx.checker.check_model(model, full_check=True)
    assert dynamic_tensors(model) == []
    assert [dim.dim_value for dim in model.graph.input[0].type.tensor_type.shape.dim] == [1, 3, height, width]
    assert model.opset_import[0].version == 11
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert (metadata["snapml_ocr.model"], metadata["snapml_ocr.stage"]) == (name, "simplified")
    assert len(metadata["snapml_ocr.source_sha256"]) == 64
    assert ("character" in metadata) == ("_rec_" in name)


@pytest.mark.parametrize(("name", "height", "width"), REAL_SHAPES)
def test_outputs_equal_the_exports_on_a_picture_and_the_bytes_repeat(  # noqa: PLR0917
    real_onnx, real_simplified, picture, tmp_path, name, height, width
):
    shape = ("--height", str(height), "--width", str(width))
    arguments = (real_onnx(name), tmp_path / "out.onnx", *shape, "--probe_images", picture)
    tolerance = ("--max_abs_diff", str(MAX_DIFFERENCE))
    done = run_simplify(*arguments, *tolerance, "--report", tmp_path / "report.json")
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert 0 <= report["max_abs_diff"] <= MAX_DIFFERENCE
    assert report["probe_images"] == [picture.name]
    assert sum(report["operators_after"].values()) < sum(report["operators_before"].values())
    assert (tmp_path / "out.onnx").read_bytes() == real_simplified(name, height, width).read_bytes()


def test_outputs_beyond_the_tolerance_are_a_failed_check_with_the_number(real_onnx, picture, tmp_path):
    model = real_onnx("ch_ppocr_mobile_v2_cls_infer")
    shape = ("--height", "48", "--width", "192", "--probe_images", picture)
    done = run_simplify(model, tmp_path / "out.onnx", *shape, "--max_abs_diff", "1e-12")
    assert done.returncode == 1
    assert "simplifying changes outputs by" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("model", "probe", "reason"),
    [("nowhere.onnx", None, "no such file"), (None, "nowhere.png", "no such image")],
)
def test_missing_files_are_named_in_one_line(  # noqa: PLR0917
    real_onnx, picture, tmp_path, model, probe, reason
):
    model = model or real_onnx("ch_ppocr_mobile_v2_cls_infer")
    shape = ("--height", "48", "--width", "192", "--probe_images", probe or picture)
    done = run_simplify(model, tmp_path / "out.onnx", *shape)
    assert done.returncode == 2
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
