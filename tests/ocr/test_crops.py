import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from snapml_ocr.ocr.crops import along_the_line, crop_quad, is_vertical, part_of_quad


def upright(left, top, width, height):
    return np.array(
        [[left, top], [left + width, top], [left + width, top + height], [left, top + height]], float
    )


NOISE = np.random.default_rng(1).integers(0, 256, (60, 90, 3), np.uint8)


@given(left=st.integers(0, 50), top=st.integers(0, 30), width=st.integers(1, 40), height=st.integers(1, 30))
def test_an_upright_quad_on_whole_pixels_cuts_exactly_these_pixels(left, top, width, height):
    crop = crop_quad(NOISE, upright(left, top, width, height))
    np.testing.assert_array_equal(crop, NOISE[top : top + height, left : left + width])


def test_a_quad_started_at_its_other_end_gives_the_crop_upside_down():
    quad = upright(10, 10, 40, 20)
    crop = crop_quad(NOISE, np.roll(quad, -2, axis=0))
    np.testing.assert_array_equal(crop, crop_quad(NOISE, quad)[::-1, ::-1])


def test_a_vertical_quad_is_read_from_top_to_bottom():
    quad = upright(10, 5, 20, 50)
    assert is_vertical(quad)
    crop = crop_quad(NOISE, along_the_line(quad))
    np.testing.assert_array_equal(crop, np.rot90(NOISE[5:55, 10:30]))


def test_a_wide_quad_is_left_as_it_is():
    quad = upright(10, 5, 40, 20)
    np.testing.assert_array_equal(along_the_line(quad), quad)


def test_a_quad_without_extent_gives_one_pixel():
    assert crop_quad(NOISE, upright(5, 5, 0, 0)).shape == (1, 1, 3)


def test_a_quad_partly_outside_repeats_the_border():
    crop = crop_quad(NOISE, upright(-10, 0, 20, 20))
    np.testing.assert_array_equal(crop[:, :10], np.repeat(NOISE[:20, :1], 10, axis=1))


@given(cut=st.floats(0.1, 0.9))
def test_parts_of_a_quad_meet_and_cover_it(cut):
    quad = np.array([[0.0, 0], [100, 10], [95, 40], [5, 30]])
    left, right = part_of_quad(quad, 0, cut), part_of_quad(quad, cut, 1)
    np.testing.assert_allclose(left[[1, 2]], right[[0, 3]])
    np.testing.assert_allclose(left[[0, 3]], quad[[0, 3]])
    np.testing.assert_allclose(right[[1, 2]], quad[[1, 2]])
