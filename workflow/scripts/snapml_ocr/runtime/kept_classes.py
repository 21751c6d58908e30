"""A model whose last axis holds class probabilities, seen as if it had some of its classes only."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.runtime.model import ChangedOutput, RunnableModel


def keep_classes(probabilities: NDArray[np.float32], kept: Sequence[int]) -> NDArray[np.float32]:
    """Return the probabilities of the `kept` classes on the last axis, divided by their sum.

    This is the softmax over the kept classes alone. Where all kept probabilities are too small for float32,
    the first kept class is certain.
    """
    part = probabilities[..., list(kept)]
    total = part.sum(axis=-1, keepdims=True, dtype=np.float64)
    certain = np.zeros(part.shape[-1], np.float32)
    certain[0] = 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        renormalised: NDArray[np.float32] = np.where(total > 0, part / total, certain).astype(np.float32)
    return renormalised


class KeptClasses(ChangedOutput):
    """A `RunnableModel` that gives the probabilities of some classes of another: see `keep_classes`."""

    def __init__(self, model: RunnableModel, kept: Sequence[int]) -> None:
        super().__init__(model, partial(keep_classes, kept=tuple(kept)))
