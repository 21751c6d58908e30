"""docs/training.md, run word for word in a copy of the project on a few real receipts."""

import json
import re
import shutil
from pathlib import Path

import pytest

from documentation.test_your_model import PARTS, SAMPLES, copy_environment, copy_images, run_commands
from real_models import PROJECT
from small_build import copy_project

PAGE = PROJECT / "docs/training.md"
# Lines enough that one that is read in another way with float16 weights is no twentieth of them.
IMAGES = [*SAMPLES, "dense_small_text_01.jpg", "dense_small_text_02.jpg"]
RECEIPTS = 5


@pytest.fixture
def project(tmp_path: Path, shared_data: Path) -> Path:
    """The project with few sample images, and a reader's own receipts."""
    folder = copy_project(PROJECT, tmp_path / "project", [*PARTS, "tools"])
    copy_environment(folder / ".venv")
    labels = {image["image"]: image for image in json.loads((PROJECT / "images/labels.json").read_text())}
    copy_images(IMAGES, folder / "images")
    (folder / "images/labels.json").write_text(json.dumps([labels[name] for name in IMAGES]))
    receipts = json.loads((shared_data / "sroie-dev/labels.json").read_text())[:RECEIPTS]
    (folder / "receipts/images").mkdir(parents=True)
    for image in receipts:
        source = shared_data / "sroie-dev" / "images" / Path(image["image"]).name
        shutil.copy(source, folder / "receipts/images" / source.name)
    (folder / "receipts/labels.json").write_text(json.dumps(receipts))
    return folder


@pytest.mark.slow
def test_the_page_about_training_holds_word_for_word(project: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    run_commands(page, project, makes=2)
    results = re.findall(r"`(results/[^`{]*my_receipts[^`{]*)`", page)
    assert len(results) >= 5
    for result in results:
        assert (project / result).is_file()
    report = (project / "results/report/index.html").read_text(encoding="utf-8")
    assert "What training brought: my_receipts" in report
    parity = json.loads((project / "results/parity/my_receipts_48x320.json").read_text())
    assert "paddle" in json.dumps(parity)
