"""What a file is that should be a model, an archive or a picture and is not."""

import re
from pathlib import Path

SNIFFED_BYTES = 1024
"""So many from the beginning tell every kind here."""

_KINDS = [
    (rb"\Z", "an empty file; fetch it again"),
    (
        rb"\s*version https://git-lfs",
        "a Git LFS pointer and not the file itself; run `git lfs pull` in the repository it came from",
    ),
    (
        rb"(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|\?xml)",
        "a web page, as servers send for an error or a login; fetch the file itself",
    ),
    (rb'\s*\{\s*"(errors?|message|detail)"', "a server's error message; fetch the file itself"),
    (
        rb"\x80[\x02-\x05]",
        "pickled parameters, as training checkpoints (.pdparams, .pdopt, .pth) have them, without a graph;"
        " export an inference model from it",
    ),
    (rb"PK\x03\x04", "a zip archive (a wheel, a PyTorch checkpoint, or a download to be unpacked)"),
    (rb"\x1f\x8b", "a gzip file; unpack it"),
    (rb"(?s:.{257})ustar", "a tar archive; unpack it"),
]
"""How a file begins, and what it is."""

_MAX_VARINT_BITS = 63


def kind_of(head: bytes) -> str | None:
    """Name what begins so, for a sentence "FILE: …", and say what to do; None for anything else.

    `head` is the beginning of the file, `SNIFFED_BYTES` of it or less.
    """
    return next((kind for begin, kind in _KINDS if re.match(begin, head, re.IGNORECASE)), None)


def kind_of_file(path: Path) -> str | None:
    """`kind_of` a file; None when it cannot be read, which whoever opens it will say."""
    try:
        with path.open("rb") as file:
            return kind_of(file.read(SNIFFED_BYTES))
    except OSError:
        return None


def missing_bytes(content: bytes) -> int:
    """Return how many bytes a protocol buffer lacks at its end, by the lengths in it; 0 for other damage.

    A model is one field of nearly the whole file's length, so a download that ended early shows.
    """
    place = 0
    while place < len(content):
        tag, place = _varint(content, place)
        length = {1: 8, 5: 4}.get(tag & 7, 0)
        if tag & 7 == 2:
            length, place = _varint(content, place)
        elif tag & 7 == 0:
            _, place = _varint(content, place)
        elif not length:
            return 0
        place += length
    return place - len(content)


def varint_fields(message: bytes) -> list[tuple[int, int]]:
    """Return (field number, value) of a message that has fields of whole numbers alone."""
    fields, place = [], 0
    while place < len(message):
        tag, place = _varint(message, place)
        value, place = _varint(message, place)
        fields.append((tag >> 3, value))
    return fields


def _varint(content: bytes, place: int) -> tuple[int, int]:
    """The number at a place, and the place behind it (https://protobuf.dev/programming-guides/encoding/)."""
    value = 0
    for shift in range(0, _MAX_VARINT_BITS, 7):
        if place >= len(content):
            break
        value, place = value | (content[place] & 127) << shift, place + 1
        if content[place - 1] < 128:
            break
    return value, place
