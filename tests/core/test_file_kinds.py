"""Files that should be models, archives or pictures and are not are called by their name."""

import io
import subprocess
import sys
import tarfile
import zipfile

import pytest

from ocr.tiny_models import save_detector
from real_models import SCRIPTS
from snapml_ocr.convert.paddle_files import find_paddle_files, require_whole
from snapml_ocr.errors import UserError
from snapml_ocr.file_kinds import kind_of
from snapml_ocr.ocr.images import UnreadableImageError, read_image
from weights.archives import GRAPH, PARAMS


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("a", "b")
    return buffer.getvalue()


def tarred() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("a"))
    return buffer.getvalue()


KINDS = {
    "a Git LFS pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
    "a web page": b"\n<!DOCTYPE html><html><body>404 not found</body></html>",
    "a server's error message": b'{"error":"Repository not found"}',
    "pickled parameters": b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01w",
    "a zip archive": zipped(),
    "a tar archive": tarred(),
    "a gzip file": b"\x1f\x8b\x08\x00",
    "an empty file": b"",
}


def program(name, *arguments):
    command = [sys.executable, str(SCRIPTS / name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", KINDS)
def test_a_model_that_is_none_is_called_what_it_is(name, tmp_path):
    model = tmp_path / "m.onnx"
    model.write_bytes(KINDS[name])
    done = program("snapml_check.py", model)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"{model}: not an ONNX model, but {name}" in done.stderr


@pytest.mark.parametrize("name", KINDS)
def test_a_picture_that_is_none_is_called_what_it_is(name, tmp_path):
    (tmp_path / "a.png").write_bytes(KINDS[name])
    with pytest.raises(UnreadableImageError, match=f"a.png: {name}"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize("name", KINDS)
def test_paddle_files_that_are_none_are_called_what_they_are(name, tmp_path):
    (tmp_path / "inference.pdmodel").write_bytes(GRAPH)
    (tmp_path / "inference.pdiparams").write_bytes(KINDS[name])
    with pytest.raises(UserError, match=f"inference.pdiparams: {name}"):
        find_paddle_files(tmp_path)


def test_a_download_that_ended_early_is_named_with_the_bytes_that_are_missing(tmp_path):
    model = save_detector(tmp_path / "m.onnx", 32, 64)
    whole = model.read_bytes()
    model.write_bytes(whole[: len(whole) // 2])
    done = program("snapml_check.py", model)
    assert done.returncode == 2
    assert "not a complete ONNX model" in done.stderr
    assert "of its bytes are missing at the end" in done.stderr


@pytest.mark.parametrize("name", ["inference.pdmodel", "inference.pdiparams"])
def test_paddle_files_that_ended_early_are_named(name, tmp_path, real_weights):
    folder = real_weights("en_PP-OCRv3_det_infer")
    for path in folder.glob("inference.pd*"):
        content = path.read_bytes()
        (tmp_path / path.name).write_bytes(content[:-1000] if path.name == name else content)
    with pytest.raises(UserError, match=rf"{name}: \d+ of its bytes are missing at the end"):
        require_whole(find_paddle_files(tmp_path))
    require_whole(find_paddle_files(folder))


def test_what_is_no_known_kind_is_not_guessed():
    assert kind_of(GRAPH) is None
    assert kind_of(PARAMS) is None
    assert kind_of(b"plain text") is None
