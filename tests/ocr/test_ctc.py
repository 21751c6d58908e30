import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapml_ocr.ocr.ctc import decode, word_spans
from snapml_ocr.ocr.dictionary import Dictionary

ABC = Dictionary(("a", "b", "c"))


def rows(*best, high=0.8):
    """Probabilities whose best class of each step is given."""
    table = np.full((len(best), 5), (1 - high) / 4, np.float32)
    table[range(len(best)), best] = high
    return table


def test_repeats_are_one_character_and_blanks_part_them():
    assert decode(rows(1, 1, 0, 1, 2, 2, 0, 0, 3), ABC).text == "aabc"


def test_only_blanks_are_no_text_with_score_zero():
    decoded = decode(rows(0, 0, 0), ABC)
    assert (decoded.text, decoded.score) == ("", 0.0)


def test_no_steps_are_no_text():
    assert decode(np.zeros((0, 5), np.float32), ABC).text == ""


def test_every_character_has_the_confidence_and_place_of_its_own_steps():
    table = rows(0, 1, 1, 0, 2)
    table[1, 1], table[2, 1], table[4, 2] = 0.9, 0.7, 0.6
    decoded = decode(table, ABC)
    assert decoded.text == "ab"
    assert decoded.confidences == pytest.approx((0.9, 0.6))
    assert (decoded.starts, decoded.ends) == ((1, 4), (3, 5))
    assert decoded.score == pytest.approx(0.75)


def test_a_class_that_writes_nothing_leaves_no_character():
    dictionary = Dictionary(("a", "", "c"))
    assert decode(rows(1, 2, 3), dictionary).text == "ac"


def test_an_excluded_character_gives_way_to_the_best_allowed_one():
    table = np.array([[0.1, 0.5, 0.3, 0.1, 0.0]], np.float32)
    assert decode(table, ABC).text == "a"
    decoded = decode(table, ABC, ABC.allowed_classes("bc"))
    assert decoded.text == "b"
    assert decoded.confidences == pytest.approx((0.3,))


def test_a_step_without_any_allowed_character_likely_stays_blank():
    table = np.array([[0.6, 0.35, 0.05, 0.0, 0.0]], np.float32)
    assert decode(table, ABC, ABC.allowed_classes("b")).text == ""


@given(st.lists(st.integers(0, 4), max_size=12))
def test_the_text_is_what_the_definition_of_ctc_says(best):
    collapsed = [label for label, _ in itertools.groupby(best) if label != 0]
    assert decode(rows(*best), ABC).text == "".join(ABC.characters[label] for label in collapsed)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=12), st.sets(st.sampled_from("abc ")))
def test_only_allowed_characters_are_ever_written(best, allowed):
    decoded = decode(rows(*best), ABC, ABC.allowed_classes("".join(allowed)))
    assert set(decoded.text) <= allowed


@pytest.mark.parametrize(
    ("text", "words"),
    [("", []), (" ", []), ("ab", ["ab"]), ("ab c", ["ab", "c"]), ("  a  b ", ["a", "b"])],
)
def test_words_are_what_stands_between_spaces(text, words):
    assert [text[start:end] for start, end in word_spans(text)] == words
