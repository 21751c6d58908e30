import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "workflow" / "scripts" / "manifest.py"


def run(*arguments):
    return subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, arguments)], capture_output=True, text=True, check=False,
        env=dict(os.environ),
    )  # fmt: skip


@pytest.fixture
def results(tmp_path):
    folder = tmp_path / "results"
    for name in (
        "onnx/a.onnx",
        "snapml/a_4x4.onnx",
        "latency/a_4x4.json",
        "report/index.html",
        "onnx/.b.1.part",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def written(results, *arguments):
    done = run("--results", results, "--output", results / "manifest.json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads((results / "manifest.json").read_text())


def test_artifacts_are_listed_and_what_differs_from_run_to_run_is_not(results):
    assert list(written(results)["files"]) == ["results/onnx/a.onnx", "results/snapml/a_4x4.onnx"]


def test_the_same_files_give_the_same_manifest_even_when_it_is_there_already(results):
    assert written(results) == written(results)


def test_lineage_is_kept_with_its_file(results, tmp_path):
    lineage = tmp_path / "lineage.json"
    entry = {"path": "results/onnx/a.onnx", "inputs": ["b", "a"], "code": "12", "lock": "envs/x.lock"}
    skipped = {"path": "results/latency/a_4x4.json", "inputs": []}
    lineage.write_text(json.dumps([entry, skipped]))
    file = written(results, "--lineage", lineage)["files"]["results/onnx/a.onnx"]
    assert file["inputs"] == ["a", "b"]
    assert (file["code"], file["lock"]) == ("12", "envs/x.lock")


def test_the_versions_of_the_tools_come_from_the_locks(results, tmp_path):
    lock = tmp_path / "x.lock"
    lock.write_text("alpha==1.0 \\\n    --hash=sha256:00\nbeta==2.0\n")
    assert written(results, "--locks", lock)["tools"] == {str(lock): {"alpha": "1.0", "beta": "2.0"}}


@pytest.mark.parametrize(
    ("lineage", "message"),
    [
        ([{"path": "results/onnx/absent.onnx"}], "results/onnx/absent.onnx: the lineage says"),
        ([{"file": "x"}], "lineage: expected objects"),
        (["x"], "lineage: expected objects"),
        ({}, "expected a list"),
    ],
)
def test_a_wrong_lineage_is_refused(results, tmp_path, lineage, message):
    path = tmp_path / "lineage.json"
    path.write_text(json.dumps(lineage))
    done = run("--results", results, "--lineage", path, "--output", results / "manifest.json")
    assert done.returncode == 2
    assert message in done.stderr
    assert not (results / "manifest.json").exists()


def test_unchanged_files_verify_also_after_the_folder_moved(results):
    written(results)
    moved = results.rename(results.with_name("elsewhere"))
    done = run("--verify", moved / "manifest.json")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_difference_is_named(results):
    written(results)
    (results / "onnx/a.onnx").write_text("ONNX/a.onnx")
    (results / "snapml/a_4x4.onnx").unlink()
    (results / "snapml/new.onnx").write_text("new")
    done = run("--verify", results / "manifest.json")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "results/onnx/a.onnx has other content of the same size",
        "results/snapml/a_4x4.onnx is missing",
        "results/snapml/new.onnx is not in the manifest",
    ]


@pytest.mark.parametrize("content", ["{}", "[]", "no", '{"files": [1]}', '{"files": {"a": {}}}'])
def test_what_is_no_manifest_is_refused(tmp_path, content):
    path = tmp_path / "manifest.json"
    path.write_text(content)
    done = run("--verify", path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
