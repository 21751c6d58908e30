"""Find the files of a Paddle inference model in a folder, and say what is wrong when they are not there."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from snapml_ocr.errors import UserError
from snapml_ocr.weights.checkpoint import why_no_graph

Format = Literal["pdmodel", "pir"]

GRAPH_NAMES: dict[str, Format] = {"inference.pdmodel": "pdmodel", "inference.json": "pir"}
WEIGHTS_NAME = "inference.pdiparams"

_CHUNK_BYTES = 2**20


@dataclass(frozen=True)
class PaddleFiles:
    """An inference model: `pdmodel` is the format of Paddle 1 and 2, `pir` the JSON format of Paddle 3."""

    format: Format
    graph: Path
    weights: Path

    def sha256(self) -> str:
        """SHA-256 of the graph file followed by the weights file: one number for the whole model."""
        digest = hashlib.sha256()
        for path in (self.graph, self.weights):
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    digest.update(chunk)
        return digest.hexdigest()


def find_paddle_files(folder: Path) -> PaddleFiles:
    """Return the model in `folder`; raises `UserError` that says which file is missing or one too many."""
    if not folder.is_dir():
        raise UserError(
            f"{folder}: no such folder; expected one that holds inference.pdmodel or inference.json"
        )
    graphs = [name for name in GRAPH_NAMES if (folder / name).is_file()]
    if len(graphs) > 1:
        raise UserError(f"{folder}: holds both {' and '.join(graphs)}; keep the one that is meant")
    if not graphs:
        raise UserError(f"{folder}: {_why_no_graph(folder)}")
    weights = folder / WEIGHTS_NAME
    if not weights.is_file():
        raise UserError(f"{folder}: {graphs[0]} is there, but its weights {WEIGHTS_NAME} are not")
    for path in (folder / graphs[0], weights):
        if path.stat().st_size == 0:
            raise UserError(f"{path}: the file is empty")
    return PaddleFiles(GRAPH_NAMES[graphs[0]], folder / graphs[0], weights)


def _why_no_graph(folder: Path) -> str:
    names = sorted(path.name for path in folder.iterdir())
    if reason := why_no_graph(names, str(folder)):
        return reason
    return f"no {' or '.join(GRAPH_NAMES)} here; it holds {', '.join(names[:10]) or 'nothing'}"
