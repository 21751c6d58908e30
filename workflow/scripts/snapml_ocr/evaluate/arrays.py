"""Numpy archives whose bytes depend on their content only."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.errors import UserError
from snapml_ocr.files import atomic_path

ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date a zip member can have; numpy.savez writes today's."""

COMPRESSION_LEVEL = 1
"""Deflate at its fastest: pictures shrink by half, probabilities hardly at any level."""

MAX_HEADER_BYTES = 2**16
"""Of an array in NumPy's format."""

META = "meta"


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
    """Write `arrays` and the JSON document `meta` atomically as one .npz that numpy.load opens."""
    text = json.dumps(meta, ensure_ascii=False, allow_nan=False).encode("utf-8")
    members = {**arrays, META: np.frombuffer(text, dtype=np.uint8)}
    with atomic_path(path) as part, zipfile.ZipFile(part, "w") as archive:
        for name, array in members.items():
            info = zipfile.ZipInfo(f"{name}.npy", ZIP_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            # Above 2 GB this asks for zip64; without need, versions of Python write that differently.
            info.file_size = array.nbytes + MAX_HEADER_BYTES
            # zlib's level is taken from the archive when a member is streamed
            archive.compresslevel = COMPRESSION_LEVEL
            with archive.open(info, "w") as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)


class Arrays:
    """Reads an .npz written by `write_arrays`, array by array.

    Raises `UserError` when the file is missing, damaged or lacks an array that is asked for.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = np.load(path, allow_pickle=False)
        except FileNotFoundError:
            raise UserError(f"{path}: no such file") from None
        except (ValueError, OSError, zipfile.BadZipFile, EOFError):
            raise UserError(f"{path}: not an .npz archive; make it again") from None
        if not isinstance(self._file, np.lib.npyio.NpzFile):
            raise UserError(f"{path}: not an .npz archive; make it again")
        self.meta: dict[str, Any] = json.loads(self[META].tobytes())

    def __getitem__(self, name: str) -> NDArray[Any]:
        try:
            array: NDArray[Any] = self._file[name]
        except KeyError:
            raise UserError(f"{self._path}: has no array {name!r}; it was made by another script") from None
        except (ValueError, zipfile.BadZipFile, EOFError, io.UnsupportedOperation):
            raise UserError(f"{self._path}: array {name!r} is damaged; make the file again") from None
        return array
