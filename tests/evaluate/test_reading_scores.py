import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelled import box, word

from snapml_ocr.evaluate.end_to_end import score_image
from snapml_ocr.evaluate.recognition import score_crop, score_crops
from snapml_ocr.evaluate.texts import alphanumeric, without_spaces


def test_three_crops_by_hand():
    scores = score_crops([("Exit", "Exit"), ("EXIT 5", "exit5"), ("abcd", "abxx")])

    assert scores["strict"] == pytest.approx(1 / 3)
    assert scores["alphanumeric"] == pytest.approx(2 / 3)
    assert scores["without_spaces"] == pytest.approx(1 / 3)
    # distances: 0 of 4; "EXIT 5" to "exit5" five of six; 2 of 4
    assert scores["one_minus_ned"] == pytest.approx((1 + 1 / 6 + 1 / 2) / 3)
    assert scores["one_minus_ned_alphanumeric"] == pytest.approx((1 + 1 + 1 / 2) / 3)


def test_two_empty_texts_are_equal_and_nothing_read_scores_zero():
    assert score_crop("", "").similarity == 1.0
    assert score_crop("text", "").similarity == 0.0


def test_spaces_count_unless_they_are_ignored():
    correct = score_crop("NO ENTRY", "NOENTRY").correct

    assert correct == {"strict": False, "alphanumeric": True, "without_spaces": True}


def test_letters_of_other_scripts_are_alphanumeric():
    assert alphanumeric("Café-ÖL №5!") == "caféöl5"
    assert alphanumeric("出口 A") == "出口a"
    assert without_spaces(" a\tb\u3000c ") == "abc"


@given(st.text(), st.text())
def test_similarity_is_symmetric_and_between_zero_and_one(one, other):
    score = score_crop(one, other).similarity

    assert 0 <= score <= 1
    assert score == score_crop(other, one).similarity


def test_end_to_end_needs_the_place_and_the_text():
    words = [word(0, 0, "Exit"), word(20, 0, "Gate"), word(40, 0, "12")]
    found = [(box(0, 0), "EXIT"), (box(20, 0), "Gate"), (box(80, 0), "12")]

    read = score_image(words, [quad for quad, _ in found], [text for _, text in found])

    assert len(read.matching.pairs) == 2
    assert read.correct == {"strict": 1, "alphanumeric": 2, "without_spaces": 1}
    assert read.similarity == pytest.approx(1 / 4 + 1)
