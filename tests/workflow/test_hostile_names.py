"""Names that a shell, Snakemake or a parser could take for something else are only names, or are refused."""

import json
import shutil
from pathlib import Path

import pytest

from extended import only_extended
from small_build import SETTINGS, build, built, copy_of_undisturbed

FOLDER = "it's $(touch pwned) data"
NAMES = [
    "a b.png",
    "it's.png",
    '"q".png',
    "$(touch pwned).png",
    "`touch pwned`.png",
    "x;touch pwned.png",
    "new\nline.png",
    "-rf.png",
    "*.png",
    "~.png",
    "#c.png",
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_of_undisturbed(tmp_path / "project")


def add_dataset(project: Path, names: list[str]) -> None:
    folder = project / FOLDER
    folder.mkdir()
    entry = next(one for one in json.loads((project / "images/labels.json").read_text()) if one["words"])
    for name in names:
        shutil.copyfile(project / "images" / entry["image"], folder / name)
    (folder / "labels.json").write_text(json.dumps([{**entry, "image": name} for name in names]))
    datasets = f'datasets:\n  odd: {{path: "{FOLDER}"}}\nevaluate: {{datasets: [images, odd], '
    settings = (project / SETTINGS).read_text().replace("evaluate: {", datasets)
    (project / SETTINGS).write_text(settings)


@only_extended
def test_images_with_odd_names_are_read_and_scored_and_nothing_else_happens(project: Path) -> None:
    add_dataset(project, NAMES)
    probe = project / "images/a;touch>pwned"
    shutil.copyfile(project / "images/test1.png", probe)
    settings = (project / SETTINGS).read_text().replace("images/test1.png", "images/a;touch>pwned")
    (project / SETTINGS).write_text(settings)
    built(project, "--", "results/accuracy/small/odd.json")
    predictions = next(project.glob("results/predictions/small/odd/snapml/*.jsonl"))
    read = [json.loads(line)["image"] for line in predictions.read_text().splitlines()]
    assert sorted(Path(name).name for name in read) == sorted(NAMES)
    assert json.loads((project / "results/accuracy/small/odd.json").read_text())["images"] == len(NAMES)
    assert not list(project.rglob("pwned*"))


def test_a_brace_which_snakemake_would_take_for_a_wildcard_is_refused(project: Path) -> None:
    add_dataset(project, ["a{model}.png"])
    refused = build(project, "--dry-run")
    assert refused.code == 1
    assert 'a{model}.png" has a brace in its name; rename it' in refused.output
