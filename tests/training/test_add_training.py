"""add_training.py: what it writes into catalogue and configuration, and what it refuses."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from training_runs import sample_lines, write_set

from real_models import PROJECT
from snapml_ocr.plan.configuration import read_catalogue
from snapml_ocr.plan.space_rule import TRAINED_LIKELY

BASE = "en_number_mobile_v2.0_rec_infer"


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    return Path(shutil.copy(PROJECT / "config/models.yaml", tmp_path / "models.yaml"))


def add(catalogue: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    files = ["--catalogue", catalogue, "--build_file", catalogue.with_name("build.yaml")]
    program = [sys.executable, "workflow/scripts/add_training.py", "--base", BASE, "--name", "mine"]
    command = [*program, *map(str, files), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT)


def test_entry_has_the_base_and_every_option_that_was_given(catalogue: Path, tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", sample_lines(20))
    options = ["--rehearsal_data", tmp_path / "crops", "images", "--steps", 7, "--device", "gpu"]
    done = add(catalogue, "--data", data, *options)
    assert done.returncode == 0, done.stderr
    entry = read_catalogue(catalogue)["mine"]
    assert entry.base == BASE
    assert entry.training is not None
    assert entry.training.data == [str(data)]
    assert entry.training.rehearsal_data == [str(tmp_path / "crops"), "images"]
    assert entry.training.changed() == {"steps": 7, "device": "gpu"}
    assert entry.spaces == read_catalogue(catalogue)[BASE].spaces.model_copy(
        update={"likely": TRAINED_LIKELY}
    )
    assert "mine" in (tmp_path / "build.yaml").read_text(encoding="utf-8")


def test_lines_that_cannot_be_learned_are_refused_before_anything_is_written(
    catalogue: Path, tmp_path: Path
) -> None:
    before = catalogue.read_bytes()
    data = write_set(tmp_path / "set", sample_lines(20), lambda text: text + "€")
    done = add(catalogue, "--data", data)
    assert done.returncode == 2
    assert "--characters '€' adds what the dictionary lacks" in done.stderr
    assert catalogue.read_bytes() == before
    assert not (tmp_path / "build.yaml").exists()
