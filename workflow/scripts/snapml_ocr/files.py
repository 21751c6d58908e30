"""Files that are either complete or absent: atomic writes, stable JSON, checksums."""

import codecs
import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from snapml_ocr.errors import UserError

_LOCK = ".lock"


def decoded(content: bytes) -> str:
    """Return UTF-8 text, with or without a byte order mark, or UTF-16 with one; raises UnicodeDecodeError."""
    is_utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if is_utf_16 else "utf-8-sig")


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a path to write to; the file gets the name `path` only when the block ends without error.

    A process that is killed leaves a hidden `.part` folder, never a half-written `path`; the next write of
    the same file removes it.
    """
    with scratch_folder(path.parent, f".{path.name}") as scratch:
        part = scratch / path.name
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)


@contextmanager
def scratch_folder(parent: Path, stem: str) -> Iterator[Path]:
    """Yield a folder `{stem}.{random}.part` in `parent`, on its file system, that goes when the block ends.

    A file in it is locked meanwhile. Folders of that name that nobody has locked were left by processes that
    were killed, and are removed. Locks end with their process and hold across containers and hosts, where the
    number of a process says nothing.
    """
    parent.mkdir(parents=True, exist_ok=True)
    for left_over in parent.glob(f"{_glob_escaped(stem)}.*.part"):
        _remove_if_abandoned(left_over)
    folder, lock = _locked_folder(parent, stem)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` atomically."""
    with atomic_path(path) as part:
        part.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Write `text` atomically as UTF-8 with the line ends it has."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, document: Any) -> None:
    """Write `document` atomically as indented UTF-8 JSON; the same document gives the same bytes.

    Raises ValueError for NaN and infinities, which JSON does not know.
    """
    write_text(path, json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file; raises `UserError` that names the file and the line where it is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except json.JSONDecodeError as error:
        raise UserError(f"{path}, line {error.lineno}: not JSON: {error.msg}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: not UTF-8 text") from None


def sha256_of(path: Path) -> str:
    """Lower-case hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_files(*paths: str | Path) -> str:
    """Return one hexadecimal SHA-256 of the contents of files, one after the other."""
    return hashlib.sha256(b"".join(Path(path).read_bytes() for path in paths)).hexdigest()


def _glob_escaped(name: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in name)


def _locked_folder(parent: Path, stem: str) -> tuple[Path, int]:
    while True:
        folder = parent / f"{stem}.{secrets.token_hex(4)}.part"
        folder.mkdir()
        with suppress(FileNotFoundError):
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
            if lock_file(lock) and os.fstat(lock).st_nlink:
                return folder, lock
            os.close(lock)
        # Another process took the folder for abandoned before the lock was there: once more.


def _remove_if_abandoned(folder: Path) -> None:
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR)
    except FileNotFoundError:
        with suppress(OSError):  # not empty, or gone
            folder.rmdir()
        return
    except OSError:
        return
    if lock_file(lock):
        shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)


def lock_file(file: int, *, wait: bool = False) -> bool:
    """Take the lock of an open file; False when another process, on this host or another, has it.

    Raises `UserError` on a file system that knows no locks.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError as error:
        name = Path(f"/proc/self/fd/{file}").readlink() if Path("/proc/self/fd").exists() else "a lock"
        raise UserError(
            f"{name}: the file system cannot lock files ({error.strerror}); use one that can: a local disk,"
            " NFS 4, or Lustre mounted with the option flock"
        ) from None
    return True
