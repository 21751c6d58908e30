import numpy as np
import pytest

from snapml_ocr.errors import UserError
from snapml_ocr.ocr.drawing import draw_page, load_font
from snapml_ocr.ocr.page import Line

FONT = load_font(None)


def line(text, x=10, y=10, width=60, height=20):
    quad = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], float)
    return Line(quad, 0.9, text, (0.9,) * len(text))


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 900, 3), (900, 1, 3), (30, 40, 3), (3000, 2000, 3)])
def test_images_of_any_size_are_drawn(shape):
    picture = draw_page(np.zeros(shape, np.uint8), (line("text"),), FONT)
    assert picture.dtype == np.uint8
    assert max(picture.shape[:2]) >= 300


def test_the_texts_stand_beside_the_image():
    image = np.zeros((720, 720, 3), np.uint8)
    with_text = draw_page(image, (line("Größe 中文"),), FONT)
    assert with_text.shape[1] > 720 + 100
    assert (with_text[:, 760:] == 0).all(axis=2).sum() > 30  # black ink
    assert draw_page(image, (line(""),), FONT).shape == (720, 720, 3)


def test_every_line_of_a_dense_page_is_listed_within_the_height_of_the_picture():
    lines = tuple(line(f"line {index}", y=5 * index) for index in range(200))
    picture = draw_page(np.zeros((1000, 700, 3), np.uint8), lines, FONT)
    assert picture.shape[0] <= 1100


def test_a_long_text_continues_in_the_next_row():
    picture = draw_page(np.zeros((720, 720, 3), np.uint8), (line("word " * 60),), FONT)
    assert picture.shape[1] < 720 + 900


def test_different_characters_look_different():
    drawn = [draw_page(np.zeros((720, 720, 3), np.uint8), (line(text),), FONT) for text in ("中", "文")]
    assert drawn[0].shape != drawn[1].shape or (drawn[0] != drawn[1]).any()


def test_a_file_that_is_no_font_is_named(tmp_path):
    (tmp_path / "a.ttf").write_bytes(b"no font")
    for name in ("a.ttf", "missing.ttf"):
        with pytest.raises(UserError, match=name):
            load_font(tmp_path / name)
