"""The contiguous part of a network that runs on a target, and how much of the work lies in it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """Layers `first` to `last` by name, `layers` of them, with `share` (0 to 1) of all multiply-adds.

    Positions are those of the order in which the file lists the layers, which is one that can be executed.
    """

    first: str
    last: str
    layers: int
    share: float


def accelerated_part(names: Sequence[str], available: Sequence[bool], work: Sequence[int]) -> Part | None:
    """Return the run of available layers with the most multiply-adds, None when no layer is available.

    All three are by layer, in the order of the file; of runs with equal work the longest, then the first.
    """
    best: tuple[int, int, int] | None = None
    start = 0
    for position, runs in enumerate([*available, False]):
        if runs:
            continue
        if position > start:
            found = (sum(work[start:position]), position - start, start)
            if best is None or found[:2] > best[:2]:
                best = found
        start = position + 1
    if best is None:
        return None
    done, length, start = best
    total = sum(work)
    return Part(names[start], names[start + length - 1], length, done / total if total else 0.0)
