"""The files a model needs, each with the checksum that proves it is the right one."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from snapml_ocr.errors import UserError
from snapml_ocr.file_kinds import kind_of_file

MAX_FILE_BYTES = 2**30
"""No usable model comes near: Lens Studio takes 10 MB, PP-OCR models of server size have about 100 MB."""

_CHUNK_BYTES = 2**20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class SourceError(UserError):
    """One source cannot serve the wanted files; another may."""


@dataclass(frozen=True)
class FileSpec:
    """A file to fetch: the name it gets here, its SHA-256, and its name at the source if that is another.

    Without a SHA-256 the file is taken as it is, for models that are looked at for the first time.
    """

    name: str
    sha256: str | None
    at_source: str = ""

    @property
    def source_name(self) -> str:
        """The name it has at the source."""
        return self.at_source or self.name


FileSpecs = Sequence[FileSpec] | Callable[[Sequence[str]], Sequence[FileSpec]]
"""The files to fetch, or what picks them from the names that a source has."""


def chosen(wanted: FileSpecs, names: Sequence[str]) -> Sequence[FileSpec]:
    """Return the files to fetch from a source that has files called `names`."""
    return wanted(names) if callable(wanted) else wanted


def from_member(wanted: FileSpecs, member: str) -> FileSpecs:
    """Return `wanted` with the one model or text file in it called `member` at the source."""
    if callable(wanted) or not member:
        return wanted
    suffix = PurePosixPath(member).suffix
    return [replace(one, at_source=member) if one.name.endswith(suffix) else one for one in wanted]


def is_file_name(text: str) -> bool:
    """Whether `text` can be the name of a wanted file: no folders, nothing a program could mistake."""
    return _NAME.fullmatch(text) is not None


def parse_file_spec(text: str) -> FileSpec:
    """Read `NAME=SHA256`; raises `UserError` when either is malformed."""
    name, _, sha256 = text.partition("=")
    if not is_file_name(name):
        raise UserError(f"file {text!r}: expected NAME=SHA256, the name without folders")
    if not _SHA256.fullmatch(sha256.lower()):
        raise UserError(f"file {name}: expected a SHA-256 of 64 hexadecimal digits, found {sha256!r}")
    return FileSpec(name, sha256.lower())


def copy_verified(stream: BinaryIO, wanted: FileSpec, folder: Path) -> int:
    """Copy `stream` to `folder / wanted.name` and return the number of bytes.

    Raises `SourceError` when the content is larger than `MAX_FILE_BYTES` or its SHA-256 is another; what
    was written stays under that name, so `folder` must be a temporary one.
    """
    digest = hashlib.sha256()
    size = 0
    with (folder / wanted.name).open("wb") as file:
        while chunk := stream.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > MAX_FILE_BYTES:
                raise SourceError(f"{wanted.name} is larger than {MAX_FILE_BYTES // 2**20} MiB")
            digest.update(chunk)
            file.write(chunk)
    if wanted.sha256 is not None and digest.hexdigest() != wanted.sha256:
        kind = f": it is {found}" if (found := kind_of_file(folder / wanted.name)) else ""
        raise SourceError(
            f"{wanted.name} has SHA-256 {digest.hexdigest()} ({size} bytes), expected {wanted.sha256}{kind}"
        )
    return size
