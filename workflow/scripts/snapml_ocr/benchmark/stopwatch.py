"""Time spent in each of several functions, without the time of those they call that are timed too."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any


class Stopwatch:
    """Adds up exclusive time by step, for one thread.

    A step may depend on the steps around it: the same function then counts as another step.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._steps: list[str] = []
        self._since = 0.0

    def reset(self) -> None:
        """Forget all times; call it outside of any step."""
        self.seconds = {}

    @contextmanager
    def watching(
        self, functions: Mapping[tuple[Any, str], str | Callable[[list[str]], str]]
    ) -> Iterator[None]:
        """Time calls of functions by (owner, attribute), until the block ends.

        The value is the step's name, or makes it from the names of the steps around it, outermost first.
        """
        with ExitStack() as stack:
            for (owner, attribute), step in functions.items():
                original = getattr(owner, attribute)
                setattr(owner, attribute, self._timed(original, step))
                stack.callback(setattr, owner, attribute, original)
            yield

    def _timed(
        self, function: Callable[..., Any], step: str | Callable[[list[str]], str]
    ) -> Callable[..., Any]:
        def timed(*args: Any, **options: Any) -> Any:
            self._credit()
            self._steps.append(step if isinstance(step, str) else step(self._steps))
            try:
                return function(*args, **options)
            finally:
                self._credit()
                self._steps.pop()

        return timed

    def _credit(self) -> None:
        """Give the time since the last change of steps to the innermost one."""
        now = time.perf_counter()
        if self._steps:
            step = self._steps[-1]
            self.seconds[step] = self.seconds.get(step, 0.0) + now - self._since
        self._since = now
