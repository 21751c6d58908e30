"""Put trained weights into the Paddle inference model that the ONNX model was exported from."""

import shutil
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from snapml_ocr.convert.paddle_files import WEIGHTS_NAME, find_paddle_files
from snapml_ocr.errors import UserError
from snapml_ocr.files import write_bytes
from snapml_ocr.training.interpreter import constants_of

FLOAT32 = 5
"""VarType.FP32 of paddle/fluid/framework/framework.proto."""


@dataclass(frozen=True)
class Record:
    """One float32 tensor in a .pdiparams file: where its values begin, in bytes, and its shape."""

    offset: int
    shape: tuple[int, ...]

    def values(self, content: bytes | bytearray) -> NDArray[np.float32]:
        """The tensor."""
        count = int(np.prod(self.shape, dtype=np.int64))
        return np.frombuffer(content, "<f4", count, self.offset).reshape(self.shape)


def read_records(content: bytes, label: str) -> list[Record]:
    """Return the float32 tensors of a .pdiparams file in their order, which is that of their names.

    Format: per tensor a version (uint32), the number of LoD levels (uint64) with their sizes, a version
    (uint32), a length (int32) and a TensorDesc of that length, then the values
    (paddle/phi/core/framework/dense_tensor_serialize.cc).
    """
    records, place = [], 0
    try:
        while place < len(content):
            (levels,) = struct.unpack_from("<Q", content, place + 4)
            place += 12
            for _ in range(levels):
                (size,) = struct.unpack_from("<Q", content, place)
                place += 8 + size
            (length,) = struct.unpack_from("<i", content, place + 4)
            place += 8
            kind, shape = _description(content[place : place + length])
            place += length
            if kind != FLOAT32:
                raise UserError(f"{label}: holds a tensor of type {kind}, expected float32 alone")
            records.append(Record(place, shape))
            place += 4 * int(np.prod(shape, dtype=np.int64))
    except (struct.error, IndexError):
        raise UserError(f"{label}: not a complete .pdiparams file") from None
    if place != len(content):
        raise UserError(f"{label}: not a complete .pdiparams file")
    return records


def write_paddle_folder(
    source: Path,
    base: onnx.ModelProto,
    trained: onnx.ModelProto,
    target: Path,
    kept: Sequence[int] | None = None,
) -> str:
    """Copy the Paddle model `source` to `target` with the weights of `trained`, which began as `base`.

    A weight is found by its values in `base`; where several tensors are equal, such as zero biases, by the
    order of their names, in which the file is written. With `kept`, the classes that were left when the model
    was cut, columns go back among those that were not. Returns what was done. Raises `UserError` when a
    changed weight is not found.
    """
    files = find_paddle_files(source)
    content = bytearray(files.weights.read_bytes())
    records = read_records(bytes(content), str(files.weights))
    before, after = constants_of(base), constants_of(trained)
    changed = [name for name in sorted(before) if not np.array_equal(before[name], after[name])]
    pending: list[tuple[Record, NDArray[np.float32]]] = []
    for name in changed:
        old = before[name]
        equal = [
            one
            for one in sorted(before)
            if before[one].shape == old.shape and np.array_equal(before[one], old)
        ]
        found = [record for record in records if _holds(record, content, old)]
        if len(found) == len(equal):
            record = found[equal.index(name)]
            new = after[name].astype("<f4").reshape(record.shape)
        else:
            record, axis = _cut_record(records, content, old, kept, name)
            new = record.values(content).copy()
            np.moveaxis(new, axis, 0)[list(kept or ())] = np.moveaxis(after[name], axis, 0)
        pending.append((record, new))
    for record, new in pending:
        content[record.offset : record.offset + new.nbytes] = np.ascontiguousarray(new).tobytes()
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(files.graph, target / files.graph.name)
    write_bytes(target / WEIGHTS_NAME, bytes(content))
    return f"{len(pending)} of {len(records)} tensors"


def _holds(record: Record, content: bytearray, values: NDArray[np.float32]) -> bool:
    stored = record.values(content)
    return stored.size == values.size and np.array_equal(stored.reshape(-1), values.reshape(-1))


def _cut_record(
    records: Sequence[Record],
    content: bytearray,
    values: NDArray[np.float32],
    kept: Sequence[int] | None,
    name: str,
) -> tuple[Record, int]:
    for record in records if kept else ():
        for axis, size in enumerate(record.shape):
            if (
                len(record.shape) == values.ndim
                and values.shape[axis] == len(kept or ())
                and size > max(kept or ())
            ):
                part = np.take(record.values(content), list(kept or ()), axis)
                if np.array_equal(part, values):
                    return record, axis
    raise UserError(f"the Paddle model has no tensor with the values of {name!r}")


def _description(message: bytes) -> tuple[int, tuple[int, ...]]:
    """Return (data type, shape) of a TensorDesc message: field 1 is the type, field 2 the sizes."""
    kind, shape = -1, []
    numbers = _varints(message)
    for tag in numbers:
        if tag == 0x08:
            kind = next(numbers)
        elif tag == 0x10:
            shape.append(next(numbers))
        elif tag == 0x12:  # packed
            end = next(numbers)
            raise UserError(f"a packed TensorDesc of {end} bytes is not known")
    return kind, tuple(shape)


def _varints(message: bytes) -> Iterator[int]:
    value, shift = 0, 0
    for byte in message:
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            yield value
            value, shift = 0, 0
