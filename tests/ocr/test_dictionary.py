from pathlib import Path

import pytest

from snapml_ocr.errors import UserError
from snapml_ocr.ocr.dictionary import Dictionary

MODEL = Path("rec.onnx")


def read(tmp_path, content, **options):
    path = tmp_path / "dict.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Dictionary.read(path, **options)


def test_blank_comes_first_and_space_last(tmp_path):
    assert read(tmp_path, "a\nb\n").characters == ("", "a", "b", " ")


def test_the_space_can_be_left_out(tmp_path):
    assert read(tmp_path, "a\nb\n", space=False).characters == ("", "a", "b")


@pytest.mark.parametrize("content", ["a\n \nb\n", "a\n \nb", "a\r\n \r\nb\r\n", b"\xef\xbb\xbfa\n \nb\n"])
def test_lines_are_kept_but_for_their_ends(tmp_path, content):
    assert read(tmp_path, content, space=False).characters == ("", "a", " ", "b")


def test_an_empty_line_is_a_class_that_writes_nothing(tmp_path):
    assert read(tmp_path, "a\n\nb\n", space=False).characters == ("", "a", "", "b")


def test_a_line_with_trailing_space_character_is_kept(tmp_path):
    assert read(tmp_path, "a\n\u3000\n", space=False).characters == ("", "a", "\u3000")


def test_an_unusual_line_separator_is_a_character(tmp_path):
    assert read(tmp_path, "a\n\x85\n\u2028\n", space=False).characters == ("", "a", "\x85", "\u2028")


@pytest.mark.parametrize(
    ("classes", "space", "hint"),
    [
        (4, False, "--use_space_char True"),
        (3, True, "--use_space_char False"),
        (6, True, "trailing blank lines"),
        (97, True, "another model or language"),
    ],
)
def test_a_wrong_length_names_both_numbers_and_the_usual_cause(tmp_path, classes, space, hint):
    dictionary = read(tmp_path, "a\nb\n", space=space)
    with pytest.raises(UserError) as error:
        dictionary.require_classes(classes, MODEL)
    for part in (f"{classes} classes", f"gives {len(dictionary.characters)}", hint, "rec.onnx", "dict.txt"):
        assert part in str(error.value)


def test_the_right_length_is_accepted(tmp_path):
    read(tmp_path, "a\nb\n").require_classes(4, MODEL)


@pytest.mark.parametrize("content", [b"", b"\n"])
def test_an_empty_file_is_refused_or_one_silent_class(tmp_path, content):
    if content:
        assert read(tmp_path, content, space=False).characters == ("", "")
    else:
        with pytest.raises(UserError, match="empty dictionary"):
            read(tmp_path, content)


def test_a_file_that_is_not_utf8_is_named(tmp_path):
    with pytest.raises(UserError, match=r"dict\.txt: not UTF-8 at byte 2"):
        read(tmp_path, b"a\n\xff\n")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match="no such dictionary"):
        Dictionary.read(tmp_path / "none.txt")


def test_allowing_a_character_the_model_lacks_is_an_error(tmp_path):
    with pytest.raises(UserError, match="'z'"):
        read(tmp_path, "a\nb\n").allowed_classes("az")
