"""docs/your-model.md, run word for word in a copy of the project."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import small_build
from documentation.paddle_weights import nudge
from real_models import PROJECT
from small_build import copy_project

PARTS = sorted({*small_build.PARTS, "Makefile"} - {"images"})
PAGE = PROJECT / "docs/your-model.md"
MODEL = "ch_PP-OCRv4_rec_infer"
SAMPLES = ["billboard_01.jpg", "licence_plate_01.jpg", "test1.png", "test2.png"]
OWN = ["billboard_02.jpg", "licence_plate_02.jpg", "book_cover_02.jpg"]
HAIR = 1e-4


@pytest.fixture
def project(tmp_path: Path, real_weights, real_dictionary) -> Path:
    """The project with few sample images, and a reader's own model and photographs."""
    folder = copy_project(PROJECT, tmp_path / "project", PARTS)
    copy_environment(folder / ".venv")
    labels = {image["image"]: image for image in json.loads((PROJECT / "images/labels.json").read_text())}
    copy_images(SAMPLES, folder / "images")
    (folder / "images/labels.json").write_text(json.dumps([labels[name] for name in SAMPLES]))

    copy_images(OWN, folder / "data/signs")
    lines = [f"{name}\t{json.dumps(paddle_words(labels[name]), ensure_ascii=False)}\n" for name in OWN]
    (folder / "data/signs/Label.txt").write_text("".join(lines))
    model = folder / "models/signs_rec"
    model.mkdir(parents=True)
    for name in ("inference.pdmodel", "inference.pdiparams"):
        shutil.copy(real_weights(MODEL) / name, model)
    assert nudge(model / "inference.pdiparams", HAIR) > 2e6
    entries = real_dictionary(MODEL).read_text(encoding="utf-8").split("\n")
    entries[-2] = "№"  # the last one; no photograph has the character that stood there
    (model / "signs_dict.txt").write_text("\n".join(entries), encoding="utf-8")
    return folder


def copy_environment(target: Path) -> None:
    """The environment of the tests under another name, taken for the pipeline's."""
    target.mkdir()
    for part in Path(sys.prefix).iterdir():
        if part.suffix != ".lock":
            (target / part.name).symlink_to(part)
    (target / "pipeline.lock").touch()


def copy_images(names: list[str], target: Path) -> None:
    target.mkdir(parents=True)
    for name in names:
        shutil.copy(PROJECT / "images" / name, target)


def paddle_words(image: dict) -> list[dict]:
    """Labels as PPOCRLabel writes them."""
    return [
        {
            "transcription": "###" if word["ignore"] else word["text"],
            "points": [[round(x), round(y)] for x, y in word["quad"]],
            "difficult": word["ignore"],
        }
        for word in image["words"]
    ]


def run_commands(page: str, project: Path, *, makes: int) -> subprocess.CompletedProcess[str]:
    """Run the commands of a page in a project, which call `make` so many times; they must end well."""
    commands = "".join(re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    assert commands.count("make ") == makes
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=project,
        env={**os.environ, "CORES": "2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.mark.slow
def test_the_page_about_your_own_model_holds_word_for_word(project: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    done = run_commands(page, project, makes=3)
    printed = " ".join(done.stdout.split())
    for shown in re.findall(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        assert " ".join(shown.split()) in printed
    for result in set(re.findall(r"`(results/[^`]*)`", page)):
        assert (project / result).is_file()
    accuracy = json.loads((project / "results/accuracy/signs/signs.json").read_text())
    assert accuracy["images"] == len(OWN)
    report = (project / "results/report/index.html").read_text(encoding="utf-8")
    assert "signs_48x320" in report


def test_every_file_the_page_shows_is_one_the_test_makes() -> None:
    page = PAGE.read_text(encoding="utf-8")
    tree = re.search(r"^```\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert tree
    assert [line.split()[0] for line in tree[1].splitlines()] == [
        "models/signs_rec/inference.pdmodel",
        "models/signs_rec/inference.pdiparams",
        "models/signs_rec/signs_dict.txt",
        "data/signs/Label.txt",
        "data/signs/*.jpg",
    ]
