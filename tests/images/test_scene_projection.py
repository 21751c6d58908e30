import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats

from canvas import Canvas, Word
from photo import Exposure, develop
from projection import placed, project, rectangle, view

FRAME = (400, 300)


def farthest_from_outline(mask, quad):
    """How far, in pixels, the worst pixel that disagrees with the quadrilateral lies from its outline."""
    outline = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(outline, [np.round((quad - 0.5) * 16).astype(np.int32)], 1, shift=4)
    disagreeing = np.argwhere(mask != (outline > 0))[:, ::-1] + 0.5
    contour = quad.astype(np.float32)
    return max(
        (abs(cv2.pointPolygonTest(contour, tuple(map(float, at)), True)) for at in disagreeing), default=0
    )


@settings(max_examples=30, deadline=None)
@given(yaw=floats(-50, 50), pitch=floats(-40, 40), roll=floats(-60, 60), zoom=floats(0.4, 1.1))
def test_a_label_lies_exactly_on_its_pixels_after_any_view(yaw, pitch, roll, zoom):
    sheet = Canvas(200, 100, (0, 0, 0))
    sheet.draw.rectangle((40, 30, 159, 69), fill=(255, 255, 255, 255))
    sheet.words.append(Word(rectangle(40, 30, 160, 70), "block"))
    scene = Canvas(*FRAME, (0, 0, 0))
    scene.paste(sheet, view((100, 50), FRAME, zoom, (yaw, pitch, roll)))
    white = np.asarray(scene.image.convert("L")) > 127
    assert white.any()
    assert farthest_from_outline(white, scene.words[0].quad) <= 1.5


def test_labels_come_along_through_two_pastes_and_the_development():
    card = Canvas(100, 50, (0, 0, 0))
    card.draw.rectangle((10, 10, 89, 39), fill=(255, 255, 255, 255))
    card.words.append(Word(rectangle(10, 10, 90, 40), "block"))
    table = Canvas(300, 300, (0, 0, 0))
    table.paste(card, placed(card.size, (150, 140), 1.5, 30))
    scene = Canvas(*FRAME, (0, 0, 0))
    scene.paste(table, view((150, 150), FRAME, 1.0, (20, -10, 5)))
    flat = Exposure(blur=0, noise=0, light_fall=0, vignette=0)
    pixels, words = develop(scene, flat, np.random.default_rng(1))
    assert pixels.shape == (150, 200, 3)
    assert farthest_from_outline(pixels[:, :, 0] > 127, words[0].quad) <= 1.5


def test_a_text_that_leaves_the_frame_is_refused():
    scene = Canvas(100, 100, (0, 0, 0))
    scene.words.append(Word(rectangle(80, 10, 120, 30), "cut off"))
    with pytest.raises(ValueError, match="leaves the frame"):
        develop(scene, Exposure(), np.random.default_rng(1))


def test_a_plane_that_reaches_behind_the_camera_is_refused():
    with pytest.raises(ValueError, match="behind the camera"):
        Canvas(*FRAME).paste(Canvas(4000, 100, (9, 9, 9)), view((2000, 50), FRAME, 0.5, (70, 0, 0)))


def test_a_view_puts_its_target_where_it_is_aimed_at_the_scale_asked_for():
    matrix = view((30, 40), FRAME, 2.0, aim=(0.25, 0.5))
    np.testing.assert_allclose(
        project(matrix, np.array([[30.0, 40.0], [31.0, 40.0]])), [[100, 150], [102, 150]]
    )
