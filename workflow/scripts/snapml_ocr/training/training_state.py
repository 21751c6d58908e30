"""The state of a training that was interrupted: everything that the steps to come depend on."""

import math
from collections.abc import Mapping
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


def is_preferred(
    row: Mapping[str, Any], best: Mapping[str, Any], history: list[dict[str, Any]], characters: int
) -> bool:
    """Whether the weights of evaluation `row` are to be kept in place of those of `best`.

    Of those whose character error rate is within one standard error of the lowest so far, the ones that are
    nearest to the base model on rehearsal lines: what validation cannot tell apart may differ in what is
    forgotten (the one-standard-error rule of Breiman et al., Classification and Regression Trees, 1984). The
    base itself gives way to any lower rate. `characters` are those of the validation lines.
    """
    rate, best_rate = row["character_error_rate"], best["character_error_rate"]
    if not best["step"] or not row["rehearsal"]:
        return bool(rate < best_rate)
    lowest = min(one["character_error_rate"] for one in (*history, row))
    limit = lowest + math.sqrt(lowest * max(0.0, 1 - lowest) / characters)
    if rate > limit or best_rate > limit:
        return bool(rate <= limit)
    return bool(row["rehearsal"] < best["rehearsal"])
