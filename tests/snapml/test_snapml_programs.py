import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from snapml_graphs import model, node, weights

import snapml_check
import snapml_fix
from snapml_ocr.cli import run

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
MAINS = {"snapml_fix.py": snapml_fix.main, "snapml_check.py": snapml_check.main}


@pytest.fixture
def program(monkeypatch, capsys):
    """Run a program as its command line does, in this process: the imports cost more than the work."""

    def call(name, *arguments):
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            run(MAINS[name])
        said = capsys.readouterr()
        return SimpleNamespace(returncode=left.value.code, stdout=said.out, stderr=said.err)

    return call


@pytest.fixture
def picture_model(tmp_path):
    path = tmp_path / "model.onnx"
    graph = model(
        [node("Conv", ["x", "w"], "a", strides=[2, 1]), node("HardSigmoid", ["a"])],
        {"x": (1, 3, 16, 16)},
        constants={"w": weights(0, 4, 3, 3, 3)},
    )
    onnx.save(graph, path)
    return path


def test_fix_then_check_says_importable_and_writes_both_reports(program, picture_model, tmp_path):
    image = tmp_path / "image.png"
    cv2.imwrite(str(image), np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8))
    target, fixes, compat = (tmp_path / name for name in ("fixed.onnx", "fixes.json", "compat.json"))
    before = program("snapml_check.py", picture_model)
    assert before.returncode == 1
    assert "fixed by hard_sigmoid" in before.stdout
    done = program(
        "snapml_fix.py",
        *("--input_path", picture_model, "--output_path", target, "--report", fixes, "--probe_images", image),
    )
    assert done.returncode == 0, done.stderr
    after = program("snapml_check.py", target, "--json", compat)
    assert after.returncode == 0
    assert "4 of 4 layers run on iphone_npu" in after.stdout
    report = json.loads(fixes.read_text())
    assert report["nodes"] == {"before": 2, "after": 4}
    assert report["largest_difference"]["probe_input"] < 1e-6
    assert {change["rule"] for change in report["changes"]} >= {"equal_strides", "hard_sigmoid"}
    assert report["remaining"] == {target: [] for target in report["targets"]}
    assert set(report["tools"]) == {"onnx", "onnx-ir", "onnxscript", "onnxruntime", "numpy"}
    assert json.loads(compat.read_text())["targets"]["cpu"]["available"] == 4


def test_nothing_is_written_when_outputs_would_differ(program, picture_model, tmp_path):
    target = tmp_path / "fixed.onnx"
    done = program(
        "snapml_fix.py", "--input_path", picture_model, "--output_path", target, "--max_abs_diff", "0"
    )
    assert done.returncode == 1
    assert "outputs moved by" in done.stderr
    assert not target.exists()


def write(path, content):
    path.write_bytes(content)
    return path


def with_subgraph():
    branch = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["z"])], "b", [], [helper.make_tensor_value_info("z", 1, (1, 3))]
    )
    condition = helper.make_node("If", ["c"], ["y"], name="choice", then_branch=branch, else_branch=branch)
    graph = helper.make_graph(
        [condition],
        "g",
        [
            helper.make_tensor_value_info("x", 1, (1, 3)),
            helper.make_tensor_value_info("c", TensorProto.BOOL, ()),
        ],
        [helper.make_tensor_value_info("y", 1, (1, 3))],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)


def dynamic():
    graph = model([node("Relu", ["x"])], {"x": (1, 3)})
    graph.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "N"
    return graph


def chain(length=30_000):
    names = ["x", *(f"t{number}" for number in range(length)), "y"]
    return model([node("Relu", [first], second) for first, second in pairwise(names)], {"x": (1, 3)})


def absurd():
    return model([node("Relu", ["x"])], {"x": (1, 3, 2**30, 2**30)})


def empty():
    graph = helper.make_graph([], "g", [], [])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: b"this is no model", "not an ONNX model"),
        (lambda: b"", "not an ONNX model"),
        (lambda: empty().SerializeToString(), "no nodes"),
        (lambda: with_subgraph().SerializeToString(), "choice: If contains a subgraph"),
        (lambda: dynamic().SerializeToString(), "fix the shapes first"),
        (lambda: chain().SerializeToString(), "more than 20000 nodes"),
        (lambda: absurd().SerializeToString(), "no model for a Lens has"),
    ],
    ids=["text", "nothing", "empty graph", "subgraph", "dynamic", "30,000 nodes", "absurd input"],
)
def test_what_cannot_be_worked_on_is_refused_with_one_line(program, tmp_path, content, words):
    source = write(tmp_path / "in.onnx", content())
    done = program("snapml_fix.py", "--input_path", source, "--output_path", tmp_path / "out.onnx")
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out.onnx").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["absent.onnx"], "no such file"),
        (["{model}", "--targets", "cpu,fridge"], "fridge given"),
        (["{model}", "--targets", ","], "nothing given"),
        (["{model}", "--with_models", "absent.onnx"], "no such file"),
    ],
)
def test_wrong_usage_of_the_checker_exits_with_two(program, picture_model, arguments, words):
    done = program("snapml_check.py", *[one.format(model=picture_model) for one in arguments])
    assert done.returncode == 2
    assert words in done.stderr


def test_models_with_subgraphs_are_checked_and_called_undocumented(program, tmp_path):
    source = write(tmp_path / "in.onnx", with_subgraph().SerializeToString())
    done = program("snapml_check.py", source)
    assert done.returncode == 1
    assert "undocumented everywhere: 1 x If" in done.stdout


def test_targets_choose_the_form(program, picture_model, tmp_path):
    target = tmp_path / "fixed.onnx"
    program(
        "snapml_fix.py",
        "--input_path",
        picture_model,
        "--output_path",
        target,
        "--targets",
        "cpu,android_gpu",
    )
    assert "Slice" in {one.op_type for one in onnx.load(target).graph.node}


@pytest.mark.parametrize("name", sorted(MAINS))
def test_help_is_quick_and_names_the_exit_codes(name):
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / name), "--help"], capture_output=True, text=True, check=True
    )
    assert "Exit 0" in done.stdout
