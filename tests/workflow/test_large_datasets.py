"""Datasets whose images are no inputs one by one: read to the same bytes, and again when one changes."""

import shutil
from pathlib import Path

import pytest
from test_hostile_names import NAMES, add_dataset

from extended import only_extended
from small_build import built, copy_of_undisturbed

READ = "results/predictions/small/odd/snapml/001-of-001.jsonl"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_of_undisturbed(tmp_path / "project")


@only_extended
def test_a_large_dataset_is_read_to_the_bytes_of_a_small_one_and_again_when_an_image_changes(
    project: Path,
) -> None:
    add_dataset(project, NAMES[:7])
    built(project, "--", READ)
    before = (project / READ).read_bytes()
    rules = project / "workflow/rules/datasets.smk"
    text = rules.read_text()
    assert "MANY_IMAGES = 10_000" in text
    rules.write_text(text.replace("MANY_IMAGES = 10_000", "MANY_IMAGES = 6"))

    assert built(project, "--", READ).jobs == {"predict": 1}
    assert (project / READ).read_bytes() == before
    assert built(project, "--", READ).jobs == {}

    image = next(project.glob("it's*/a b.png"))
    shutil.copyfile(project / "images/licence_plate_01.jpg", image)
    assert built(project, "--", READ).jobs == {"predict": 1}
    assert (project / READ).read_bytes() != before
    assert not list(project.rglob("pwned*"))
