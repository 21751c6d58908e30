"""The state of a training that was interrupted: everything that the steps to come depend on."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.arrays import Arrays, write_arrays

Floats = NDArray[np.float32]

VERSION = 2
"""Goes up when the same model, data and settings come to other weights; it is part of `key`."""

RATE = "character_error_rate"


@dataclass
class TrainingState:
    """Weights by name, the optimizer's arrays by key, what was measured, and the best weights so far."""

    key: str
    """Hash of model, data and settings: a state belongs to these alone."""
    step: int = 0
    weights: dict[str, Floats] = field(default_factory=dict)
    optimizer: dict[str, Floats] = field(default_factory=dict)
    best: dict[str, Floats] = field(default_factory=dict)
    best_step: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)
    sums: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    """CTC loss, rehearsal loss and steps since the last evaluation."""

    def write(self, path: Path) -> None:
        """Write atomically; equal states give equal bytes."""
        groups = {"weights": self.weights, "optimizer": self.optimizer, "best": self.best}
        arrays = {
            f"{group}.{number}": array
            for group, named in groups.items()
            for number, (_, array) in enumerate(sorted(named.items()))
        }
        names = {group: sorted(named) for group, named in groups.items()}
        meta = {"version": VERSION, "key": self.key, "step": self.step, "best_step": self.best_step}
        write_arrays(path, arrays, {**meta, "names": names, "history": self.history, "sums": self.sums})

    @classmethod
    def read(cls, path: Path) -> "TrainingState":
        """Read what `write` wrote; raises `UserError` for anything else."""
        file = Arrays(path)
        try:
            meta = file.meta
            groups = {
                group: {name: file[f"{group}.{number}"] for number, name in enumerate(names)}
                for group, names in meta["names"].items()
            }
            return cls(
                meta["key"],
                meta["step"],
                **groups,
                best_step=meta["best_step"],
                history=meta["history"],
                sums=meta["sums"],
            )
        except (KeyError, TypeError):
            raise UserError(
                f"{path}: not the state of a training; leave out --resume to begin anew"
            ) from None


def is_best(row: Mapping[str, float], earlier: Sequence[Mapping[str, float]]) -> bool:
    """Whether the weights of an evaluation are the ones to keep, by its character error rate.

    Kept are the last within one standard error of the lowest rate (the rule of Breiman et al., Classification
    and Regression Trees, 1984): what validation cannot tell apart differs in what is forgotten, and least is
    at the end, where steps are small. `earlier` are the evaluations so far, the base model's first, which
    gives way to a lower one only.
    """
    if not earlier:
        return True
    lowest = min([*earlier, row], key=lambda one: one[RATE])
    return row[RATE] < earlier[0][RATE] and row[RATE] <= lowest[RATE] + lowest["standard_error"]


def standard_error(truths: Sequence[str], texts: Sequence[str]) -> float:
    """Standard error of the character error rate of lines: of a ratio (Cochran, Sampling Techniques, 1977).

    Errors stand together in few lines, so that it is larger than if characters were independent.
    """
    lengths = np.array(list(map(len, truths)), np.float64)
    edits = np.array([Levenshtein.distance(*pair) for pair in zip(truths, texts, strict=True)], np.float64)
    total = max(1.0, float(lengths.sum()))
    apart = edits - lengths * edits.sum() / total
    return math.sqrt(float((apart**2).sum()) * len(truths) / max(1, len(truths) - 1)) / total
