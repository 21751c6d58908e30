"""Right-to-left lines: what the bidirectional algorithm lays out comes back as it was stored."""

import pytest
from bidi import get_display
from hypothesis import given, settings
from hypothesis import strategies as st

from snapml_ocr.ocr.text_direction import as_read, logical_order

HEBREW, ARABIC, YEAR = "\u05d0\u05d1\u05d2", "\u0627\u0628\u062a", "\u0661\u0669\u0669\u0666"
TEXTS = [
    f"{ARABIC} 1996",
    f"{ARABIC} {YEAR} {ARABIC}",
    f"{YEAR} \u06f1\u06f9\u06f9\u06f6",
    f"{ARABIC} 12-34",
    f"{HEBREW} 12/34",
    f"{HEBREW} (abc) 12",
    f"{HEBREW} [{HEBREW}] (abc {HEBREW})",
    f"abc (2023) {ARABIC}",
    f"50% {HEBREW}",
    f"{HEBREW}: 10:30",
]


@pytest.mark.parametrize("text", TEXTS)
def test_numbers_brackets_and_spaces_stay_in_order(text):
    assert as_read(get_display(text, base_dir="R")) == text


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (f"12 (abc) {HEBREW[::-1]}", f"{HEBREW} (abc) 12"),
        (f"({HEBREW[::-1]})", f"({HEBREW})"),
        (f"{ARABIC[::-1]} <1>", f"<1> {ARABIC}"),
    ],
)
def test_brackets_that_were_read_as_their_glyphs_open_before_they_close(seen, text):
    assert as_read(seen) == text


LETTERS = "\u0627\u0628\u062a\u05d0\u05d1 -/,."
# Latin letters beside Arabic digits with separators, which nobody writes, may have no such line.
LINES = st.text(st.sampled_from(f"{LETTERS}ab123"), max_size=12) | st.text(
    st.sampled_from(f"{LETTERS}\u0663\u0664"), max_size=12
)


@settings(deadline=None, max_examples=300, database=None)
@given(LINES.map(str.strip))
def test_a_text_comes_back_as_one_that_is_laid_out_alike(text):
    seen = get_display(text, base_dir="R")
    found, order = logical_order(seen)
    assert get_display(found, base_dir="R") == seen
    assert sorted(order) == list(range(len(seen)))
    assert "".join(seen[index] for index in order) == found


def test_the_order_of_paddleocr_is_an_option():
    assert as_read(f"{YEAR} {ARABIC[::-1]}", "paddleocr") == f"{ARABIC} {YEAR[::-1]}"
    assert as_read(f"12 {ARABIC[::-1]}", "paddleocr") == f"{ARABIC}12 "
