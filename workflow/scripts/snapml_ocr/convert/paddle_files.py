"""Find the files of a Paddle inference model in a folder, and say what is wrong when they are not there."""

import hashlib
import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from snapml_ocr.errors import UserError
from snapml_ocr.file_kinds import kind_of_file, missing_bytes, varint_fields
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
        if kind := kind_of_file(path):
            raise UserError(f"{path}: {kind}")
    return PaddleFiles(GRAPH_NAMES[graphs[0]], folder / graphs[0], weights)


def require_whole(files: PaddleFiles) -> None:
    """Raise `UserError` when a file of an inference model ends early, as a download that was cut off does."""
    graph, lacking = files.graph.read_bytes(), {}
    if files.format == "pir":
        try:
            json.loads(graph)
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise UserError(f"{files.graph}: not a complete JSON file ({error}); fetch it again") from None
    else:
        lacking[files.graph] = missing_bytes(graph)
    lacking[files.weights] = _missing_weights(files.weights.read_bytes())
    for path, missing in lacking.items():
        if missing:
            raise UserError(f"{path}: {missing} of its bytes are missing at the end; fetch it again")


_BYTES_OF_TYPE = {0: 1, 1: 2, 2: 4, 3: 8, 4: 2, 5: 4, 6: 8, 20: 1, 21: 1, 22: 2}
"""By the numbers of framework.proto's VarType."""


def _missing_weights(content: bytes) -> int:
    """Return how many bytes the last tensor of a .pdiparams file lacks; 0 too for what is no such file.

    A tensor is a version (uint32), levels of detail (uint64, none in models here), a version (uint32), the
    size of a TensorDesc (int32) and that, a protocol buffer of type and dimensions, and the values.
    """
    place = 0
    while place < len(content):
        if place + 20 > len(content):
            return place + 20 - len(content)
        levels, size = (
            struct.unpack_from("<Q", content, place + 4)[0],
            struct.unpack_from("<i", content, place + 16)[0],
        )
        described = varint_fields(content[place + 20 : place + 20 + size])
        if levels or not 0 < size < 1024 or not described or described[0][1] not in _BYTES_OF_TYPE:
            return 0
        values = math.prod(value for number, value in described if number == 2)
        place += 20 + size + values * _BYTES_OF_TYPE[described[0][1]]
    return place - len(content)


def _why_no_graph(folder: Path) -> str:
    names = sorted(path.name for path in folder.iterdir())
    if reason := why_no_graph(names, str(folder)):
        return reason
    return f"no {' or '.join(GRAPH_NAMES)} here; it holds {', '.join(names[:10]) or 'nothing'}"
