import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "tools" / "sample_images" / "generate.py"


@pytest.fixture(scope="module")
def generator_command():
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    assert uv, "uv is part of the locked environment"
    lock = ROOT / "envs" / "images.lock"
    return [
        uv,
        "run",
        "--no-project",
        "--python",
        sys.executable,
        "--with-requirements",
        str(lock),
        "python",
        PROGRAM,
    ]


def run(command, *arguments):
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [*command, *arguments], capture_output=True, text=True, env=environment, check=False
    )


def test_generating_again_gives_the_committed_bytes(generator_command, images_folder, tmp_path):
    names = ["test2.png", "stylised_05.jpg", "missing_spaces_06.jpg", "dense_small_text_01.jpg"]
    only = [argument for name in names for argument in ("--only", name)]
    done = run(generator_command, "--output_dir", tmp_path, *only)
    assert done.returncode == 0, done.stderr
    for name in names:
        assert (tmp_path / name).read_bytes() == (images_folder / name).read_bytes(), name
    committed = {entry["image"]: entry for entry in json.loads((images_folder / "labels.json").read_text())}
    fresh = json.loads((tmp_path / "labels.json").read_text())
    assert sorted(entry["image"] for entry in fresh) == sorted(names)
    assert all(entry == committed[entry["image"]] for entry in fresh)


def test_an_unknown_picture_is_named_and_nothing_is_written(tmp_path):
    done = run([sys.executable, PROGRAM], "--output_dir", tmp_path, "--only", "no_such_picture")
    assert done.returncode == 2
    assert "no_such_picture" in done.stderr.splitlines()[-1]
    assert not any(tmp_path.iterdir())


@pytest.mark.skipif(find_spec("fontpkg_poppins") is not None, reason="this environment has the fonts")
def test_missing_fonts_are_named_in_one_line(tmp_path):
    done = run([sys.executable, PROGRAM], "--output_dir", tmp_path, "--only", "book_cover_01")
    assert done.returncode == 2
    assert done.stderr.startswith("error: fontpkg-")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "labels.json").exists()
