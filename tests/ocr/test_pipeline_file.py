"""A pipeline file and its models are all that reading needs, here and on another machine."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from real_models import PROJECT
from snapml_ocr.errors import UserError
from snapml_ocr.ocr.reader import Reader
from snapml_ocr.plan.build_plan import description, make_plan
from snapml_ocr.plan.configuration import read_catalogue
from snapml_ocr.plan.yaml_file import read_yaml

SCRIPTS = PROJECT / "workflow/scripts"
PHOTO = PROJECT / "images/test1.png"
DETECTOR, RECOGNIZER = "ch_PP-OCRv4_det_infer", "ch_PP-OCRv4_rec_infer-en"
RealModel = Callable[[str, int, int], Path]


@pytest.fixture
def built(tmp_path: Path, real_snapml: RealModel, real_dictionary: Callable[[str], Path]) -> Path:
    """A results folder with one pipeline file and the models that it ships."""
    folder = tmp_path / "built"
    copies = {
        f"results/snapml/{DETECTOR}_640x640.onnx": real_snapml(DETECTOR, 640, 640),
        f"results/snapml/{RECOGNIZER}_48x320.onnx": real_snapml(RECOGNIZER, 48, 320),
        f"results/dictionaries/{RECOGNIZER}/charset.txt": real_dictionary(RECOGNIZER),
    }
    for name, source in copies.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / name)
    config = read_yaml(PROJECT / "config/config.yaml")
    config["build"] = ["ppocrv4-en"]
    config["pipelines"]["ppocrv4-en"]["recognizer"]["shapes"] = ["48x320"]
    plan = make_plan(config, read_catalogue(PROJECT / "config/models.yaml"))
    planned = json.dumps(description(plan, plan.pipelines["ppocrv4-en"], "snapml"))
    for arguments in (
        ["--plan", planned, "--output", "results/pipelines/ppocrv4-en/snapml.json"],
        [
            "--merge",
            "results/pipelines/ppocrv4-en/snapml.json",
            "--output",
            "results/pipelines/ppocrv4-en.json",
        ],
    ):
        subprocess.run([sys.executable, SCRIPTS / "make_pipeline.py", *arguments], cwd=folder, check=True)
    return folder / "results"


def texts(path: Path, **options: object) -> list[str]:
    with Reader.open(path, **options) as reader:
        return [line.text for line in reader.read(PHOTO).lines]


def test_a_picture_is_read_with_the_file_alone_and_flags_win(built: Path) -> None:
    file = built / "pipelines/ppocrv4-en.json"
    command = [
        sys.executable,
        SCRIPTS / "inference.py",
        "--pipeline",
        file,
        "-i",
        PHOTO,
        "--output_json",
        "-",
    ]

    def read(*flags: str) -> list[str]:
        done = subprocess.run(
            [*command, "--output_json", "-", *flags], capture_output=True, text=True, check=True
        )
        return [line["text"] for line in json.loads(done.stdout)["lines"]]

    assert "Northmoor" in read()
    assert read() == texts(file) == read("--run_pipeline")
    assert read("--drop_score", "1.0") == texts(file, drop_score=1.0) == []
    assert set(read("--run_detection")) == {""}


def test_models_copied_beside_the_file_are_found_and_the_same_is_read(built: Path, tmp_path: Path) -> None:
    expected = texts(built / "pipelines/ppocrv4-en.json")
    folder, flat = tmp_path / "copy", tmp_path / "flat"
    shutil.copytree(built / "snapml", folder / "snapml")
    shutil.copytree(built / "snapml", flat)
    for target in (folder, flat):
        shutil.copyfile(built / "pipelines/ppocrv4-en.json", target / "mine.json")
        assert texts(target / "mine.json") == expected


def test_another_model_a_missing_one_and_an_unknown_stage_or_option_are_said_in_one_line(built: Path) -> None:
    file = built / "pipelines/ppocrv4-en.json"
    with pytest.raises(UserError, match="has no stage 'onnx' of ch_PP-OCRv4_det_infer; it has snapml"):
        Reader.open(file, "onnx")
    with pytest.raises(UserError, match="unknown key 'drop_scor'; did you mean 'drop_score'"):
        Reader.open(file, drop_scor=0.5)
    model = built / f"snapml/{DETECTOR}_640x640.onnx"
    model.write_bytes(model.read_bytes() + b"0")
    with pytest.raises(UserError, match=r"640x640\.onnx: is not the file that .* was made with"):
        Reader.open(file)
    model.unlink()
    with pytest.raises(UserError, match=r"640x640\.onnx: no such file, which .* names"):
        Reader.open(file)


def test_the_same_models_give_the_same_bytes_without_any_path_of_the_machine(built: Path) -> None:
    file = built / "pipelines/ppocrv4-en.json"
    before = file.read_bytes()
    stage = built / "pipelines/ppocrv4-en/snapml.json"
    subprocess.run(
        [sys.executable, SCRIPTS / "make_pipeline.py", "--merge", stage, "--output", file], check=True
    )
    assert file.read_bytes() == before
    assert str(built).encode() not in before
