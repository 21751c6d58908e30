"""Dictionaries of other scripts, from files and from models, with a small recognizer of as many classes."""

import numpy as np
import pytest

from coded_recognizer import line_of, save_coded_recognizer
from snapml_ocr.errors import UserError
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.dictionary_metadata import as_metadata
from snapml_ocr.ocr.reader import Reader, ReaderSettings
from snapml_ocr.ocr.recognizer import RecognizerSettings

DICTIONARIES = {
    "latin": list("aàáâãäåæbcçdeèéêëfghiìíîïjklmnñoòóôõöøœpß"),
    "korean": [chr(code) for code in range(0xAC00, 0xAC00 + 11_172)],
    "as many as any": [chr(0x20000 + number) for number in range(20_000)],
    "several characters": ["क", "क्ष", "त्र", "ch", "c", "h"],
    "an empty line": ["a", "", "b"],
    "an empty last line": ["a", "b", ""],
    "a space last": ["a", "b", " "],
    "trailing spaces": ["a ", "b", "c  "],
    "line separators": ["a", "\x85", "\u2028", "b"],
    "carriage returns": ["\ra", "b\rc", "d"],
}


def settings(**options):
    """Spaces are recovered in pictures of text, not in these, which code each step's class."""
    return ReaderSettings(drop_score=0.0, recognizer=RecognizerSettings(space_recovery=False), **options)


def read(reader, labels, classes):
    (line,) = reader.read(line_of(labels, classes)).lines
    return line


@pytest.mark.parametrize("space", [True, False])
@pytest.mark.parametrize("name", DICTIONARIES)
def test_every_dictionary_is_read_from_its_file_and_from_the_model(tmp_path, name, space):
    entries = DICTIONARIES[name]
    dictionary = Dictionary(tuple(entries), space)
    classes = len(dictionary.characters)
    (tmp_path / "dict.txt").write_bytes(("\n".join(entries) + "\n").encode())
    model = save_coded_recognizer(tmp_path / "rec.onnx", classes, 320, as_metadata(dictionary))
    last = classes - 1
    labels = [1, 2, last, 2, last // 2, 1, 3, 1]
    expected = "".join(dictionary.characters[label] for label in labels)
    from_file = Reader([], [model], tmp_path / "dict.txt", settings=settings(use_space_char=space))
    assert read(from_file, labels, classes).text == expected
    assert read(Reader([], [model], settings=settings()), labels, classes).text == expected


def test_every_character_of_an_entry_has_its_place_and_score(tmp_path):
    dictionary = Dictionary(("ab", "c"), False)
    model = save_coded_recognizer(tmp_path / "rec.onnx", 3, 64, as_metadata(dictionary))
    reader = Reader([], [model], settings=settings())
    reading = reader.recognizer.read(line_of([1, 2], 3))
    assert reading.text == "abc"
    assert len(reading.confidences) == len(reading.spans) == 3
    assert reading.spans[0] == reading.spans[1]


ALEF = "\N{ARABIC LETTER ALEF}"
ARABIC = (ALEF, "ب", "ت", "ث", "1", "2", "a", "b", "-")
"""Classes 1 to 9; 10 is the space."""


@pytest.fixture
def arabic(tmp_path):
    dictionary = Dictionary(ARABIC, right_to_left=True)
    return save_coded_recognizer(tmp_path / "rec.onnx", 11, 320, as_metadata(dictionary))


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        ([3, 2, 1], f"{ALEF}بت"),  # the rightmost letter is the first
        ([5, 6, 10, 2, 1], f"{ALEF}ب 12"),  # numbers keep their order, and the space its place
        ([2, 1, 10, 7, 8, 9, 5, 10, 4, 3], f"تث ab-1 {ALEF}ب"),
        ([7, 8, 10, 8], "ab b"),
    ],
)
def test_a_right_to_left_line_is_written_from_its_right_end(arabic, seen, text):
    assert read(Reader([], [arabic], settings=settings()), seen, 11).text == text


def test_the_option_overrules_what_the_model_says_of_its_direction(arabic):
    reader = Reader([], [arabic], settings=settings(right_to_left=False))
    assert read(reader, [3, 2, 1], 11).text == f"تب{ALEF}"


def test_words_of_a_right_to_left_line_have_the_places_where_they_stand(arabic):
    line = read(Reader([], [arabic], settings=settings()), [3, 10, 2, 1], 11)
    assert line.text == f"{ALEF}ب ت"
    first, second = line.words
    assert (first.text, second.text) == (f"{ALEF}ب", "ت")
    right, left = first.quad, second.quad
    assert left[:, 0].max() <= right[:, 0].min()
    assert (left[:, 0].min(), right[:, 0].max()) == (0, line.quad[:, 0].max())


def test_a_long_right_to_left_line_begins_with_its_rightmost_part(tmp_path):
    dictionary = Dictionary(ARABIC, right_to_left=True)
    model = save_coded_recognizer(tmp_path / "rec.onnx", 11, 64, as_metadata(dictionary))
    labels = [1, 2, 3, 4] * 4
    seen = read(Reader([], [model], settings=settings(right_to_left=False)), labels, 11).text
    text = read(Reader([], [model], settings=settings()), labels, 11).text
    assert (text[0], text[-1]) == (ARABIC[3], ARABIC[0])
    assert text == seen[::-1]


def test_a_dictionary_file_wins_over_the_models_own(tmp_path):
    metadata = as_metadata(Dictionary(("x", "y"), False))
    model = save_coded_recognizer(tmp_path / "rec.onnx", 3, 64, metadata)
    (tmp_path / "dict.txt").write_text("a\nb\n")
    reader = Reader([], [model], tmp_path / "dict.txt", settings=settings(use_space_char=False))
    assert read(reader, [1, 2], 3).text == "ab"
    assert read(Reader([], [model], settings=settings()), [1, 2], 3).text == "xy"


@pytest.mark.parametrize("space", [True, False])
def test_a_foreign_models_own_dictionary_is_followed_by_a_space_unless_told_otherwise(tmp_path, space):
    model = save_coded_recognizer(tmp_path / "rec.onnx", 3 + space, 64, {"character": "a\nb"})
    given = settings(use_space_char=None if space else False)
    assert read(Reader([], [model], settings=given), [1, 2], 3 + space).text == "ab"


def test_a_dictionary_that_is_not_the_models_is_refused_with_both_counts(tmp_path):
    model = save_coded_recognizer(tmp_path / "rec.onnx", 9, 64, {"character": "a\nb"})
    with pytest.raises(UserError, match=r"rec\.onnx has 9 classes, but the dictionary in rec\.onnx gives 4"):
        Reader([], [model])


def test_a_model_without_dictionary_asks_for_one(tmp_path):
    model = save_coded_recognizer(tmp_path / "rec.onnx", 9, 64)
    with pytest.raises(UserError, match=r"rec\.onnx: carries no dictionary; give its file"):
        Reader([], [model])


def test_models_with_different_dictionaries_are_not_read_together(tmp_path):
    paths = [
        save_coded_recognizer(tmp_path / f"{width}.onnx", 3, width, as_metadata(Dictionary(entries, False)))
        for width, entries in ((64, ("a", "b")), (128, ("a", "c")))
    ]
    with pytest.raises(UserError, match=r"128\.onnx carries another dictionary than .*64\.onnx"):
        Reader([], paths)


def test_a_model_read_as_if_cut_gives_the_best_of_the_characters_kept(tmp_path):
    (tmp_path / "full.txt").write_text("a\nb\nc\n")
    (tmp_path / "cut.txt").write_text("a\nc\n")
    model = save_coded_recognizer(tmp_path / "rec.onnx", 5, 64)
    reader = Reader([], [model], tmp_path / "cut.txt", trained_with=tmp_path / "full.txt")
    texts = [read(reader, [label], 5).text for label in (1, 2, 3)]
    assert (texts[0], texts[2]) == ("a", "c")
    assert texts[1] in ("", "a", "c")
    assert np.isclose(read(reader, [1], 5).score, 1.0)
