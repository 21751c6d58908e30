"""Change the weights of a Paddle inference model by a hair, as a little training would."""

import struct
from pathlib import Path

import numpy as np

FLOAT32 = 5
"""`VarType.FP32` in Paddle's framework.proto."""


def nudge(weights: Path, share: float) -> int:
    """Multiply every float32 number of a `.pdiparams` file by a factor within `share` of 1; return how many.

    The file is a row of tensors: version, levels of detail, version, then a TensorDesc message (field 1 the
    type, field 2 the sizes) behind its length, then the numbers.
    """
    content, position, changed = bytearray(weights.read_bytes()), 0, 0
    generator = np.random.default_rng(0)
    while position < len(content):
        _, levels = struct.unpack_from("<IQ", content, position)
        assert levels == 0
        _, length = struct.unpack_from("<Ii", content, position + 12)
        start = position + 20
        kind, sizes = tensor_desc(bytes(content[start : start + length]))
        count, begin = int(np.prod(sizes)), start + length
        assert kind == FLOAT32
        numbers = np.frombuffer(content, "<f4", count, begin)
        factors = 1 + share * generator.uniform(-1, 1, count)
        content[begin : begin + 4 * count] = (numbers * factors).astype("<f4").tobytes()
        position, changed = begin + 4 * count, changed + count
    weights.write_bytes(content)
    return changed


def tensor_desc(message: bytes) -> tuple[int, list[int]]:
    """Type and sizes out of a TensorDesc."""
    kind, sizes, position = 0, [], 0
    while position < len(message):
        key, position = varint(message, position)
        value, position = varint(message, position)
        if key >> 3 == 1:
            kind = value
        elif key & 7 == 0:
            sizes.append(value)
        else:  # packed
            end = position + value
            while position < end:
                size, position = varint(message, position)
                sizes.append(size)
    return kind, sizes


def varint(message: bytes, position: int) -> tuple[int, int]:
    """A number of protocol buffers and the place behind it."""
    value = shift = 0
    while True:
        byte = message[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position
