"""The PIR road on a real model: the v4 detector, translated from `.pdmodel` by Paddle itself."""

import shutil

import numpy as np
import onnx
import pytest

from convert.test_exporter import assert_refused, export, replace
from snapml_ocr.convert.simplifier import difference, simplify
from snapml_ocr.onnx_files.model_file import read_model
from snapml_ocr.runtime.feeds import run_all

MODEL = "ch_PP-OCRv4_det_infer"
SIZE = {"height": 96, "width": 160}


@pytest.fixture(scope="module")
def exported(real_pir_weights, tmp_path_factory):
    target = tmp_path_factory.mktemp("pir") / "out.onnx"
    done = export(real_pir_weights(MODEL), target, "--opset", "14", lock="paddle")
    assert done.returncode == 0, done.stderr
    assert done.stdout + done.stderr == ""
    return target


def test_the_same_files_give_the_same_bytes_in_another_folder(real_pir_weights, exported, tmp_path):
    folder = shutil.copytree(real_pir_weights(MODEL), tmp_path / "else where" / exported.parent.name)
    export(
        folder, tmp_path / "out.onnx", "--opset", "14", "--name", real_pir_weights(MODEL).name, lock="paddle"
    )
    assert (tmp_path / "out.onnx").read_bytes() == exported.read_bytes()


def test_it_is_simplified_and_equals_the_older_formats_model(exported, real_onnx):
    pir = read_model(exported)
    assert pir.opset_import[0].version == 14
    simplified = simplify(pir, **SIZE, label="pir")
    image = np.random.default_rng(3).uniform(-1, 1, (1, 3, SIZE["height"], SIZE["width"])).astype(np.float32)
    assert difference(pir, simplified, [image], label="pir") <= 1e-5
    older = simplify(onnx.load(real_onnx(MODEL)), **SIZE, label="pdmodel")
    (found,) = run_all(simplified, {simplified.graph.input[0].name: image}).values()
    (expected,) = run_all(older, {older.graph.input[0].name: image}).values()
    assert np.abs(found - expected).max() <= 1e-5


def test_an_operator_that_cannot_be_exported_is_named(real_pir_weights, tmp_path):
    folder = shutil.copytree(real_pir_weights(MODEL), tmp_path / "broken")
    replace(folder / "inference.json", b"1.hardsigmoid", b"1.hardsigmoix")
    done = export(folder, tmp_path / "out.onnx", "--opset", "14", lock="paddle")
    assert_refused(done, "paddle2onnx knows no ONNX form of hardsigmoix", tmp_path)


def test_a_graph_that_is_cut_is_refused(real_pir_weights, tmp_path):
    folder = shutil.copytree(real_pir_weights(MODEL), tmp_path / "broken")
    graph = folder / "inference.json"
    graph.write_bytes(graph.read_bytes()[:5000])
    done = export(folder, tmp_path / "out.onnx", "--opset", "14", lock="paddle")
    assert_refused(done, "not a complete JSON file", tmp_path)
