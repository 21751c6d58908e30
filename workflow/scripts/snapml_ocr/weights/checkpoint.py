"""Tell people who bring a training checkpoint how an inference model is made from it."""

import shlex
from collections.abc import Iterable
from pathlib import PurePosixPath

GRAPHS = ("inference.pdmodel", "inference.json")
"""The file of an inference model that says what is computed: Paddle 1 and 2, and Paddle 3 (PIR)."""

WEIGHTS = "inference.pdiparams"

_CHECKPOINT = (".pdparams", ".pdopt", ".pdstates", ".states", ".pdema")
"""What training writes: weights, the optimizer's state, its progress, averaged weights."""

_PREFERRED = ("best_accuracy", "best_model/model", "latest")
"""Names PaddleOCR gives its checkpoints, the one people want first."""


def why_no_graph(names: Iterable[str], place: str = "FOLDER") -> str | None:
    """Return what is wrong with a folder that holds `names`; None when a graph is there or nothing is known.

    `place` is where the files lie, for the command in the answer.
    """
    found = sorted(set(names))
    if any(PurePosixPath(name).name in GRAPHS for name in found):
        return None
    checkpoints = [name for name in found if name.endswith(_CHECKPOINT)]
    if checkpoints:
        return (
            f"a training checkpoint ({checkpoints[0]}), which has weights and no graph; in a PaddleOCR"
            f" checkout, export it and use the folder that this writes: {_command(found, place)}"
        )
    if any(PurePosixPath(name).name == WEIGHTS for name in found):
        return (
            f"no {' or '.join(GRAPHS)}: {WEIGHTS} has the weights without the graph they belong to; copy the"
            f" graph that was exported with it, or export the model again: {_command(found, place)}"
        )
    return None


def _command(names: list[str], place: str) -> str:
    """PaddleOCR's own command, with the names that are known."""
    stems = [name.removesuffix(".pdparams") for name in names if name.endswith(".pdparams")]
    stem = next((name for name in _PREFERRED if name in stems), stems[0] if stems else "best_accuracy")
    config = f"{place}/config.yml" if "config.yml" in names else "CONFIG_OF_THE_TRAINING.yml"
    return " ".join(
        [
            f"python3 tools/export_model.py -c {shlex.quote(config)}",
            f"-o {shlex.quote(f'Global.pretrained_model={place}/{stem}')}",
            shlex.quote(f"Global.save_inference_dir={place}/inference"),
        ]
    )
