"""Time spent in each of several steps, without the time of the steps within them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stopwatch:
    """Adds up exclusive time by step, for one thread.

    `name_of` gives a step the name under which it counts, from its own and the names of the steps around it.
    """

    def __init__(self, name_of: Callable[[str, list[str]], str] = lambda name, _: name) -> None:
        self.seconds: dict[str, float] = {}
        self._name_of = name_of
        self._steps: list[str] = []
        self._since = 0.0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count the time of the block for a step."""
        self._credit()
        self._steps.append(self._name_of(name, self._steps))
        try:
            yield
        finally:
            self._credit()
            self._steps.pop()

    def _credit(self) -> None:
        """Give the time since the last change of steps to the innermost one."""
        now = time.perf_counter()
        if self._steps:
            step = self._steps[-1]
            self.seconds[step] = self.seconds.get(step, 0.0) + now - self._since
        self._since = now
