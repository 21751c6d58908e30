"""How sure a score is: bootstrap intervals over images."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES = 1000
"""Enough for the two outer percentiles of a 95% interval to settle within a few parts in a thousand."""

PERCENTILES = (2.5, 97.5)
ROWS_AT_ONCE = 100_000
"""Drawn image numbers in memory at a time, so that memory does not grow with the dataset."""


def bootstrap_interval(
    counts: Floats, statistic: Callable[[Floats], Floats], *, seed: int = 0, resamples: int = RESAMPLES
) -> tuple[Floats, Floats]:
    """95% percentile intervals of pooled scores, by drawing images with replacement.

    `counts` (images, K) float64 holds what is summed over images; `statistic` maps sums (R, K) to scores
    (R, M). Returns the lower and the upper ends, each (M,). The same `seed` gives the same intervals.
    Efron, Tibshirani: An Introduction to the Bootstrap, chapter 13.
    """
    images = len(counts)
    generator = np.random.default_rng(seed)
    sums = np.zeros((resamples, counts.shape[1]))
    step = max(1, ROWS_AT_ONCE // max(1, images))
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        drawn = generator.integers(0, images, (rows, images)) if images else np.zeros((rows, 0), int)
        for row in range(rows):
            times = np.bincount(drawn[row], minlength=images)
            # Not `@`: BLAS sums in an order that depends on the number of threads.
            sums[start + row] = (times[:, None] * counts).sum(axis=0)
    low, high = np.percentile(statistic(sums), PERCENTILES, axis=0)
    return low, high
