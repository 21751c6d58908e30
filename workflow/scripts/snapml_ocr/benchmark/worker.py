"""One model in a process of its own that is measured turn by turn.

Each variant lives in its own process: its peak memory is its own, and the idle threads of one runtime do not
spin on the cores while another is measured.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.benchmark.machine import peak_memory
from snapml_ocr.benchmark.peak import MatrixProduct
from snapml_ocr.errors import UserError
from snapml_ocr.runtime.model import open_model, paddle_inference

STABLE_WITHIN = 0.05
"""Warm-up ends when two neighbouring windows of runs have medians this close, relatively."""
WARM_UP_WINDOW = 2
LONG_RUN_SECONDS = 0.1
"""A run this long fills the caches by itself: what it finds in them at its start matters little."""


class Runnable(Protocol):
    """What is measured: one call of `run` is one sample."""

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Compute once."""


@dataclass(frozen=True)
class Loaded:
    """A model that is ready to be measured; `idle_memory` is the peak before it was opened, in bytes."""

    load_ms: float
    idle_memory: int


@dataclass(frozen=True)
class WarmUp:
    """How many runs it took until times stood still; `settled` is false when the time ran out first."""

    runs: int
    settled: bool


def serve(connection: Connection, model: Path | None, shape: Sequence[int], threads: int) -> None:
    """Answer the measuring process until it says "stop"; `model` None is the peak's matrix product.

    Questions and answers: ("open", 0) -> `Loaded`; ("warm_up", seconds) -> `WarmUp`; ("turn", seconds) ->
    list of milliseconds; ("stop", 0) -> peak memory in bytes. A `UserError` is the last answer.
    """
    try:
        _import_runtime(model)
        connection.send("imported")
        _answer_questions(connection, model, shape, threads)
    except UserError as error:
        connection.send(error)
    except Exception as error:  # a runtime's own error: the other variants are still worth measuring
        first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
        connection.send(UserError(f"{model}: {first_line}"))


def _answer_questions(connection: Connection, model: Path | None, shape: Sequence[int], threads: int) -> None:
    batch = np.random.default_rng(0).uniform(-1, 1, tuple(shape)).astype(np.float32)
    connection.recv()  # "open"
    idle_memory = peak_memory()
    started = time.perf_counter()
    runnable: Runnable = MatrixProduct(threads) if model is None else open_model(model, threads=threads)
    connection.send(Loaded((time.perf_counter() - started) * 1e3, idle_memory))
    actions = {"warm_up": warm_up, "turn": turn}
    while (question := connection.recv())[0] != "stop":
        action, seconds = question
        connection.send(actions[action](lambda: runnable.run(batch), seconds))
    connection.send(peak_memory())


def warm_up(run: Callable[[], object], seconds: float) -> WarmUp:
    """Run until the medians of two neighbouring windows agree or `seconds` are over."""
    started = time.perf_counter()
    times: list[float] = []
    while True:
        times.append(_timed(run))
        if len(times) < 2 * WARM_UP_WINDOW:
            continue
        before = float(np.median(times[-2 * WARM_UP_WINDOW : -WARM_UP_WINDOW]))
        after = float(np.median(times[-WARM_UP_WINDOW:]))
        if abs(after - before) <= STABLE_WITHIN * before:
            return WarmUp(len(times), settled=True)
        if time.perf_counter() - started > seconds:
            return WarmUp(len(times), settled=False)


def turn(run: Callable[[], object], seconds: float) -> list[float]:
    """Milliseconds of each run in one turn of `seconds`, one run at least.

    The first run is not counted: it brings back the caches and the clock that the other variants took. Only
    when it is a long one does it count, and the turn is over.
    """
    first = _timed(run)
    if first >= LONG_RUN_SECONDS * 1e3:
        return [first]
    started = time.perf_counter()
    times = [_timed(run)]
    while time.perf_counter() - started < seconds:
        times.append(_timed(run))
    return times


def _timed(run: Callable[[], object]) -> float:
    started = time.perf_counter_ns()
    run()
    return (time.perf_counter_ns() - started) / 1e6


def _import_runtime(model: Path | None) -> None:
    """Import before the clock starts: loading a model is measured, loading Python packages is not."""
    import onnxruntime  # noqa: F401

    if model is not None and model.suffix != ".onnx":
        paddle_inference()
