"""Take wanted files out of a tar archive that nobody vouches for.

Nothing of the archive decides where a file goes: members are found by their last name and written under the
wanted one. An archive that holds anything a model archive has no reason to hold is refused as a whole,
since it is either broken or hostile.
"""

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from snapml_ocr.file_kinds import SNIFFED_BYTES, kind_of
from snapml_ocr.weights.checkpoint import why_no_graph
from snapml_ocr.weights.file_spec import MAX_FILE_BYTES, FileSpecs, SourceError, chosen, copy_verified

MAX_MEMBERS = 1000
"""An inference model has three to five files; anything near this number is no model."""

MAX_HEADER_BYTES = 2**20
"""Extended headers (long names, PAX records) are read into memory at once; real ones have about 100 bytes."""

MAX_ARCHIVE_BYTES = 2 * MAX_FILE_BYTES
"""Bound on the archive after decompression."""

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK_BYTES = 2**20
_DAMAGED = (tarfile.TarError, EOFError, OverflowError, RecursionError, UnicodeError, ValueError, zlib.error)
"""What `tarfile` and `gzip` raise on bytes that are no archive."""


def extract(archive: Path, wanted: FileSpecs, folder: Path) -> None:
    """Write the wanted files of a tar archive (plain or gzipped) into `folder`, each verified by its SHA-256.

    A wanted file may be at any depth, but only once. Raises `SourceError` when one is missing, ambiguous or
    has another checksum, when the file is no tar archive, and when the archive has links, devices, sparse
    files, absolute names, names with `..`, more than `MAX_MEMBERS` members or members larger than any
    model.
    """
    with archive.open("rb") as file:
        is_gzip = file.read(2) == _GZIP_MAGIC
        file.seek(0)
        if is_gzip:
            unpacked = folder / "archive.tar"
            _decompress(file, unpacked)
            with unpacked.open("rb") as plain:
                _extract_plain(plain, wanted, folder)
            unpacked.unlink()
        else:
            _extract_plain(file, wanted, folder)


def _extract_plain(file: BinaryIO, wanted: FileSpecs, folder: Path) -> None:
    guarded = cast(IO[bytes], _BoundedReads(file))
    try:
        with tarfile.open(fileobj=guarded, mode="r:") as tar:
            members = _by_last_name(_checked(tar))
            for one in chosen(wanted, list(members)):
                stream = tar.extractfile(_only_member(members, one.source_name))
                if stream is None:
                    raise SourceError(f"{one.name} is not a regular file in the archive")
                copy_verified(cast(BinaryIO, stream), one, folder)
    except _DAMAGED as error:
        file.seek(0)
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        begin = file.read(SNIFFED_BYTES)
        if kind := kind_of(begin):
            raise SourceError(f"not a complete tar archive ({reason}), but {kind}") from None
        raise SourceError(f"not a complete tar archive ({reason}); it begins with {begin[:16]!r}") from None


def _checked(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Yield the regular files; stop at the first member that no model archive has."""
    for number, member in enumerate(tar, start=1):
        shown = repr(member.name[:100])
        path = PurePosixPath(member.name)
        if number > MAX_MEMBERS:
            raise SourceError(f"archive refused: more than {MAX_MEMBERS} members")
        if path.is_absolute() or ".." in path.parts or "\\" in member.name or "\0" in member.name:
            raise SourceError(f"archive refused: member {shown} points outside its folder")
        if member.issym() or member.islnk():
            raise SourceError(f"archive refused: member {shown} is a link")
        if member.issparse() or not (member.isdir() or member.type in {tarfile.REGTYPE, tarfile.AREGTYPE}):
            raise SourceError(f"archive refused: member {shown} is no regular file or folder")
        if not 0 <= member.size <= MAX_FILE_BYTES:
            raise SourceError(f"archive refused: member {shown} claims {member.size} bytes")
        if member.isreg():
            yield member


def _by_last_name(members: Iterator[tarfile.TarInfo]) -> dict[str, list[tarfile.TarInfo]]:
    found: dict[str, list[tarfile.TarInfo]] = {}
    for member in members:
        found.setdefault(PurePosixPath(member.name).name, []).append(member)
    return found


def _only_member(members: dict[str, list[tarfile.TarInfo]], name: str) -> tarfile.TarInfo:
    found = members.get(name, [])
    if len(found) > 1:
        raise SourceError(f"the archive holds {name} {len(found)} times, expected once")
    if not found:
        if reason := why_no_graph(members):
            raise SourceError(f"the archive holds {reason}")
        shown = ", ".join(sorted(members)[:10]) or "no files"
        raise SourceError(f"the archive holds no {name}; it holds {shown}")
    return found[0]


def _decompress(compressed: BinaryIO, target: Path) -> None:
    written = 0
    try:
        with gzip.GzipFile(fileobj=compressed) as stream, target.open("wb") as file:
            while chunk := stream.read(_CHUNK_BYTES):
                written += len(chunk)
                if written > MAX_ARCHIVE_BYTES:
                    raise SourceError(
                        f"archive refused: larger than {MAX_ARCHIVE_BYTES // 2**20} MiB when decompressed"
                    )
                file.write(chunk)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise SourceError(f"not a complete gzip file ({error})") from None


class _BoundedReads:
    """A file whose reads are bounded, so that no header makes `tarfile` take memory without end.

    `tarfile` reads an extended header with one call of whatever size the header claims, also a negative one,
    which means everything. File contents are copied in pieces of at most `MAX_HEADER_BYTES`.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= MAX_HEADER_BYTES:
            raise SourceError(f"archive refused: a header claims {size} bytes")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()
