"""Progress of long work: a bar on a terminal, now and then a plain line in a log."""

import sys
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self, TypeVar

Item = TypeVar("Item")

SECONDS_BETWEEN_LINES = 5.0
"""Often enough to see that work goes on, seldom enough to keep a log readable."""


class Progress:
    """Counts finished units; use as a context manager.

    `unit` is "B" for bytes (shown with binary prefixes, rate and time left) or a plain word such as "image".
    `total` may be None when it is not known.
    """

    def __init__(self, description: str, total: int | None, unit: str = "item") -> None:
        self._description, self._total, self._unit = description, total, unit
        self._done = 0
        self._bar = _terminal_bar(description, total, unit) if sys.stderr.isatty() else None
        self._started = self._last_line = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def advance(self, units: int = 1) -> None:
        """Count `units` more as done."""
        self._done += units
        if self._bar is not None:
            self._bar.update(units)
        elif time.monotonic() - self._last_line >= SECONDS_BETWEEN_LINES:
            self._last_line = time.monotonic()
            self._print_line()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
        else:
            self._print_line()

    def _print_line(self) -> None:
        seconds = time.monotonic() - self._started
        rate = self._done / seconds if seconds else 0.0
        of_total = f" of {self._amount(self._total)}" if self._total else ""
        left = f", {(self._total - self._done) / rate:.0f} s left" if self._total and rate else ""
        amount = f"{self._amount(self._done)}{of_total}"
        print(f"{self._description}: {amount}, {self._amount(rate)}/s{left}", file=sys.stderr, flush=True)

    def _amount(self, units: float) -> str:
        if self._unit == "B":
            return f"{units / 2**20:.1f} MiB"
        return f"{units:.0f} {self._unit}s" if isinstance(units, int) else f"{units:.1f}"


def tracked(items: Iterable[Item], description: str, total: int | None, unit: str = "item") -> Iterator[Item]:
    """Yield `items` and show how many of `total` are done."""
    with Progress(description, total, unit) as progress:
        for item in items:
            yield item
            progress.advance()


def _terminal_bar(description: str, total: int | None, unit: str):  # type: ignore[no-untyped-def]
    from tqdm import tqdm  # here, not above: programs without a terminal need not have it

    is_bytes = unit == "B"
    return tqdm(total=total, desc=description, unit=unit, unit_scale=is_bytes, unit_divisor=1024)
