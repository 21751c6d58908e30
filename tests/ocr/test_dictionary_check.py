"""The dictionary tools, as programs on files."""

import subprocess
import sys

import onnx
import pytest

from coded_recognizer import save_coded_recognizer
from ocr.tiny_models import save_detector, save_recognizer
from real_models import SCRIPTS
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.dictionary_metadata import as_metadata


def dictionary(*arguments):
    command = [sys.executable, str(SCRIPTS / "inspect_dictionary.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def recognizer(tmp_path):
    """Four classes: blank and three more."""
    return save_recognizer(tmp_path / "tiny.onnx", 32, 64)


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ("b\ng\nr\n", 0, "it fits with use_space_char: false"),
        ("b\ng\n", 0, "it fits with use_space_char: true"),
        ("b\n", 1, "the model needs 2 entries and a space, or 3 entries without one"),
        ("b\ng\nr\nx\n", 1, "4 entries, so 5 classes with the blank, 6 with a space behind"),
        ("b\n\nr\n", 0, "line 2 is empty"),
        ("\nb\ng\n", 1, "line 1 is empty and stands for the blank class of CTC"),
        ("<blank>\nb\ng\n", 1, "line 1 says '<blank>'"),
        ("b\ng\n\n", 1, "the empty lines after line 2"),
        ("b\ng\nb\ng\n", 1, "line 3 repeats 'b' of line 1"),
        ("b\ng\nb\n", 0, "1 entries stand there more than once: 'b' in lines 1, 3"),
        ("\ufeffb\ng\nr\n", 0, "begins with a byte order mark"),
        ("b\r\ng\r\nr\r\n", 0, "3 of 3 lines end in CRLF"),
        ("b\ng\nr", 0, "the last line has no line end"),
        ("b\nffi\n r\n", 0, "line 3 is with blanks around characters"),
    ],
)
def test_a_dictionary_is_checked_against_a_model(content, code, said, recognizer, tmp_path):
    path = tmp_path / "dict.txt"
    path.write_bytes(content.encode())
    done = dictionary("check", path, recognizer)
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout.startswith("tiny.onnx: 4 classes\n")
    assert said in done.stdout


def test_a_real_recognizer_fits_its_own_dictionary(real_onnx, real_dictionary):
    name = "ch_PP-OCRv4_rec_infer"
    done = dictionary("check", real_dictionary(name), real_onnx(name))
    assert done.returncode == 0
    assert "6625 classes" in done.stdout
    assert "6623 entries, so 6624 classes with the blank, 6625 with a space behind" in done.stdout


def test_what_is_no_recognizer_or_dictionary_is_refused(recognizer, tmp_path):
    detector = save_detector(tmp_path / "det.onnx", 32, 64)
    (tmp_path / "dict.txt").write_text("a\n")
    for arguments, reason in (
        (("check", tmp_path / "dict.txt", detector), "no recognizer"),
        (("check", tmp_path / "none.txt", recognizer), "no such dictionary"),
        (("check", tmp_path / "dict.txt", tmp_path / "none.onnx"), "none.onnx"),
    ):
        done = dictionary(*arguments)
        assert done.returncode == 2
        assert done.stderr.startswith("error: ")
        assert reason in done.stderr


def test_missing_characters_are_counted_and_named(tmp_path):
    (tmp_path / "dict.txt").write_text("".join(f"{letter}\n" for letter in "abcdefghijklmnopqrstuvwxyzé"))
    (tmp_path / "words.txt").write_text("straße groß\ncafe\u0301\t№\n")
    done = dictionary("missing", tmp_path / "dict.txt", "--text", tmp_path / "words.txt", "Ünder ß")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["3", "'ß'", "U+00DF", "LATIN", "SMALL", "LETTER", "SHARP", "S"]
    assert [line.split()[2] for line in lines[1:4]] == ["U+00DC", "U+0301", "U+2116"]
    assert "composed form (NFC)" in lines[4]
    assert lines[5].startswith("4 characters are missing, 6 of ")


def test_nothing_is_missing_from_a_text_the_dictionary_covers(tmp_path):
    (tmp_path / "dict.txt").write_text("a\nb\nfi\n")
    assert dictionary("missing", tmp_path / "dict.txt", "--text", "a b fi").returncode == 0
    done = dictionary("missing", tmp_path / "dict.txt", "--no_space", "--text", "a b")
    assert (done.returncode, "U+0020 SPACE" in done.stdout) == (1, True)


def test_a_dictionary_that_is_not_the_one_a_model_carries_is_named(tmp_path):
    own = as_metadata(Dictionary(("a", "b", "c")))
    model = save_coded_recognizer(tmp_path / "rec.onnx", 5, 320, own)
    for content, code, said in (
        ("a\nb\nc\n", 0, "it is the dictionary that the model carries"),
        (
            "b\nc\na\n",
            1,
            "the same entries in another order; the first is line 1, 'b' where the model has 'a'",
        ),
        ("a\nb\nd\n", 1, "1 of 3 entries are others; the first is line 3, 'd' where the model has 'c'"),
    ):
        (tmp_path / "dict.txt").write_text(content)
        done = dictionary("check", tmp_path / "dict.txt", model)
        assert (done.returncode, done.stderr) == (code, "")
        assert said in done.stdout


def test_a_dictionary_in_another_order_is_found_by_trying_it(real_onnx, real_dictionary, tmp_path):
    entries = real_dictionary("ch_PP-OCRv4_rec_infer").read_text(encoding="utf-8").splitlines()
    (tmp_path / "dict.txt").write_text("\n".join([*entries[1:], entries[0]]), encoding="utf-8")
    model = onnx.load(real_onnx("ch_PP-OCRv4_rec_infer"))
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "rec.onnx")
    done = dictionary("check", tmp_path / "dict.txt", tmp_path / "rec.onnx")
    assert done.returncode == 1
    assert "most are off by 1 lines of the file" in done.stdout
