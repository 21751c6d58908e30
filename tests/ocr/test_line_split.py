import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from snapml_ocr.ocr.line_split import split_columns


@given(width=st.integers(10, 3000), most=st.integers(60, 900))
def test_parts_follow_each_other_cover_the_crop_and_fit(width, most):
    crop = np.random.default_rng(width).integers(0, 256, (16, width, 3), np.uint8)
    parts = split_columns(crop, most)
    assert parts[0][0] == 0
    assert parts[-1][1] == width
    assert all(left[1] == right[0] for left, right in itertools.pairwise(parts))
    assert all(0 < end - start <= most for start, end, _ in parts)


def words(*spans, width=1000, height=20):
    crop = np.full((height, width, 3), 255, np.uint8)
    for start, end in spans:
        crop[4:16, start:end] = 0
    return crop


def test_a_cut_goes_through_the_middle_of_a_word_gap():
    assert split_columns(words((10, 470), (490, 990)), 700) == [(0, 480, False), (480, 1000, True)]


def test_a_gap_between_letters_is_no_word_gap():
    parts = split_columns(words((10, 498), (500, 990)), 700)
    assert parts == [(0, 499, False), (499, 1000, False)]


def test_a_line_without_any_gap_is_cut_evenly():
    assert [start for start, _, _ in split_columns(words((0, 1000)), 700)] == [0, 500]
