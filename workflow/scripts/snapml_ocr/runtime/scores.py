"""Recognizers that end in scores: the last Softmax is left to whoever reads them."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.runtime.model import RunnableModel, Shape, probabilities_of

SUM_TOLERANCE = 0.02
"""Of the probabilities of a step, which float16 rounds; scores are off by more in some step."""


def gives_scores(output: NDArray[np.float32]) -> bool:
    """Whether the (N, steps, classes) output of a recognizer is no probabilities."""
    if output.size == 0:
        return False
    sums = output.sum(axis=-1, dtype=np.float64)
    return bool(output.min() < 0 or np.abs(sums - 1).max() > SUM_TOLERANCE)


class WithSoftmax:
    """A `RunnableModel` that gives the softmax of another's scores: see `probabilities_of`."""

    def __init__(self, model: RunnableModel) -> None:
        self._model = model

    @property
    def input_shape(self) -> Shape:
        """See `RunnableModel`."""
        return self._model.input_shape

    @property
    def output_names(self) -> tuple[str, ...]:
        """See `RunnableModel`."""
        return self._model.output_names

    @property
    def metadata(self) -> Mapping[str, str]:
        """See `RunnableModel`."""
        return self._model.metadata

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `RunnableModel`."""
        return probabilities_of(self._model.run(batch))
