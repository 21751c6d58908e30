import pytest

from snapml_ocr.convert.paddle_files import find_paddle_files
from snapml_ocr.errors import UserError


def folder_with(tmp_path, *names):
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path


@pytest.mark.parametrize(("graph", "kind"), [("inference.pdmodel", "pdmodel"), ("inference.json", "pir")])
def test_the_graph_file_decides_the_format(tmp_path, graph, kind):
    files = find_paddle_files(folder_with(tmp_path, graph, "inference.pdiparams", "inference.yml"))
    assert (files.format, files.graph.name, files.weights.name) == (kind, graph, "inference.pdiparams")


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ([], "it holds nothing"),
        (["readme.txt"], r"it holds readme\.txt"),
        (["inference.pdiparams"], r"no inference\.pdmodel or inference\.json"),
        (["inference.pdmodel"], r"its weights inference\.pdiparams are not"),
        (["inference.pdmodel", "inference.json", "inference.pdiparams"], "holds both"),
        (["latest.pdparams", "latest.pdopt"], "a training checkpoint.*export_model"),
    ],
)
def test_what_is_missing_is_said(tmp_path, names, reason):
    with pytest.raises(UserError, match=f"^{tmp_path}: .*{reason}"):
        find_paddle_files(folder_with(tmp_path, *names))


def test_an_empty_file_is_named(tmp_path):
    folder_with(tmp_path, "inference.pdmodel")
    (tmp_path / "inference.pdiparams").touch()
    with pytest.raises(UserError, match=r"inference\.pdiparams: an empty file"):
        find_paddle_files(tmp_path)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(UserError, match="nowhere: no such folder"):
        find_paddle_files(tmp_path / "nowhere")


def test_the_hash_covers_graph_and_weights(tmp_path):
    files = find_paddle_files(folder_with(tmp_path, "inference.pdmodel", "inference.pdiparams"))
    before = files.sha256()
    files.weights.write_bytes(b"other")
    assert files.sha256() != before
