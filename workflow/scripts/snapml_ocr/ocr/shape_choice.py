"""Choose input shapes from measurements: candidates, Pareto front, the best within a budget."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from snapml_ocr.plan.shape import Shape

STRIDE = 32
"""The detectors halve their input five times, so their sides must be multiples of 2 ** 5."""


@dataclass(frozen=True)
class Candidate:
    """A set of shapes, (height, width) each, and what it was measured to give and to cost."""

    shapes: tuple[Shape, ...]
    accuracy: float | None
    """Score between 0 and 1; None without labels."""
    milliseconds: float
    """Time an image or crop takes on average."""
    overflow: float
    """Share of images or crops that are shrunk to fit."""
    megabytes: float
    """Size of the model files, one for each shape."""

    @property
    def worth(self) -> float:
        """What is to be had: accuracy, or without labels the share that is not shrunk."""
        return self.accuracy if self.accuracy is not None else 1.0 - self.overflow


def detector_shapes(sizes: Iterable[tuple[int, int]], long_sides: Sequence[int]) -> list[tuple[Shape, ...]]:
    """Return candidate sets for images of these (height, width): per long side a square, and fitted ones.

    Fitted means two shapes with the images' own aspect ratio, the median of short over long side, one
    lying and one standing as far as such images occur.
    """
    known = list(sizes)
    ratios = sorted(min(size) / max(size) for size in known)
    ratio = ratios[len(ratios) // 2]
    sets: list[tuple[Shape, ...]] = []
    for long_side in map(_up, long_sides):
        short_side = min(long_side, _up(ratio * long_side))
        fitted = []
        if any(width >= height for height, width in known):
            fitted.append(Shape(short_side, long_side))
        if any(height > width for height, width in known):
            fitted.append(Shape(long_side, short_side))
        for shapes in ((Shape(long_side, long_side),), tuple(dict.fromkeys(fitted))):
            if shapes not in sets:
                sets.append(shapes)
    return sets


def width_sets(
    needed: Sequence[int], height: int, widths: Sequence[int], most: int
) -> list[tuple[Shape, ...]]:
    """Return candidate sets of 1 to `most` recognizer widths for crops that need these widths at `height`.

    Each set ends with a width that holds nearly all crops or with the widest offered, and the others are
    those at which the crops are parted into equal shares.
    """
    ordered = sorted(needed)
    sets: list[tuple[Shape, ...]] = []
    for last in widths:
        for count in range(1, most + 1):
            chosen = {last}
            for part in range(1, count):
                quantile = ordered[min(len(ordered) - 1, part * len(ordered) // count)]
                chosen.add(next((width for width in widths if width >= quantile), widths[-1]))
            shapes = tuple(Shape(height, width) for width in sorted(chosen) if width <= last)
            if shapes not in sets:
                sets.append(shapes)
    return sets


def pareto_front(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates than which none is both faster and at least as good, from the fastest on."""
    front: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda one: (one.milliseconds, -one.worth)):
        if not front or candidate.worth > front[-1].worth:
            front.append(candidate)
    return front


def best_within(
    candidates: Sequence[Candidate],
    *,
    milliseconds: float | None = None,
    megabytes: float | None = None,
    slack: float = 0.0,
) -> Candidate | None:
    """Return the fastest candidate within the budgets whose worth is at most `slack` below the best of them.

    None when no candidate is within the budgets.
    """
    allowed = [
        one
        for one in candidates
        if (milliseconds is None or one.milliseconds <= milliseconds)
        and (megabytes is None or one.megabytes <= megabytes)
    ]
    if not allowed:
        return None
    enough = max(one.worth for one in allowed) - slack
    return min(
        (one for one in allowed if one.worth >= enough), key=lambda one: (one.milliseconds, one.shapes)
    )


def _up(side: float) -> int:
    """Round up to a multiple of the stride."""
    return max(STRIDE, ceil(side / STRIDE) * STRIDE)
