import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from snapml_ocr.ocr.reading_order import reading_order


def page(rows, columns, degrees, *, size=(60, 20), pitch=(100, 40), origin=(400, 300)):
    """Quads of a grid of boxes in reading order, the page turned by `degrees` around its corner."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    quads = []
    for row in range(rows):
        for column in range(columns):
            x, y = column * pitch[0], row * pitch[1]
            corners = [[x, y], [x + size[0], y], [x + size[0], y + size[1]], [x, y + size[1]]]
            quads.append(np.array(corners, float) @ turn + origin)
    return quads


@given(rows=st.integers(1, 6), columns=st.integers(1, 6), degrees=st.floats(-180, 180), shuffle=st.randoms())
def test_a_page_is_read_row_by_row_at_any_angle(rows, columns, degrees, shuffle):
    quads = page(rows, columns, degrees)
    mixed = list(range(len(quads)))
    shuffle.shuffle(mixed)
    order = reading_order([quads[index] for index in mixed])
    assert [mixed[index] for index in order] == list(range(len(quads)))


def test_no_boxes_have_no_order():
    assert reading_order([]) == []


def test_words_of_a_line_with_high_and_low_letters_stay_in_one_row():
    def box(x, y, height):
        return np.array([[x, y], [x + 50, y], [x + 50, y + height], [x, y + height]], float)

    assert reading_order([box(120, 8, 14), box(0, 4, 20), box(60, 0, 22)]) == [1, 2, 0]


def test_one_sign_at_a_steep_angle_does_not_turn_the_page():
    steep = page(1, 1, 40, size=(400, 40), origin=(900, 900))
    assert reading_order(page(3, 3, 0) + steep) == list(range(10))
