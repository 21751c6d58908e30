"""The manifest of a build: checksum and size of every artifact, what it was made from and with what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snapml_ocr.errors import UserError
from snapml_ocr.files import sha256_of

NOT_LISTED = ("latency", "report", "manifest.json")
"""Measured times differ from run to run, and so does the report that shows them."""

LINEAGE_KEYS = {"path", "inputs", "code", "lock"}


@dataclass(frozen=True)
class Difference:
    """A file that is not as the manifest says."""

    path: str
    reason: str


def make_manifest(
    results: Path, lineage: Sequence[Mapping[str, Any]], tools: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """Describe every file below `results` but those of `NOT_LISTED` and hidden ones, sorted by path.

    `lineage` adds to a file, or to all files of a folder, what made it: {"path", "inputs": [paths], "code":
    hash, "lock": file name}; paths are relative to the folder above `results`, as the workflow writes them.
    `tools` gives the packages and versions of each such lock. Raises `UserError` for a lineage entry of a
    file that does not exist.
    """
    known = {_checked(entry)["path"]: entry for entry in lineage}
    folders = {name: known.pop(name) for name in list(known) if (results.parent / name).is_dir()}
    files = {}
    for path in _artifacts(results):
        name = f"{results.name}/{path.relative_to(results).as_posix()}"
        files[name] = {
            "sha256": sha256_of(path),
            "bytes": path.stat().st_size,
            **_origin(known.pop(name, None) or _of_folder(name, folders)),
        }
    missing = [name for name in sorted(known) if not _left_out(Path(name), Path(results.name))]
    if missing:
        raise UserError(f"{missing[0]}: the lineage says it was made, but there is no such file")
    return {"tools": tools, "files": files}


def differences(manifest: Mapping[str, Any], results: Path) -> list[Difference]:
    """What is not as `manifest` says: files that are missing, differ, or are not in it."""
    try:
        files = {
            str(name): (str(entry["sha256"]), entry["bytes"]) for name, entry in manifest["files"].items()
        }
    except (KeyError, TypeError, AttributeError):
        raise UserError("not a manifest: expected files with sha256 and bytes") from None
    found = []
    for name, (sha256, size) in files.items():
        path = results.joinpath(*Path(name).parts[1:])  # the folder may have another name here
        if not path.is_file():
            found.append(Difference(name, "is missing"))
        elif path.stat().st_size != size:
            found.append(Difference(name, f"has {path.stat().st_size} bytes, expected {size}"))
        elif sha256_of(path) != sha256:
            found.append(Difference(name, "has other content of the same size"))
    listed = {Path(name).parts[1:] for name in files}
    for path in _artifacts(results):
        parts = path.relative_to(results).parts
        if parts not in listed:
            found.append(Difference("/".join((results.name, *parts)), "is not in the manifest"))
    return sorted(found, key=lambda difference: difference.path)


def _artifacts(results: Path) -> Iterator[Path]:
    for path in sorted(results.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(results).parts)
        if path.is_file() and not hidden and not _left_out(path, results):
            yield path


def _left_out(path: Path, results: Path) -> bool:
    return path.relative_to(results).parts[0] in NOT_LISTED


def _origin(entry: Mapping[str, Any] | None) -> dict[str, Any]:
    if entry is None:
        return {}
    return {key: sorted(value) if key == "inputs" else value for key, value in entry.items() if key != "path"}


def _of_folder(name: str, folders: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return next((entry for folder, entry in folders.items() if name.startswith(f"{folder}/")), None)


def _checked(entry: Any) -> Mapping[str, Any]:
    if not isinstance(entry, dict) or "path" not in entry or not set(entry) <= LINEAGE_KEYS:
        raise UserError(
            f"lineage: expected objects with {', '.join(sorted(LINEAGE_KEYS))}, found {entry!r:.80}"
        )
    return entry
