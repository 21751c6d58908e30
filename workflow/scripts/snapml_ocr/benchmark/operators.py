"""Where the time goes: time per operator type from ONNX Runtime's own profile."""

import json
import multiprocessing
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from snapml_ocr.errors import UserError

MIN_RUNS = 7
WARM_UP_RUNS = 3
TRIVIAL_NODES = 200
"""As many as these models have, so that the trace grows alike."""


@dataclass(frozen=True)
class OperatorTime:
    """All nodes of one operator type in one inference: how many, and their median time together."""

    operator: str
    nodes: int
    median_ms: float


@dataclass(frozen=True)
class OperatorProfile:
    """Time per operator type, longest first.

    `sum_ms` is the median over runs of the sum of all node times, `latency_ms` the median latency of an
    unprofiled session that took turns with the profiled one, `coverage` the median quotient of neighbours.
    """

    threads: int
    runs: int
    latency_ms: float
    sum_ms: float
    coverage: float
    by_operator: list[OperatorTime]


def profile_operators(model: Path, shape: tuple[int, ...], threads: int, seconds: float) -> OperatorProfile:
    """Profile an ONNX file in a fresh process for about `seconds`.

    The operators are those ONNX Runtime executes after its graph optimisation, with the settings inference
    uses; fused operators carry ONNX Runtime's names. Raises `UserError` when the model cannot be run.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_profile, args=(theirs, model, shape, threads, seconds), daemon=True)
    process.start()
    theirs.close()
    try:
        answer = ours.recv()
    except EOFError:
        raise UserError(f"{model}: the process that profiled it ended; was it out of memory?") from None
    finally:
        process.join()
    if isinstance(answer, UserError):
        raise answer
    assert isinstance(answer, OperatorProfile)
    return answer


def operator_profile(
    events: Iterable[Mapping[str, Any]], latencies_ms: list[float], threads: int, overhead_us: float = 0.0
) -> OperatorProfile:
    """Sum a profile's events by operator type, run by run.

    `events` are those of ONNX Runtime's trace after the warm-up, in order of time: "model_run" closes a run,
    "Node" events that end in `_kernel_time` carry `dur` in microseconds and `args.op_name`. `latencies_ms`
    has the latency of an unprofiled run beside each of them; `overhead_us` is taken off every node's time.
    """
    runs: list[dict[str, float]] = []
    nodes: dict[str, int] = {}
    current: dict[str, float] = defaultdict(float)
    counted: dict[str, int] = defaultdict(int)
    for event in events:
        if event.get("name") == "model_run":
            runs.append(dict(current))
            nodes = dict(counted)
            current.clear()
            counted.clear()
        elif event.get("cat") == "Node" and str(event.get("name")).endswith("_kernel_time"):
            operator = event["args"]["op_name"]
            current[operator] += max(0.0, event["dur"] - overhead_us) / 1e3
            counted[operator] += 1
    by_operator = [
        OperatorTime(operator, nodes[operator], float(np.median([run.get(operator, 0.0) for run in runs])))
        for operator in nodes
    ]
    sums = [sum(run.values()) for run in runs]
    return OperatorProfile(
        threads=threads,
        runs=len(runs),
        latency_ms=float(np.median(latencies_ms)),
        sum_ms=float(np.median(sums)),
        coverage=float(np.median(np.asarray(sums) / np.asarray(latencies_ms))),
        by_operator=sorted(by_operator, key=lambda entry: (-entry.median_ms, entry.operator)),
    )


def _profile(connection: Any, model: Path, shape: tuple[int, ...], threads: int, seconds: float) -> None:
    try:
        connection.send(_profile_here(model, shape, threads, seconds))
    except UserError as error:
        connection.send(error)
    except Exception as error:  # ONNX Runtime's exceptions share no other base class
        connection.send(UserError(f"{model}: {str(error).strip().splitlines()[0]}"))


def _profile_here(model: Path, shape: tuple[int, ...], threads: int, seconds: float) -> OperatorProfile:
    batch = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
    overhead_us = _overhead_us(threads)
    events, latencies = _profiled_beside_plain(str(model), batch, threads, seconds)
    return operator_profile(events, latencies, threads, overhead_us)


def _overhead_us(threads: int) -> float:
    """What profiling adds to the recorded time of one node, in microseconds.

    ONNX Runtime writes down the shapes of a node's tensors before it stops its clock. A chain of nodes that
    do next to nothing shows how long that takes: their recorded time less their time in a run without a
    profile.
    """
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Neg", [f"t{index}"], [f"t{index + 1}"]) for index in range(TRIVIAL_NODES)],
        "chain",
        [onnx.helper.make_tensor_value_info("t0", onnx.TensorProto.FLOAT, [1, 1, 1, 1])],
        [onnx.helper.make_tensor_value_info(f"t{TRIVIAL_NODES}", onnx.TensorProto.FLOAT, [1, 1, 1, 1])],
    )
    opsets = [onnx.helper.make_opsetid("", 11)]
    chain = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=6).SerializeToString()
    events, latencies = _profiled_beside_plain(chain, np.ones((1, 1, 1, 1), np.float32), threads, 0.0)
    profile = operator_profile(events, latencies, threads)
    return 1e3 * max(0.0, profile.sum_ms - profile.latency_ms) / TRIVIAL_NODES


def _profiled_beside_plain(
    model: str | bytes, batch: NDArray[np.float32], threads: int, seconds: float
) -> tuple[list[dict[str, Any]], list[float]]:
    """Run a profiled session and one without in turns, for `seconds` and some runs at least.

    Returns the profile's events after the warm-up and the latencies without in milliseconds.
    """
    import onnxruntime

    from snapml_ocr.runtime.model import session_options

    with tempfile.TemporaryDirectory() as folder:
        profiled_options = session_options(threads=threads, optimise=True)
        profiled_options.enable_profiling = True
        profiled_options.profile_file_prefix = str(Path(folder) / "profile")
        options = session_options(threads=threads, optimise=True)
        profiled, plain = (
            onnxruntime.InferenceSession(model, each, providers=["CPUExecutionProvider"])
            for each in (profiled_options, options)
        )
        feeds = {plain.get_inputs()[0].name: batch}
        for _ in range(WARM_UP_RUNS):
            profiled.run(None, feeds)
            plain.run(None, feeds)
        latencies: list[float] = []
        started = time.perf_counter()
        while len(latencies) < MIN_RUNS or time.perf_counter() - started < seconds:
            profiled.run(None, feeds)
            run_started = time.perf_counter_ns()
            plain.run(None, feeds)
            latencies.append((time.perf_counter_ns() - run_started) / 1e6)
        events = json.loads(Path(profiled.end_profiling()).read_text(encoding="utf-8"))
    return _after_runs(events, WARM_UP_RUNS), latencies


def _after_runs(events: list[dict[str, Any]], runs: int) -> list[dict[str, Any]]:
    """Events after the end of the given number of runs; a trace is in order of the events' ends."""
    for index, event in enumerate(events):
        if event.get("name") == "model_run":
            runs -= 1
            if runs == 0:
                return events[index + 1 :]
    return []
