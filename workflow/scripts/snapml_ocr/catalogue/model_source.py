"""Fetch the files of a model that no catalogue knows yet."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from snapml_ocr.catalogue import inference_yml
from snapml_ocr.errors import UserError
from snapml_ocr.runtime.model import ONNX_NAME
from snapml_ocr.weights.checkpoint import GRAPHS, WEIGHTS, why_no_graph
from snapml_ocr.weights.download import RetryPolicy
from snapml_ocr.weights.fetch import fetch_unknown
from snapml_ocr.weights.file_spec import FileSpec, SourceError, is_file_name
from snapml_ocr.weights.sources import (
    SOURCE_START,
    Folder,
    LocalArchive,
    LocalFile,
    UrlArchive,
    UrlFile,
    Wheel,
    in_order,
    parse_source,
)

MAX_TEXT_FILES = 20
"""Beside a model lie a dictionary and a readme; a folder with more text files is no model's own."""

ONNX = ".onnx"
_ARCHIVES = (".tar", ".tar.gz", ".tgz")
_TRAINED = (".pdparams", ".pdopt", ".states")
_KINDS = {"folder", "tar", "file"}


def as_source(text: str, project: Path) -> str:
    """Return a source as a catalogue writes it, from that or from a plain path of a folder, tar or ONNX file.

    Paths inside `project` become relative to it, where builds run; others become absolute. Raises `UserError`
    when there is nothing at a path.
    """
    kind, _, rest = text.partition(":")
    if SOURCE_START.match(text) and kind not in _KINDS:
        parse_source(text)
        return text
    given, _, member = (rest if kind in _KINDS else text).partition("!")
    path = Path(given).expanduser()
    if not path.exists() and Path(f"{path}.pdparams").exists():  # as training's own flags name it
        path = Path(f"{path}.pdparams")
    if path.name.endswith(_TRAINED) and path.is_file():
        raise UserError(f"{path}: {why_no_graph(_names(path.parent), str(path.parent))}")
    if not path.exists():
        raise UserError(
            f"{path}: no such folder or file; a source is a folder, a tar or ONNX file, a URL or wheel:…"
        )
    kind = "folder" if path.is_dir() else "file" if path.name.endswith(ONNX) else "tar"
    if kind == "tar" and path.name in {*GRAPHS, WEIGHTS}:
        raise UserError(f"{path}: give the folder with the model, {path.parent}, not one of its files")
    if kind == "tar" and not path.name.endswith(_ARCHIVES):
        raise UserError(f"{path}: neither a folder nor a tar file (*.tar, *.tar.gz, *.tgz) nor ONNX (*.onnx)")
    absolute, root = Path(os.path.abspath(path)), Path(os.path.abspath(project))  # noqa: PTH100 - links stay
    shown = absolute.relative_to(root) if absolute.is_relative_to(root) else absolute
    return f"{kind}:{shown}{f'!{member}' if member else ''}"


def fetch_model(source: str, name: str, folder: Path, *, mirror: str | None, retries: RetryPolicy) -> str:
    """Copy a model's graph, weights, `inference.yml` and text files from `source` into `folder`.

    Returns the source as the catalogue has to write it: with the name of the ONNX file, where it was found in
    a folder or an archive. A mirror stands in for URLs, as when the catalogue's models are fetched. Raises
    `UserError` that says what is missing, and for a training checkpoint how an inference model is made of it.
    """
    parsed = parse_source(source)
    place = str(parsed.path) if isinstance(parsed, Folder) else "FOLDER"
    is_local = not isinstance(parsed, UrlArchive | UrlFile)
    member = parsed.path.name if isinstance(parsed, LocalFile) else getattr(parsed, "member", "")
    found: list[str] = []

    def pick(names: Sequence[str]) -> list[FileSpec]:
        wanted = _pick(names, place, member)
        found[:] = [one.at_source for one in wanted if one.at_source]
        return wanted

    fetch_unknown([parsed] if is_local else in_order([parsed], mirror, name), pick, folder, retries)
    if not found or member or isinstance(parsed, UrlFile):
        return source
    if isinstance(parsed, Folder):
        return f"file:{parsed.path / found[0]}"
    return f"{source}{'/' if isinstance(parsed, Wheel) else '!'}{found[0]}"


def name_from(source: str) -> str:
    """A name for the model: that of its folder, archive or file."""
    parsed = parse_source(source)
    match parsed:
        case Folder(path):
            name = path.resolve().name
        case LocalArchive(path, member):
            name = member or path.name
        case LocalFile(path):
            name = path.name
        case UrlArchive(_, member):
            name = member or parsed.archive_name
        case UrlFile():
            name = parsed.archive_name
        case _:
            name = getattr(parsed, "member", "") or Path(getattr(parsed, "folder", "")).name
    for ending in (*_ARCHIVES, ONNX):
        name = name.removesuffix(ending)
    return name


def _names(folder: Path) -> list[str]:
    """Files of a folder and of the folders in it, relative to it."""
    return [
        path.relative_to(folder).as_posix()
        for pattern in ("*", "*/*")
        for path in sorted(folder.glob(pattern))
        if path.is_file()
    ]


def _pick(names: Sequence[str], place: str, member: str) -> list[FileSpec]:
    """Choose the files; raises `SourceError` when they make no inference model."""
    texts = sorted(name for name in set(names) if name.endswith(".txt") and is_file_name(name))
    beside = [inference_yml.NAME] if inference_yml.NAME in names else []
    others = [FileSpec(name, None) for name in [*beside, *texts[:MAX_TEXT_FILES]]]
    graphs = [name for name in GRAPHS if name in names]
    models = (
        [member] if member else sorted(name for name in set(names) if name.endswith(ONNX) and "/" not in name)
    )
    if member or (models and not graphs):
        if len(models) > 1:
            raise SourceError(
                f"holds {len(models)} ONNX models ({', '.join(models[:10])}); name the one meant"
            )
        if not is_file_name(models[0]):
            raise SourceError(
                f"{models[0]!r}: rename the file; letters, digits, dot, dash, underscore are taken"
            )
        model = FileSpec(ONNX_NAME, None)
        return [model if models[0] == ONNX_NAME else replace(model, at_source=models[0]), *others]
    if not graphs:
        below = _names(Path(place)) if Path(place).is_dir() else []
        deeper = next((name for name in below if Path(name).name in GRAPHS or name.endswith(ONNX)), None)
        if deeper:
            raise SourceError(
                f"no model in the folder itself; did you mean {Path(place) / Path(deeper).parent}?"
            )
        reason = why_no_graph([*names, *below], place)
        held = ", ".join(sorted(names)[:10]) or "nothing"
        raise SourceError(reason or f"no {' or '.join(GRAPHS)} and no ONNX file here; it holds {held}")
    if len(graphs) > 1:
        raise SourceError(f"holds both {' and '.join(graphs)}; keep the one that is meant")
    if WEIGHTS not in names:
        raise SourceError(f"{graphs[0]} is there, but its weights {WEIGHTS} are not")
    return [FileSpec(graphs[0], None), FileSpec(WEIGHTS, None), *others]
