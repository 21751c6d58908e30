"""A dictionary in any spelling is read as the plain one is, and what is none of the model's is named."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from coded_recognizer import save_coded_recognizer
from extended import EXTENDED
from snapml_ocr.errors import UserError
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.dictionary_metadata import as_metadata
from snapml_ocr.ocr.reader import Reader, ReaderSettings

ROUND = settings(
    max_examples=1000 if EXTENDED else 100,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
letters = st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters="\ufeff\u2028\u2029")
entries = st.lists(
    letters | st.sampled_from(["ch", "fi", "\u3000", "\t"]), min_size=4, max_size=20, unique=True
)


def encoded(lines: list[str], how: int, ends: bool = True) -> bytes:
    text = ("\r\n" if how & 1 else "\n").join(lines) + ("\n" if ends else "")
    return text.encode(["utf-8", "utf-8-sig", "utf-16"][how >> 1])


@ROUND
@given(entries, st.integers(0, 5), st.booleans())
def test_encodings_and_line_ends(tmp_path: Path, lines: Any, how: int, ends: bool) -> None:
    (tmp_path / "dict.txt").write_bytes(encoded(lines, how, ends))
    assert list(Dictionary.read(tmp_path / "dict.txt").entries) == lines


def damaged(lines: list[str], kind: str, seed: int) -> list[str]:
    place = seed % (len(lines) - 1)
    swapped = [*lines[:place], lines[place + 1], lines[place], *lines[place + 2 :]]
    return {
        "blank": [["", "<blank>", "blank"][seed % 3], *lines],
        "empty lines at the end": [*lines, *[""] * (1 + seed % 3)],
        "a line twice": [*lines[: place + 1], *lines[place:]],
        "a line lost": lines[:place] + lines[place + 1 :],
        "another order": swapped,
        "sorted": sorted(lines),
        "another model's": [chr(0x4E00 + number) for number in range(len(lines))],
    }[kind]


SEEN_BY_NUMBER = ["blank", "empty lines at the end", "a line lost"]
SEEN_BY_COMPARING = ["a line twice", "another order", "sorted", "another model's"]


@ROUND
@given(entries, st.data())
def test_what_is_not_the_models_is_named_before_anything_is_read(
    tmp_path: Path, capsys: Any, lines: Any, data: Any
) -> None:
    carried, seed = data.draw(st.booleans()), data.draw(st.integers(0, 50))
    kind = data.draw(st.sampled_from(SEEN_BY_NUMBER + SEEN_BY_COMPARING * carried))
    wrong = damaged(lines, kind, seed)
    assume(wrong != lines)
    (tmp_path / "dict.txt").write_bytes(encoded(wrong, seed % 6))
    own = as_metadata(Dictionary(tuple(lines)))
    model = save_coded_recognizer(tmp_path / "rec.onnx", len(lines) + 2, 64, own if carried else {})
    given = ReaderSettings(use_space_char=data.draw(st.sampled_from([None, True, False])))
    capsys.readouterr()
    said = ""
    try:
        Reader([], [model], tmp_path / "dict.txt", settings=given)
    except UserError as error:
        said = str(error)
    said += capsys.readouterr().err
    assert "dict.txt" in said
    if kind == "blank":
        assert "line 1" in said
        assert "--use_space_char" not in said
