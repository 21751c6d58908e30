"""What people give as a source, and what they are told when it is none."""

import re
import tarfile
from pathlib import Path

import pytest

from snapml_ocr.catalogue.model_source import as_source, fetch_model, name_from
from snapml_ocr.errors import UserError
from snapml_ocr.weights.download import RetryPolicy

MODEL = ("inference.pdmodel", "inference.pdiparams")


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)


def write(*names: str) -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())


def brought(text: str) -> dict[str, bytes]:
    target = Path("brought")
    target.mkdir()
    fetch_model(as_source(text, Path.cwd()), "m", target, mirror=None, retries=RetryPolicy(attempts=1))
    return {path.name: path.read_bytes() for path in target.iterdir()}


def refused(text: str) -> str:
    with pytest.raises(UserError) as caught:
        brought(text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_paths_are_relative_inside_the_project_and_absolute_outside(tmp_path: Path) -> None:
    write("models/a/x", "../far/b/x", "models/c.tar")
    assert as_source("models/a/", Path.cwd()) == "folder:models/a"
    assert as_source(f"folder:{Path.cwd()}/models/../models/a", Path.cwd()) == "folder:models/a"
    assert as_source("../far/b", Path.cwd()) == f"folder:{tmp_path}/far/b"
    assert as_source("models/c.tar", Path.cwd()) == "tar:models/c.tar"
    assert as_source("https://x.org/a.tar", Path.cwd()) == "https://x.org/a.tar"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("folder:models/a_rec", "a_rec"),
        ("tar:models/b_rec.tar.gz", "b_rec"),
        ("https://x.org/c_rec.tar?key=1", "c_rec"),
        (f"wheel:p==1#sha256={64 * '0'}!models/d_rec", "d_rec"),
    ],
)
def test_a_model_is_called_like_its_folder_or_archive(source: str, name: str) -> None:
    assert name_from(source) == name


def test_the_model_and_what_may_tell_about_it_are_brought_and_nothing_else() -> None:
    write(*(f"m/{name}" for name in (*MODEL, "inference.yml", "dict.txt", "photo.jpg", "m.pdiparams.info")))
    assert set(brought("m")) == {*MODEL, "inference.yml", "dict.txt"}


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("m/rec.onnx", "file:m/rec.onnx"),
        ("m", "file:m/rec.onnx"),
        ("m.tar", "tar:m.tar!rec.onnx"),
        ("m.tar!rec.onnx", "tar:m.tar!rec.onnx"),
    ],
)
def test_an_onnx_model_is_named_by_its_file_wherever_it_lies(given: str, written: str) -> None:
    write("m/rec.onnx", "m/dict.txt", "m/photo.jpg")
    with tarfile.open("m.tar", "w") as tar:
        tar.add("m")
    target = Path("brought")
    target.mkdir()
    source = fetch_model(
        as_source(given, Path.cwd()), "m", target, mirror=None, retries=RetryPolicy(attempts=1)
    )
    assert source == written
    assert {path.name for path in target.iterdir()} == {"inference.onnx", "dict.txt"}
    assert name_from(source) == "rec"


@pytest.mark.parametrize(
    ("names", "source", "stem"),
    [
        (["best_accuracy.pdparams", "best_accuracy.pdopt", "best_accuracy.states"], "", "best_accuracy"),
        (["latest.pdparams", "best_accuracy.pdparams", "config.yml"], "", "best_accuracy"),
        (["best_accuracy.pdparams"], "best_accuracy.pdparams", "best_accuracy"),
        (["best_accuracy.pdparams"], "best_accuracy", "best_accuracy"),
        (["best_model/model.pdparams", "best_model/model.pdopt"], "", "best_model/model"),
        (["iter_epoch_10.pdparams"], "", "iter_epoch_10"),
        (["inference.pdiparams"], "", "best_accuracy"),
    ],
)
def test_a_training_checkpoint_gets_the_command_that_exports_it(names, source, stem) -> None:
    write(*(f"out/{name}" for name in names))
    config = "out/config.yml" if "config.yml" in names else "CONFIG_OF_THE_TRAINING.yml"
    told = refused(str(Path("out") / source))
    assert told.endswith(
        f"python3 tools/export_model.py -c {config} -o Global.pretrained_model=out/{stem}"
        " Global.save_inference_dir=out/inference"
    )


def test_a_packed_checkpoint_gets_it_too() -> None:
    write("best_accuracy.pdparams")
    with tarfile.open("trained.tar", "w") as archive:
        archive.add("best_accuracy.pdparams", "trained/best_accuracy.pdparams")
    assert "Global.pretrained_model=FOLDER/best_accuracy" in refused("trained.tar")


@pytest.mark.parametrize(
    ("names", "source", "reason"),
    [
        ([], "nowhere", "nowhere: no such folder or file"),
        (["a.txt"], "a.txt", "neither a folder nor a tar file"),
        (["above/inside/inference.pdmodel"], "above", "did you mean above/inside?"),
        (["m/inference.pdmodel"], "m/inference.pdmodel", "give the folder with the model, m, not one"),
        (["m/inference.pdmodel"], "m", "its weights inference.pdiparams are not"),
        (["m/inference.pdmodel", "m/inference.json"], "m", "holds both inference.pdmodel and inference.json"),
        (
            ["m/model.bin"],
            "m",
            "no inference.pdmodel or inference.json and no ONNX file here; it holds",
        ),
        (["m/a.onnx", "m/b.onnx"], "m", "holds 2 ONNX models (a.onnx, b.onnx); name the one meant"),
        (["m/my model.onnx"], "m/my model.onnx", "'my model.onnx': rename"),
        ([], "wheel:p==1!x", "expected wheel:PACKAGE==VERSION#sha256=HASH!FOLDER/IN/WHEEL"),
    ],
)
def test_what_is_no_source_is_said(names, source, reason) -> None:
    write(*names)
    assert re.search(re.escape(reason), refused(source))
