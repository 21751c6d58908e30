"""A pipeline file stands for the options of every program that looks at one model."""

import json
import shutil

import cv2
import pytest
from test_parity_of_stages import PROJECT, run, succeed

from ocr.tiny_models import save_recognizer, stripes
from snapml_ocr.files import sha256_of

SHAPE = (32, 320)
NORMALISATION = {"mean": [0.0] * 3, "std": [1.0] * 3, "channel_order": "bgr"}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    """The file of a pipeline with one recognizer: its original, one for any width, two at one shape."""
    folder = tmp_path_factory.mktemp("pipeline")
    model = save_recognizer(folder / "source.onnx", *SHAPE)
    save_recognizer(folder / "onnx.onnx", SHAPE[0], None)
    for stage in ("simplified", "snapml"):
        shutil.copyfile(model, folder / f"{stage}.onnx")

    def file(stage, shape):
        return [{"path": f"{stage}.onnx", "sha256": sha256_of(folder / f"{stage}.onnx"), "shape": shape}]

    part = {
        "model": "tiny",
        "task": "recognition",
        "normalisation": NORMALISATION,
        "shapes": [list(SHAPE)],
        "stages": {
            "source": file("source", None),
            "onnx": file("onnx", None),
            "simplified": file("simplified", list(SHAPE)),
            "snapml": file("snapml", list(SHAPE)),
        },
        "provenance": {"format": "onnx", "sources": [], "files": {}},
        "dictionary": ["b", "g", "r"],
        "space_class": False,
    }
    document = {"schema": 1, "name": "p", "shipped": "snapml", "level": "line", "settings": {}}
    document |= {"detector": None, "classifier": None, "recognizer": part}
    (folder / "p.json").write_text(json.dumps(document))
    (folder / "dictionary.txt").write_text("b\ng\nr\n")
    return folder / "p.json"


def test_a_pipeline_file_gives_what_the_options_give(pipeline, tmp_path):
    folder = pipeline.parent
    data = ["--task", "recognition", "--dataset", PROJECT / "images", "--max_samples", 4]
    size = ["--height", SHAPE[0], "--width", SHAPE[1], "--normalisation", json.dumps(NORMALISATION)]
    decoding = ["--dictionary", folder / "dictionary.txt", "--use_space_char", "False"]
    stages = [f"--stage={name}={folder / name}.onnx" for name in ("onnx", "simplified", "snapml")]

    def both(script, fixed, options, output, flag="--output"):
        for name, given in (("a", ["--pipeline", pipeline]), ("b", options)):
            (tmp_path / name).mkdir(exist_ok=True)
            succeed(script, *fixed, *given, *([flag] if flag else []), tmp_path / name / output)
        first, second = (tmp_path / name / output for name in "ab")
        assert first.read_bytes() == second.read_bytes()
        return first

    inputs = both("make_inputs.py", data, size, "inputs.npz", flag="")
    given = ["--inputs", inputs]
    reference = both("paddle_reference.py", given, ["--model", folder / "source.onnx"], "ref.npz", flag="")
    compared = [*given, "--reference", reference]
    named = [*stages, *decoding, "--model", "tiny", "--original", "source"]
    parity = json.loads(both("parity.py", compared, named, "parity.json").read_text())
    assert list(parity["stages"]) == ["onnx", "simplified", "snapml"]
    assert parity["stages"]["snapml"]["against_original"]["reference"] == "source"
    assert parity["stages"]["snapml"]["against_original"]["equal_decoded"] == 1.0
    shipped = [folder / "snapml.onnx", *decoding, "--name", "tiny"]
    assert json.loads(both("float16.py", given, shipped, "float16.json").read_text())["model"] == "tiny"


def test_shapes_are_recommended_for_the_models_of_a_pipeline(pipeline, tmp_path):
    crops = tmp_path / "crops"
    crops.mkdir()
    for name, text in enumerate(["b", "rg"]):
        cv2.imwrite(str(crops / f"{name}.png"), stripes(text))
    options = ["--recognizer", "-i", crops, "--widths", 16, 64, "--most_shapes", 1, "--threads", 1]
    done = run("recommend_shapes.py", "--pipeline", pipeline, *options)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "shapes: [32x64]"


def test_what_a_pipeline_lacks_is_said_in_one_line(pipeline, tmp_path):
    data = ["--dataset", PROJECT / "images", "--max_samples", 2]
    done = run("make_inputs.py", "--task", "detection", *data, "--pipeline", pipeline, tmp_path / "x.npz")
    assert (done.returncode, done.stderr) == (2, f"error: {pipeline}: p has no detector\n")
    inputs = tmp_path / "inputs.npz"
    at = ["--height", 32, "--width", 640]
    succeed("make_inputs.py", "--task", "recognition", *data, *at, "--pipeline", pipeline, inputs)
    done = run("float16.py", "--pipeline", pipeline, "--inputs", inputs, "--output", tmp_path / "x.json")
    assert (done.returncode, done.stderr) == (2, f"error: {pipeline}: has no tiny at 32x640; it has 32x320\n")
    done = run("float16.py", "--inputs", inputs, "--output", tmp_path / "x.json")
    assert (done.returncode, done.stderr) == (2, "error: give MODEL.onnx or a --pipeline file\n")
