"""The dictionary tools, as programs on files."""

import subprocess
import sys

import pytest

from ocr.tiny_models import save_detector, save_recognizer
from real_models import SCRIPTS


def dictionary(*arguments):
    command = [sys.executable, str(SCRIPTS / "dictionary.py"), *map(str, arguments)]
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
