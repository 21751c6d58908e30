"""The state of a training that was interrupted: everything that the steps to come depend on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.arrays import Arrays, write_arrays

Floats = NDArray[np.float32]

VERSION = 1


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


def is_best(rate: float, earlier: Sequence[float], characters: int) -> bool:
    """Whether the weights of an evaluation with this character error rate are the ones to keep.

    Kept are the last within one standard error of the lowest rate (the rule of Breiman et al., Classification
    and Regression Trees, 1984): what validation cannot tell apart differs in what is forgotten, and least is
    at the end, where steps are small. `earlier` are the rates so far, the base model's first, which gives
    way to a lower one only; `characters` those of the validation lines.
    """
    if not earlier:
        return True
    lowest = min(rate, *earlier)
    return rate < earlier[0] and rate <= lowest + math.sqrt(lowest * max(0.0, 1 - lowest) / characters)
