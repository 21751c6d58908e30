"""Parity and its gate on a real recognizer and a real detector, whole and damaged."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from labelled import write_picture
from onnx import helper
from small_models import damaged, model_of, rounded_to_3_bits, save, swapped

from snapml_ocr.evaluate.arrays import write_arrays
from snapml_ocr.evaluate.model_inputs import ModelInputs
from snapml_ocr.runtime.model import open_model

PROJECT = Path(__file__).parents[2]
SCRIPTS = PROJECT / "workflow" / "scripts"
NORMALISATION = {
    "recognition": {"mean": [0.5] * 3, "std": [0.5] * 3, "channel_order": "bgr"},
    "detection": {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "channel_order": "bgr"},
}
GATES = {
    "parity": {
        "recognition": {"max_abs": 2e-3, "max_log": 0.05, "equal_decoded": 1.0},
        "detection": {"max_abs": 2e-3, "argmax_equal": 0.9999, "equal_decoded": 1.0},
    }
}


def run(script, *arguments):
    return subprocess.run(
        [sys.executable, SCRIPTS / script, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def succeed(script, *arguments):
    done = run(script, *arguments)
    assert done.returncode == 0, done.stderr


class Bench:
    """One real model with evaluation inputs, and its own outputs as the reference."""

    def __init__(self, folder, task, model, shape, *, dictionary=None, samples=6):
        self.folder, self.model, self.task = folder, model, task
        self.inputs, self.reference = folder / "inputs.npz", folder / "reference.npz"
        self.dictionary = ["--dictionary", dictionary] if dictionary else []
        size = ["--height", shape[0], "--width", shape[1]]
        normalisation = ["--normalisation", json.dumps(NORMALISATION[task]), "--max_samples", samples]
        dataset = ["--task", task, "--dataset", PROJECT / "images"]
        succeed("make_inputs.py", *dataset, *size, *normalisation, self.inputs)
        inputs, opened = ModelInputs(self.inputs), open_model(model, threads=1, optimise=False)
        outputs = np.stack([opened.run(inputs.tensor(index))[0] for index in range(len(inputs))])
        write_arrays(self.reference, {"outputs": outputs}, {})

    def parity(self, snapml):
        output = self.folder / "model_1x1.json"
        stages = ["--stage", f"simplified={self.model}", "--stage", f"snapml={snapml}"]
        succeed(
            "parity.py",
            *["--inputs", self.inputs, "--reference", self.reference, "--output", output],
            *[*stages, *self.dictionary],
        )
        return output

    def gate(self, snapml, *more):
        return run(
            "gate.py",
            *["--gates", json.dumps(GATES), "--parity", self.parity(snapml), *more],
            *["--output", self.folder / "gate.json"],
        )


@pytest.fixture(scope="module")
def recognizer(tmp_path_factory, real_simplified, real_dictionary):
    name = "ch_PP-OCRv4_rec_infer"
    folder = tmp_path_factory.mktemp("recognizer")
    model, dictionary = real_simplified(name, 48, 320), real_dictionary(name)
    return Bench(folder, "recognition", model, (48, 320), dictionary=dictionary)


@pytest.fixture(scope="module")
def detector(tmp_path_factory, real_simplified):
    folder = tmp_path_factory.mktemp("detector")
    model = real_simplified("ch_PP-OCRv4_det_infer", 640, 640)
    return Bench(folder, "detection", model, (640, 640), samples=2)


def is_large_convolution(values):
    return values.ndim == 4 and values.size > 20_000


def classes_of(values):
    return values.ndim in (1, 2) and 6625 in values.shape


def test_a_stage_equal_to_the_reference_passes(recognizer):
    document = json.loads(recognizer.parity(recognizer.model).read_text())

    pair = document["stages"]["snapml"]["against_original"]
    assert (pair["max_abs"], pair["psnr_db"], pair["equal_decoded"]) == (0, None, 1.0)
    assert document["stages"]["snapml"]["against_previous"]["reference"] == "simplified"
    assert "against_previous" not in document["stages"]["simplified"]
    assert recognizer.gate(recognizer.model).returncode == 0


@pytest.mark.parametrize("classes", [(20, 37), (5001, 6002)], ids=["usual", "never likely"])
def test_two_swapped_classes_are_caught_and_the_stage_is_named(recognizer, tmp_path, classes):
    def swap(values):
        return swapped(values.shape.index(6625), *classes)(values)

    other = save(tmp_path / "swapped.onnx", damaged(onnx.load(recognizer.model), swap, classes_of))

    done = recognizer.gate(other)

    assert done.returncode == 1
    assert "parity of model_1x1, stage snapml" in done.stderr
    assert "stage simplified" not in done.stderr


def test_a_weight_rounded_to_3_bits_is_caught_and_the_stage_is_named(detector, tmp_path):
    broken = damaged(onnx.load(detector.model), rounded_to_3_bits, is_large_convolution)

    done = detector.gate(save(tmp_path / "rounded.onnx", broken))

    assert done.returncode == 1
    assert "FAILED  parity" in done.stdout
    assert "stage snapml" in done.stderr


def test_a_stride_made_with_the_wrong_offset_is_caught_and_the_stage_is_named(tmp_path):
    """A stride of two written as a slice that starts at the second row instead of the first."""
    write_picture(tmp_path / "images" / "a.png", 64, 64)
    labels = [{"image": "a.png", "words": []}]
    (tmp_path / "images" / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    weights = {"w": np.random.default_rng(0).normal(size=(1, 3, 1, 1))}
    strided = [
        helper.make_node("Conv", ["x", "w"], ["a"], strides=[2, 1]),
        helper.make_node("Sigmoid", ["a"], ["out"]),
    ]
    models = {"simplified": model_of(strided, weights, inputs=(1, 3, 64, 64))}
    for name, start in (("right", 0), ("wrong", 1)):
        slices = [
            helper.make_node("Conv", ["x", "w"], ["a"]),
            *(
                helper.make_node(
                    "Constant", [], [key], value=onnx.numpy_helper.from_array(np.array([number], np.int64))
                )
                for key, number in {"start": start, "end": 64, "axis": 2, "step": 2}.items()
            ),
            helper.make_node("Slice", ["a", "start", "end", "axis", "step"], ["b"]),
            helper.make_node("Sigmoid", ["b"], ["out"]),
        ]
        models[name] = model_of(slices, weights, inputs=(1, 3, 64, 64))
    files = {name: save(tmp_path / f"{name}.onnx", model) for name, model in models.items()}
    inputs, reference = tmp_path / "inputs.npz", tmp_path / "reference.npz"
    flags = ["--task", "detection", "--height", "64", "--width", "64"]
    flags += ["--normalisation", json.dumps(NORMALISATION["detection"])]
    succeed("make_inputs.py", *flags, "--dataset", tmp_path / "images", inputs)
    tensor = ModelInputs(inputs).tensor(0)
    write_arrays(reference, {"outputs": open_model(files["simplified"]).run(tensor)}, {})

    codes = {}
    for name in ("right", "wrong"):
        output = tmp_path / "model_64x64.json"
        stages = ["--stage", f"simplified={files['simplified']}", "--stage", f"snapml={files[name]}"]
        succeed("parity.py", "--inputs", inputs, "--reference", reference, *stages, "--output", output)
        codes[name] = run(
            "gate.py", "--gates", json.dumps(GATES), "--parity", output, "--output", tmp_path / "gate.json"
        )

    assert codes["right"].returncode == 0
    assert codes["wrong"].returncode == 1
    assert "stage snapml" in codes["wrong"].stderr


def test_the_worst_sample_is_kept_beside_the_numbers(detector, tmp_path):
    broken = damaged(onnx.load(detector.model), rounded_to_3_bits, is_large_convolution)
    output = detector.parity(save(tmp_path / "rounded.onnx", broken))

    worst = json.loads(output.read_text())["worst"]
    kept = np.load(output.parent / worst["arrays"])
    assert worst["stage"] == "snapml"
    assert kept["input"].shape == (1, 3, 640, 640)
    measured = json.loads(output.read_text())["stages"]["snapml"]["against_original"]["max_abs"]
    assert np.abs(kept["reference"] - kept["other"]).max() == pytest.approx(measured, rel=1e-5)
    assert (output.parent / worst["picture"]).read_bytes().startswith(b"\x89PNG")


def test_parity_is_the_same_bytes_twice(recognizer):
    first = recognizer.parity(recognizer.model).read_bytes()

    assert recognizer.parity(recognizer.model).read_bytes() == first


def test_a_reference_made_from_other_inputs_is_refused(recognizer, tmp_path):
    write_arrays(tmp_path / "other.npz", {"outputs": np.zeros((1, 2, 3), np.float32)}, {})

    done = run(
        "parity.py",
        *["--inputs", recognizer.inputs, "--reference", tmp_path / "other.npz"],
        *["--stage", f"onnx={recognizer.model}", *recognizer.dictionary, "--output", tmp_path / "x.json"],
    )

    assert done.returncode == 2
    assert "1 outputs for the 6 inputs" in done.stderr
    assert not (tmp_path / "x.json").exists()


def test_float16_reports_ranges_and_accuracy(recognizer, tmp_path):
    output = tmp_path / "float16.json"
    flags = ["--inputs", recognizer.inputs, *recognizer.dictionary]
    succeed("float16.py", recognizer.model, *flags, "--output", output)

    document = json.loads(output.read_text())
    assert 0 < document["share_of_limit"] < 1
    assert not document["overflows"]
    assert set(document["variants"]) == {"weights", "weights_and_activations"}
    for variant in document["variants"].values():
        assert 0 < variant["max_abs"] < 1
        assert set(variant["accuracy"]) == set(document["accuracy"]["float32"])


@pytest.mark.parametrize("name", ["ch_PP-OCRv4_rec_infer", "ch_PP-OCRv4_rec_infer-en"])
def test_paddle_and_the_simplified_model_say_the_same(  # noqa: PLR0917
    recognizer, real_weights, real_simplified, real_dictionary, real_whole_dictionary, tmp_path, name
):
    reference, model = tmp_path / "paddle.npz", real_simplified(name, 48, 320)
    whole, cut = real_whole_dictionary(name), real_dictionary(name)
    done = run(
        "in_environment.py",
        PROJECT / "envs" / "paddle.lock",
        SCRIPTS / "paddle_reference.py",
        *["--model", real_weights(name), "--inputs", recognizer.inputs, reference],
        *(["--dictionary", whole, "--cut_dictionary", cut] if cut != whole else []),
    )
    assert done.returncode == 0, done.stderr
    succeed(
        "parity.py",
        *["--inputs", recognizer.inputs, "--reference", reference, "--stage", f"simplified={model}"],
        *["--dictionary", cut, "--output", tmp_path / "parity.json"],
    )

    pair = json.loads((tmp_path / "parity.json").read_text())["stages"]["simplified"]["against_original"]
    assert pair["equal_decoded"] == 1.0
    assert pair["argmax_equal"] == 1.0
    assert 0 < pair["max_abs"] < 5e-4
