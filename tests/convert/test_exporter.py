"""The exporter on a real model, in its locked environment, as the build runs it."""

import shutil
import subprocess
import sys

import onnx
import pytest

from real_models import PROJECT, SCRIPTS

SMALL = "ch_ppocr_mobile_v2_cls_infer"


def export(folder, output, *arguments, lock="export-pdmodel"):
    command = [sys.executable, SCRIPTS / "in_environment.py", PROJECT / "envs" / f"{lock}.lock"]
    command += [SCRIPTS / "export.py", folder, output, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture
def copy(real_weights, tmp_path):
    """A copy of the small model's folder, to break."""
    return shutil.copytree(real_weights(SMALL), tmp_path / "broken")


def replace(path, old, new):
    assert len(old) == len(new)
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))


def test_the_same_files_give_the_same_bytes_wherever_they_are(real_weights, tmp_path):
    for place in ("a", "b/c d"):
        folder = shutil.copytree(real_weights(SMALL), tmp_path / place / "model")
        done = export(folder, tmp_path / place / "out.onnx")
        assert done.returncode == 0, done.stderr
        assert done.stdout + done.stderr == ""
    assert (tmp_path / "a/out.onnx").read_bytes() == (tmp_path / "b/c d/out.onnx").read_bytes()


def test_an_export_is_valid_dynamic_and_says_what_it_is(real_onnx):
    model = onnx.load(real_onnx(SMALL))
    onnx.checker.check_model(model, full_check=True)
    assert [dim.HasField("dim_value") for dim in model.graph.input[0].type.tensor_type.shape.dim] == [
        False,
        True,
        False,
        False,
    ]
    assert (model.producer_name, model.producer_version) == ("paddle2onnx", "1.1.0")
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert metadata["snapml_ocr.model"] == SMALL
    assert metadata["snapml_ocr.stage"] == "onnx"
    assert len(metadata["snapml_ocr.source_sha256"]) == 64
    assert len(metadata) == 3


@pytest.mark.parametrize("opset", [10, 12, 16])
def test_the_opset_is_the_one_asked_for(real_weights, tmp_path, opset):
    done = export(real_weights(SMALL), tmp_path / "out.onnx", "--opset", str(opset))
    assert done.returncode == 0, done.stderr
    assert onnx.load(tmp_path / "out.onnx").opset_import[0].version == opset


def assert_refused(done, reason, tmp_path):
    assert done.returncode == 2
    assert reason in done.stderr
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.glob("*.onnx")) == []


def test_an_operator_that_cannot_be_exported_is_named(copy, tmp_path):
    replace(copy / "inference.pdmodel", b"hard_swish", b"hard_swixx")
    done = export(copy, tmp_path / "out.onnx")
    assert_refused(done, "paddle2onnx knows no ONNX form of hard_swixx", tmp_path)


def test_truncated_weights_are_refused(copy, tmp_path):
    weights = copy / "inference.pdiparams"
    weights.write_bytes(weights.read_bytes()[:100_000])
    assert_refused(export(copy, tmp_path / "out.onnx"), "of its bytes are missing at the end", tmp_path)


def test_a_graph_that_is_no_graph_is_refused(copy, tmp_path):
    (copy / "inference.pdmodel").write_text("hello world")
    assert_refused(export(copy, tmp_path / "out.onnx"), "cannot be exported: ", tmp_path)


def test_an_opset_the_exporter_does_not_know_is_refused(copy, tmp_path):
    assert_refused(export(copy, tmp_path / "out.onnx", "--opset", "99"), "opset version in range", tmp_path)


def test_a_pir_model_below_opset_14_is_refused_with_the_reason(copy, tmp_path):
    (copy / "inference.pdmodel").rename(copy / "inference.json")
    done = export(copy, tmp_path / "out.onnx", "--opset", "11")
    assert_refused(done, "a PIR model needs opset 14 or newer, 11 was asked for", tmp_path)


def test_what_the_exporter_prints_is_shown_when_asked_for(copy, tmp_path):
    done = export(copy, tmp_path / "out.onnx", "--verbose")
    assert "[Paddle2ONNX]" in done.stderr
