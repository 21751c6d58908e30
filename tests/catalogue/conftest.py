"""Small Paddle models, made once, and a folder to add them to."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from real_models import KEPT, PROJECT, SCRIPTS, hash_of, make_once

TRAITS = {
    "korean": {"kind": "ctc", "classes": 3690, "height": 48, "width": None},
    "crnn": {"kind": "lstm", "classes": 42, "height": 32, "width": None},
    "many": {"kind": "attention", "classes": 20002, "height": 48, "width": None},
    "nrtr": {"kind": "fixed_steps", "classes": 42, "height": 48, "width": None},
    "tps": {"kind": "ctc", "classes": 42, "height": 32, "width": 100},
    "baked": {"kind": "baked", "classes": 42, "height": 32, "width": None},
    "open_height": {"kind": "ctc", "classes": 97, "height": None, "width": None},
    "orientation": {"kind": "orientation", "classes": 2, "height": None, "width": None},
}


def make(format: str) -> Path:
    """Make all small models of one format once; returns the folder that holds a folder for each."""
    lock, program = PROJECT / "envs" / "paddle.lock", PROJECT / "tests" / "make_small_models.py"
    traits = json.dumps(TRAITS)
    folder = KEPT / f"small-{format}-{hash_of(lock, program, Path(__file__))}"
    command = [str(SCRIPTS / "in_environment.py"), str(lock), str(program), format, str(folder), traits]
    make_once(folder / list(TRAITS)[-1] / "inference.pdiparams", command)
    return folder


@pytest.fixture(scope="session")
def small_model() -> Callable[[str, str], Path]:
    """A function from (name in `TRAITS`, `pdmodel` or `pir`) to a folder with the Paddle files."""
    return lambda name, format: make(format) / name


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the parts of the project that a new model changes; tests run in it."""
    folder = tmp_path / "project"
    for part in ("config", "rec_char_dict"):
        shutil.copytree(PROJECT / part, folder / part)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def bare(project: Path) -> Callable[[Path], str]:
    """A function that copies a model's own files, and nothing else, into the project's `models/`."""

    def copy(source: Path) -> str:
        target = project / "models" / source.name
        target.mkdir(parents=True)
        for name in ("inference.pdmodel", "inference.json", "inference.pdiparams", "inference.yml"):
            if (source / name).exists():
                shutil.copy(source / name, target)
        return f"models/{source.name}"

    return copy
