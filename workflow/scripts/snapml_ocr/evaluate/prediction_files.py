"""What a stage read, image by image, from predictions.jsonl files of any length."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.labels import Outline, Place, checked_outline, checked_text


@dataclass(frozen=True, slots=True)
class Prediction:
    """Lines found in one image, in reading order; `error` says why it could not be read."""

    quads: tuple[Outline, ...] = ()
    texts: tuple[str, ...] = ()
    error: str | None = None


class Predictions:
    """Predictions of one stage, kept on disk: only the place of each image's line is in memory.

    Several files, such as those of shards, count as one. Raises `UserError` for a line that is no
    prediction and for an image that occurs twice.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = list(files)
        self._places: dict[str, tuple[int, int, int]] = {}
        self._names_by_base: dict[str, str | None] = {}
        for index, file in enumerate(self._files):
            self._index(index, file)

    def __len__(self) -> int:
        return len(self._places)

    def of(self, name: str) -> Prediction | None:
        """Prediction for the image `name`, or for its bare file name where that is unique; else None."""
        place = self._places.get(name)
        if place is None:
            full = self._names_by_base.get(PurePosixPath(name).name)
            if full is None or "/" in full:
                return None
            place = self._places[full]
        index, number, offset = place
        with self._files[index].open("rb") as file:
            file.seek(offset)
            return _prediction(
                _decoded(file.readline(), Place(self._files[index], number)),
                Place(self._files[index], number),
            )

    def _index(self, index: int, path: Path) -> None:
        offset = 0
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise UserError(f"{path}: no such file of predictions") from None
        with file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    self._add(_decoded(line, Place(path, number)), index, number, offset)
                offset += len(line)

    def _add(self, entry: dict[str, Any], index: int, number: int, offset: int) -> None:
        name, place = entry.get("image"), Place(self._files[index], number)
        if not isinstance(name, str):
            raise place.wrong("expected a prediction with the key image")
        if name in self._places:
            raise place.wrong(f"image {name!r} is predicted a second time")
        self._places[name] = (index, number, offset)
        base = PurePosixPath(name).name
        self._names_by_base[base] = None if base in self._names_by_base else name


def _decoded(line: bytes, place: Place) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise place.wrong("not a JSON object") from None
    if not isinstance(entry, dict):
        raise place.wrong("not a JSON object")
    return entry


def _prediction(entry: dict[str, Any], place: Place) -> Prediction:
    if "error" in entry:
        return Prediction(error=str(entry["error"]))
    lines = entry.get("lines")
    if not isinstance(lines, list) or not all(isinstance(line, dict) and "quad" in line for line in lines):
        raise place.wrong("expected lines, each with the keys quad and text")
    return Prediction(
        quads=tuple(checked_outline(line["quad"], place) for line in lines),
        texts=tuple(checked_text(line.get("text") or "", place) for line in lines),
    )
