from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snapml_ocr.errors import UserError
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.dictionary_metadata import as_metadata, from_metadata

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


def test_an_entry_of_several_characters_is_allowed_when_all_of_them_are(tmp_path):
    dictionary = read(tmp_path, "a\nb\nab\nac\nc\n", space=False)
    assert dictionary.allowed_classes("ba").tolist() == [True, True, True, True, False, False]


def test_a_cut_keeps_the_order_blank_and_space_and_says_which_classes_are_left(tmp_path):
    dictionary = read(tmp_path, "a\nb\n\nc\nb\n")
    cut = dictionary.cut_to(["c", "b", " "])
    assert cut.characters == ("", "b", "c", "b", " ")
    assert dictionary.classes_of(cut) == [0, 2, 4, 5, 6]


def test_a_cut_names_the_characters_that_the_model_lacks(tmp_path):
    dictionary = read(tmp_path, "a\nb\n", space=False)
    with pytest.raises(UserError, match=r"dict\.txt: has no empty line ' ' 'é', which the charset asks for"):
        dictionary.cut_to(["a", "é", " ", ""])


def test_a_long_list_of_missing_characters_is_shortened(tmp_path):
    with pytest.raises(UserError, match="'t' and 4 more"):
        read(tmp_path, "z\n").cut_to("abcdefghijklmnopqrstuvwx")


def test_what_was_not_cut_from_a_dictionary_is_refused(tmp_path):
    dictionary = read(tmp_path, "a\nb\nc\n")
    for other in (("b", "a"), ("a", "d")):
        with pytest.raises(UserError, match="is not a cut of"):
            dictionary.classes_of(Dictionary(other))
    with pytest.raises(UserError, match="is not a cut of"):
        dictionary.classes_of(Dictionary(("a",), space=False))


@settings(deadline=None)
@given(entries=st.lists(st.text(max_size=3).filter(lambda entry: "\n" not in entry), min_size=1))
def test_a_dictionary_comes_back_from_metadata_as_it_was(entries):
    dictionary = Dictionary(tuple(entries), space=len(entries) % 2 == 0, right_to_left=len(entries) % 3 == 0)
    metadata = as_metadata(dictionary)
    back = from_metadata(metadata, MODEL)
    assert (back.entries, back.space, back.right_to_left) == (
        dictionary.entries,
        dictionary.space,
        dictionary.right_to_left,
    )
    if "character" in metadata:  # as RapidOCR reads it
        assert metadata["character"].splitlines() == entries


@pytest.mark.parametrize("entries", [("a", "b", ""), ("", "a"), ("a ", " "), ("ch", "c")])
def test_usual_dictionaries_are_where_rapidocr_looks(entries):
    assert as_metadata(Dictionary(entries))["character"].splitlines() == list(entries)


def test_allowing_a_character_the_model_lacks_is_an_error(tmp_path):
    with pytest.raises(UserError, match="'z'"):
        read(tmp_path, "a\nb\n").allowed_classes("az")
