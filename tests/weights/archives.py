"""Archives for the tests: what an upstream server has, and what an attacker would send."""

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

from snapml_ocr.weights.file_spec import FileSpec

GRAPH = b"graph " * 1000
PARAMS = bytes(range(256)) * 200


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


WANTED = [FileSpec("inference.pdmodel", sha256(GRAPH)), FileSpec("inference.pdiparams", sha256(PARAMS))]
FILE_FLAGS = [part for one in WANTED for part in ("--file", f"{one.name}={one.sha256}")]


def member(name: str, content: bytes = b"", **fields) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content


def tar_bytes(*members: tuple[tarfile.TarInfo, bytes], mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def model_members(folder: str = "model/") -> list[tuple[tarfile.TarInfo, bytes]]:
    return [
        member(f"{folder}inference.pdmodel", GRAPH),
        member(f"{folder}inference.pdiparams.info", b"not wanted"),
        member(f"{folder}inference.pdiparams", PARAMS),
    ]


def model_tar(mode: str = "w") -> bytes:
    return tar_bytes(member("model", type=tarfile.DIRTYPE), *model_members(), mode=mode)


def wheel_bytes(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, content in members.items():
            wheel.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def installable_wheel(folder: Path, package: str, members: dict[str, bytes]) -> Path:
    """Write a wheel that pip accepts to `folder`."""
    info = f"{package}-1.0.dist-info"
    metadata = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    path = folder / f"{package}-1.0-py3-none-any.whl"
    path.write_bytes(wheel_bytes({**members, **metadata}))
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
