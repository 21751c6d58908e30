"""Measure several variants side by side: A B C, then C B A, round after round.

The machine's slow moments then hit all of them alike, and ratios survive where absolute times do not.
"""

import multiprocessing
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from snapml_ocr.benchmark.time_summary import MIN_ROUNDS
from snapml_ocr.benchmark.worker import Loaded, WarmUp, serve
from snapml_ocr.errors import UserError

TURN_SECONDS = 0.02
"""Short enough that many rounds fit, long enough for several runs of a small model in a turn."""
WARM_UP_SECONDS = 1.0
ANSWER_SECONDS = 300.0
"""A worker that is silent for longer than the slowest run imaginable hangs."""
MAX_ROUNDS = 200
LEAVING_SECONDS = 2.0


@dataclass(frozen=True)
class Variant:
    """One thing to measure: a model file or folder (None: the machine's peak) at a shape and thread count."""

    model: Path | None
    shape: tuple[int, ...]
    threads: int


@dataclass
class Measured:
    """What was seen of one variant. `turns[r]` holds the milliseconds of its runs in round r."""

    load_ms: float
    idle_memory: int
    warm_up: WarmUp
    peak_memory: int = 0
    turns: list[list[float]] = field(default_factory=list)

    @property
    def runs(self) -> list[float]:
        """Milliseconds of all runs in the order they were made."""
        return [run for turn in self.turns for run in turn]


def measure_side_by_side(variants: Mapping[Any, Variant], seconds: float) -> dict[Any, Measured | UserError]:
    """Measure all `variants` within about `seconds` of timed turns in all, `MIN_ROUNDS` rounds at least.

    Each variant runs in a fresh process of this process's group. One that fails gives its error instead of
    a measurement and does not stop the others.
    """
    workers = {key: _Worker(variant) for key, variant in variants.items()}
    try:
        return _measure(workers, seconds)
    finally:
        for worker in workers.values():
            worker.close()


def _context() -> ForkServerContext:
    """Processes that are born with ONNX Runtime imported, and with nothing of the measuring process."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([serve.__module__, "onnxruntime"])
    return context


class _Worker:
    """The measuring side of one worker process; `failure` is set once it has none to answer any more."""

    def __init__(self, variant: Variant) -> None:
        context = _context()
        self._connection: Connection
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=serve, args=(theirs, variant.model, variant.shape, variant.threads), daemon=True
        )
        self._process.start()
        theirs.close()
        self.failure: UserError | None = None

    def ask(self, action: str, seconds: float = 0.0) -> Any:
        """The worker's answer; raises the `UserError` it ended with."""
        self._connection.send((action, seconds))
        return self.receive()

    def receive(self) -> Any:
        """The next answer."""
        try:
            if not self._connection.poll(ANSWER_SECONDS):
                raise UserError(f"no answer from a measured model within {ANSWER_SECONDS:.0f} s")
            answer = self._connection.recv()
        except EOFError:
            raise UserError("the process of a measured model ended; was it out of memory?") from None
        if isinstance(answer, UserError):
            raise answer
        return answer

    def close(self) -> None:
        """End the process, whatever it does."""
        self._connection.close()
        self._process.join(LEAVING_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _measure(workers: Mapping[Any, _Worker], seconds: float) -> dict[Any, Measured | UserError]:
    results: dict[Any, Measured | UserError] = {}
    for key, worker in workers.items():
        try:
            worker.receive()
        except UserError as error:
            results[key] = error
    for key, worker in workers.items():
        if key in results:
            continue
        try:
            loaded: Loaded = worker.ask("open")
            warm: WarmUp = worker.ask("warm_up", WARM_UP_SECONDS)
            results[key] = Measured(loaded.load_ms, loaded.idle_memory, warm)
        except UserError as error:
            results[key] = error
    _take_rounds(workers, results, seconds)
    return {key: results[key] for key in workers}


def _take_rounds(
    workers: Mapping[Any, _Worker], results: dict[Any, Measured | UserError], seconds: float
) -> None:
    started = time.perf_counter()
    rounds = 0
    while rounds < MAX_ROUNDS and (rounds < MIN_ROUNDS or time.perf_counter() - started < seconds):
        running = [key for key, result in results.items() if isinstance(result, Measured)]
        for key in _order(running, rounds):
            result = results[key]
            assert isinstance(result, Measured)
            try:
                result.turns.append(workers[key].ask("turn", TURN_SECONDS))
            except UserError as error:
                results[key] = error
        rounds += 1
    for key, result in results.items():
        if isinstance(result, Measured):
            result.peak_memory = workers[key].ask("stop")


def _order(keys: Sequence[Any], number: int) -> Sequence[Any]:
    """Forwards in even rounds, backwards in odd ones: no variant always follows the same neighbour."""
    return keys if number % 2 == 0 else keys[::-1]
