import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from snapml_ocr.ocr.detector import best_shape
from snapml_ocr.ocr.letterbox import Letterbox

sizes = st.integers(1, 4000)
inputs = st.sampled_from([(640, 640), (384, 640), (736, 1280), (32, 32)])
fractions = st.tuples(st.floats(0, 1), st.floats(0, 1))


@given(width=sizes, height=sizes, shape=inputs, fraction=fractions)
def test_a_point_comes_back_to_where_it_was(width, height, shape, fraction):
    box = Letterbox(width, height, shape[1], shape[0])
    point = np.array([fraction[0] * width, fraction[1] * height])
    np.testing.assert_allclose(box.to_image(box.to_input(point)), point, atol=1e-6 * max(width, height))


@given(width=sizes, height=sizes, shape=inputs, fraction=fractions)
def test_the_whole_image_lies_inside_the_input(width, height, shape, fraction):
    box = Letterbox(width, height, shape[1], shape[0])
    point = box.to_input(np.array([fraction[0] * width, fraction[1] * height]))
    assert (point >= -1e-6).all()
    assert (point <= np.array([shape[1], shape[0]]) + 1e-6).all()


@given(width=sizes, height=sizes, shape=inputs)
def test_the_image_touches_two_opposite_borders(width, height, shape):
    box = Letterbox(width, height, shape[1], shape[0])
    assert box.resized[0] == shape[1] or box.resized[1] == shape[0]


@given(width=st.integers(200, 900), height=st.integers(200, 900), shape=inputs)
def test_the_aspect_ratio_is_kept_up_to_one_pixel(width, height, shape):
    box = Letterbox(width, height, shape[1], shape[0])
    assert abs(box.resized[0] - width * box.scale) <= 0.5
    assert abs(box.resized[1] - height * box.scale) <= 0.5


def test_a_mark_is_found_in_the_input_where_the_mapping_says():
    image = np.zeros((200, 400, 3), np.uint8)
    image[50:54, 300:304] = 255
    box = Letterbox(400, 200, 640, 640)
    mark = box.apply(image)[:, :, 0].astype(float)
    rows, columns = np.indices(mark.shape) + 0.5
    centre = np.array([(mark * columns).sum(), (mark * rows).sum()]) / mark.sum()
    np.testing.assert_allclose(box.to_image(centre), [302, 52], atol=0.02)


def test_everything_beside_the_image_is_black():
    pixels = Letterbox(100, 50, 64, 64).apply(np.full((50, 100, 3), 255, np.uint8))
    assert (pixels[:16] == 0).all()
    assert (pixels[16:48] == 255).all()
    assert (pixels[48:] == 0).all()


SHAPES = [(384, 640), (640, 384), (640, 640)]


def test_a_wide_image_takes_the_wide_shape():
    assert SHAPES[best_shape(SHAPES, 720, 1280)] == (384, 640)


def test_a_tall_image_takes_the_tall_shape():
    assert SHAPES[best_shape(SHAPES, 1280, 720)] == (640, 384)


def test_a_square_image_takes_the_square_shape():
    assert SHAPES[best_shape(SHAPES, 1000, 1000)] == (640, 640)


def test_a_small_image_takes_the_cheapest_shape_that_shows_it_in_full():
    assert best_shape([(384, 640), (736, 1280)], 300, 500) == 0


@given(width=sizes, height=sizes)
def test_no_other_shape_shows_the_image_much_larger(width, height):
    chosen = SHAPES[best_shape(SHAPES, height, width)]
    scale = min(1.0, chosen[0] / height, chosen[1] / width)
    assert scale >= 0.97 * max(min(1.0, h / height, w / width) for h, w in SHAPES)
