"""How far two outputs of one model are apart, over any number of samples."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

MIN_PROBABILITY = 1e-20
"""Probabilities are compared by ratio down to here; softmax in float32 goes down to some 1e-38."""


@dataclass(frozen=True)
class Differences:
    """Differences of all samples together."""

    max_abs: float
    """Largest absolute difference of two finite values."""
    mean_abs: float
    psnr_db: float | None
    """10 log10(peak^2 / mean squared error), peak = largest absolute reference value; None when identical."""
    cosine: float
    """Cosine of the angle between the outputs as vectors; 1.0 when identical, 0.0 when one is all zero."""
    argmax_equal: float | None
    """Share of positions with the same largest class (of a map: on the same side of its threshold).

    None for an output that holds no decisions, such as an image.
    """
    max_log: float | None
    """Largest difference of the natural logarithms of two class probabilities; None for other outputs.

    It sees what absolute differences cannot: two classes that were swapped and are never likely.
    """
    not_finite: int
    """Values that are NaN or infinite in the second output and finite in the first."""

    def as_json(self) -> dict[str, Any]:
        """The fields with six significant digits."""
        return {name: _significant(value) for name, value in asdict(self).items()}


class DifferenceSums:
    """Adds up samples, so that outputs need not be in memory together.

    `threshold` turns a probability map (one class) into decisions; without it the last axis holds the
    classes.
    """

    def __init__(self, threshold: float | None = None) -> None:
        self._threshold = threshold
        self._max_log: float | None = None
        self._max = self._abs = self._square = self._peak = 0.0
        self._dot = self._reference_norm = self._other_norm = 0.0
        self._count = self._decisions = self._equal_decisions = self._not_finite = 0

    def add(self, reference: Floats, other: Floats) -> float:
        """Add one sample; returns its largest difference, infinity where `other` is not finite.

        Raises ValueError when the shapes differ.
        """
        if reference.shape != other.shape:
            raise ValueError(f"shape {reference.shape} became {other.shape}")
        first, second = reference.astype(np.float64).ravel(), other.astype(np.float64).ravel()
        finite = np.isfinite(first) & np.isfinite(second)
        not_finite = int((np.isfinite(first) & ~np.isfinite(second)).sum())
        if not finite.all():
            first, second = first[finite], second[finite]
        gap = np.abs(first - second)
        largest = float(gap.max(initial=0.0))
        self._max = max(self._max, largest)
        self._peak = max(self._peak, float(np.abs(first).max(initial=0.0)))
        self._abs += float(gap.sum())
        # Not `@`: BLAS sums in an order that depends on the number of threads.
        self._square += float(np.square(gap).sum())
        self._dot += float((first * second).sum())
        self._reference_norm += float(np.square(first).sum())
        self._other_norm += float(np.square(second).sum())
        self._count += reference.size
        self._not_finite += not_finite
        if self._is_classes(reference):
            self._max_log = max(self._max_log or 0.0, _log_gap(first, second))
        ours, theirs = self._decide(reference), self._decide(other)
        self._decisions += ours.size
        self._equal_decisions += int((ours == theirs).sum())
        return math.inf if not_finite else largest

    def result(self) -> Differences:
        """Differences of everything added so far; of nothing, those of identical outputs."""
        count = self._count or 1
        mean_square = self._square / count
        norms = math.sqrt(self._reference_norm * self._other_norm)
        cosine = min(1.0, self._dot / norms) if norms else 0.0
        return Differences(
            max_abs=self._max,
            mean_abs=self._abs / count,
            psnr_db=10 * math.log10(self._peak**2 / mean_square) if mean_square and self._peak else None,
            cosine=cosine if self._square or self._not_finite else 1.0,
            argmax_equal=self._equal_decisions / self._decisions if self._decisions else None,
            max_log=self._max_log,
            not_finite=self._not_finite,
        )

    def _decide(self, output: Floats) -> NDArray[Any]:
        if self._threshold is not None:
            return output > self._threshold
        return output.argmax(axis=-1) if self._is_classes(output) else np.zeros(0)

    def _is_classes(self, output: Floats) -> bool:
        return self._threshold is None and output.size > 0 and output.ndim in (2, 3)


def differences(reference: Floats, other: Floats, threshold: float | None = None) -> Differences:
    """Compare two arrays of one shape; see `DifferenceSums`. Raises ValueError when the shapes differ."""
    sums = DifferenceSums(threshold)
    sums.add(reference, other)
    return sums.result()


def _log_gap(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    ratio = np.maximum(one, MIN_PROBABILITY) / np.maximum(other, MIN_PROBABILITY)
    return float(np.abs(np.log(ratio)).max(initial=0.0))


def _significant(value: float | int | None) -> float | int | None:
    return float(f"{value:.6g}") if isinstance(value, float) else value
