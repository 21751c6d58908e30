import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from benchmark_graphs import convolution, saved

from snapml_ocr.benchmark.machine import peak_memory
from snapml_ocr.benchmark.stage_times import measure_latency
from snapml_ocr.errors import UserError

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"


def run(script, *arguments):
    environment = {**os.environ, "PYTHONPATH": ""}
    return subprocess.run(
        [sys.executable, str(SCRIPTS / script), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return saved(convolution(32, 32), tmp_path_factory.mktemp("models") / "small.onnx")


@pytest.fixture(scope="module")
def document(small, tmp_path_factory):
    dynamic = saved(convolution("H", "W"), tmp_path_factory.mktemp("models") / "dynamic.onnx")
    broken = small.with_name("broken.onnx")
    broken.write_bytes(b"nothing")
    stages = {"onnx": dynamic, "broken": broken, "simplified": small, "snapml": small}
    # The broken stage must not stop the others, though its file cannot be described either.
    return measure_latency("small", height=32, width=32, stages=stages, threads=[1], seconds=0.1)


def test_every_stage_has_its_numbers(document):
    for stage in ("onnx", "simplified", "snapml"):
        numbers = document["stages"][stage]["by_threads"]["1"]
        assert numbers["rounds"] >= 6
        assert numbers["runs"] >= numbers["rounds"]
        assert 0 < numbers["fastest_ms"] <= numbers["median_ms"] <= numbers["p99_ms"]
        assert numbers["peak_memory_bytes"] >= numbers["idle_memory_bytes"] > 0
        assert numbers["load_ms"] > 0
        assert document["stages"][stage]["macs"] == 8 * 32 * 32 * 27


def test_a_stage_that_fails_says_so_and_stops_no_other(document):
    assert "broken.onnx" in document["stages"]["broken"]["by_threads"]["1"]["error"]
    assert all("broken" not in (ratio["stage"], ratio["against"]) for ratio in document["ratios"])


def test_neighbours_and_the_ends_are_compared(document):
    pairs = [(ratio["stage"], ratio["against"]) for ratio in document["ratios"]]
    assert pairs == [("snapml", "simplified"), ("snapml", "onnx")]
    for ratio in document["ratios"]:
        assert ratio["low"] <= ratio["ratio"] <= ratio["high"]


def test_the_roofline_is_the_operations_at_the_measured_peak(document):
    stage = document["stages"]["snapml"]
    numbers = stage["by_threads"]["1"]
    peak = document["peak"]["1"]["gmacs_per_second"]
    assert numbers["limit_ms"] == pytest.approx(stage["macs"] / peak / 1e6, rel=1e-2)
    assert numbers["share_of_peak"] == pytest.approx(numbers["limit_ms"] / numbers["median_ms"], rel=1e-2)


def test_machine_and_versions_are_part_of_the_document(document):
    machine = document["machine"]
    assert machine["cores"] >= 1
    assert {"onnxruntime", "numpy"} <= set(machine["packages"])
    assert set(document["operators"]) == {"simplified", "snapml"}


def test_when_no_stage_runs_the_first_reason_is_raised(tmp_path):
    absent = tmp_path / "absent.onnx"
    with pytest.raises(UserError, match=r"absent\.onnx"):
        measure_latency("x", height=8, width=8, stages={"onnx": absent}, threads=[1], seconds=0.1)


def test_peak_memory_is_at_least_what_was_just_used():
    block = bytearray(32 * 2**20)
    assert peak_memory() >= len(block)


def test_the_program_writes_its_document_and_prints_ratios(small, tmp_path):
    output = tmp_path / "latency.json"
    stages = ["--stage", f"simplified={small}", "--stage", f"snapml={small}"]
    done = run("benchmark_latency.py", "--model_name", "small", "--height", 32, "--width", 32, *stages,
               "--threads", 1, "--seconds", 0.1, "--output", output)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "snapml against simplified" in done.stdout
    assert json.loads(output.read_text())["model"] == "small"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--stage", "nothing"], "expected NAME=PATH"),
        (["--stage", "a=b", "--threads", "1,1"], "different counts"),
        (["--stage", "a=b", "--threads", "none"], "different counts"),
    ],
)
def test_wrong_usage_gives_one_clear_line(tmp_path, arguments, message):
    done = run("benchmark_latency.py", "--model_name", "m", "--height", 8, "--width", 8,
               "--output", tmp_path / "o.json", *arguments)  # fmt: skip
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_inspecting_names_models_and_refuses_what_is_none(small, tmp_path):
    output = tmp_path / "facts.json"
    done = run("inspect_model.py", f"snapml={small}", small, "--output", output)
    assert done.returncode == 0, done.stderr
    assert list(json.loads(output.read_text())) == ["snapml", "small"]
    assert run("inspect_model.py", small, small).returncode == 2
    assert run("inspect_model.py", small, "--height", 3).returncode == 2
    assert run("inspect_model.py", __file__).returncode == 2


def test_the_program_names_what_it_could_not_measure_and_exits_with_1(small, tmp_path):
    broken, output = tmp_path / "broken.onnx", tmp_path / "latency.json"
    broken.write_bytes(b"no model")
    options = ["--model_name", "m", "--height", 32, "--width", 32, "--threads", 1, "--seconds", 0.1]
    stages = ["--stage", f"paddle={broken}", "--stage", f"onnx={small}"]
    finished = run("benchmark_latency.py", *options, *stages, "--output", output)
    assert finished.returncode == 1
    assert "error: not measured: paddle, threads 1:" in finished.stderr
    assert json.loads(output.read_text())["stages"]["onnx"]["by_threads"]["1"]["median_ms"] > 0
