"""Locked Python environments for the steps whose packages exclude each other's.

An environment is a virtual environment with exactly the packages of one lock file, each verified against
the hashes in it. It is made once, in seconds, and used as it is from then on. `uv run --with-requirements`
would be shorter, but it does not verify hashes, and lets packages of the calling environment leak in.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from snapml_ocr.errors import UserError
from snapml_ocr.files import lock_file

MAX_INSTALL_S = 1800
FOLDER_VARIABLE = "SNAPML_OCR_ENVIRONMENTS"

_COMPLETE = ".complete"


def python_in(lock: Path) -> Path:
    """Return the Python of the environment with the packages of `lock`; make it when it is not there.

    It has the Python version that calls, and lies beside the calling environment's packages, or in the
    folder that the variable `SNAPML_OCR_ENVIRONMENTS` names. Raises `UserError` with uv's reason when
    packages cannot be installed.
    """
    if not lock.is_file():
        raise UserError(f"{lock}: no such lock file")
    folder = _folder() / f"{lock.stem}-{_key(lock)}"
    python = folder / "bin" / "python"
    if not (folder / _COMPLETE).is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(folder.with_suffix(".lock")):
            if not (folder / _COMPLETE).is_file():
                _make(folder, python, lock)
    return python


def command_in(lock: Path) -> list[str]:
    """Return the command that runs Python in the environment of `lock`, and with no other packages.

    See `python_in` for the environment.
    """
    return ["env", "-u", "PYTHONPATH", str(python_in(lock)), "-s"]


def _make(folder: Path, python: Path, lock: Path) -> None:
    print(f"making the environment of {lock} (once)", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    uv = _uv()
    _run([uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(folder)], lock)
    install = [uv, "pip", "sync", "--require-hashes", "--python", str(python), str(lock)]
    _run([*install, *([] if sys.stderr.isatty() else ["--quiet"])], lock)
    (folder / _COMPLETE).touch()


def _run(command: list[str], lock: Path) -> None:
    try:
        finished = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno(),
            stderr=None if sys.stderr.isatty() else subprocess.PIPE,
            text=True,
            timeout=MAX_INSTALL_S,
            check=False,
            env={**_pips_index(), **os.environ, "UV_PYTHON_DOWNLOADS": "never"},
        )
    except subprocess.TimeoutExpired:
        raise UserError(f"{lock}: uv did not finish within {MAX_INSTALL_S // 60} minutes") from None
    if finished.returncode != 0:
        reason = " ".join((finished.stderr or "see above").split())
        raise UserError(f"{lock}: its packages cannot be installed: {reason.removeprefix('error: ')}")


def _pips_index() -> dict[str, str]:
    """Return the package index that pip is set to use as uv's setting, since uv does not read pip's."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    for setting in (":env:.index-url", "site.index-url", "user.index-url", "global.index-url"):
        for line in listed.stdout.splitlines():
            name, _, value = line.partition("=")
            if name == setting:
                return {"UV_DEFAULT_INDEX": value.strip("'\"")}
    return {}


def _uv() -> str:
    """Return uv's path: the one of this environment, else the first on PATH."""
    beside = Path(sysconfig.get_path("scripts")) / "uv"
    found = str(beside) if beside.is_file() else shutil.which("uv")
    if found is None:
        raise UserError("uv is not installed here; it is one of the packages of envs/pipeline.lock")
    return found


def _folder() -> Path:
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else Path(sys.prefix) / "locked-environments"


def _key(lock: Path) -> str:
    """Return a short hash of everything that decides what is in the environment."""
    version = f"{sys.implementation.cache_tag} {sysconfig.get_platform()} {sys.base_prefix}\n"
    return hashlib.sha256(version.encode() + lock.read_bytes()).hexdigest()[:16]


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Let one process at a time through, also when a process is killed in the middle."""
    with path.open("w") as file:
        lock_file(file.fileno(), wait=True)
        yield
