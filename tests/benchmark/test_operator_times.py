import pytest
from benchmark_graphs import convolution, saved

from snapml_ocr.benchmark.operators import operator_profile, profile_operators
from snapml_ocr.errors import UserError


def node(operator, microseconds, suffix="_kernel_time"):
    return {"cat": "Node", "name": f"x{suffix}", "dur": microseconds, "args": {"op_name": operator}}


RUN_END = {"cat": "Session", "name": "model_run", "dur": 1}


def test_times_are_summed_by_operator_and_run_and_their_median_taken():
    events = []
    for scale in (1, 2, 3):
        events += [node("Conv", 1000 * scale), node("Conv", 500 * scale), node("Relu", 100 * scale), RUN_END]
    profile = operator_profile(events, [1.7, 3.3, 4.8], threads=1)
    assert profile.runs == 3
    assert [(one.operator, one.nodes, one.median_ms) for one in profile.by_operator] == [
        ("Conv", 2, 3.0),
        ("Relu", 1, 0.2),
    ]
    assert profile.sum_ms == pytest.approx(3.2)
    assert profile.coverage == pytest.approx(3.2 / 3.3)


def test_only_the_time_of_kernels_counts():
    events = [
        node("Conv", 1000),
        node("Conv", 50, "_fence_before"),
        {"name": "session_init", "dur": 9},
        RUN_END,
    ]
    assert operator_profile(events, [1.0], threads=1).sum_ms == 1.0


def test_a_real_model_is_profiled_in_a_process_of_its_own(tmp_path):
    path = saved(convolution(64, 64), tmp_path / "small.onnx")
    profile = profile_operators(path, (1, 3, 64, 64), threads=1, seconds=0.1)
    assert profile.runs >= 5
    assert any("Conv" in one.operator for one in profile.by_operator)
    assert profile.sum_ms > 0


def test_a_model_that_does_not_take_the_shape_is_named(tmp_path):
    path = saved(convolution(64, 64), tmp_path / "small.onnx")
    with pytest.raises(UserError, match=r"small\.onnx"):
        profile_operators(path, (1, 3, 32, 32), threads=1, seconds=0.1)


def test_what_profiling_adds_to_every_node_is_taken_off():
    node = {"cat": "Node", "name": "a_kernel_time", "args": {"op_name": "Relu"}}
    events = [{**node, "dur": 1000}, {**node, "dur": 1}, {"name": "model_run"}]
    assert operator_profile(events, [1.0], threads=1, overhead_us=2.0).sum_ms == pytest.approx(0.998)
