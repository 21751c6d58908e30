"""Text is read whichever way it runs, and its corners say where it begins."""

import importlib
from argparse import Namespace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.dataset import open_dataset
from snapml_ocr.evaluate.texts import alphanumeric
from snapml_ocr.ocr import directions, line_reader
from snapml_ocr.ocr.directions import angle_between, direction, main_direction, turned, ways_to_read
from snapml_ocr.ocr.images import read_image
from snapml_ocr.ocr.line_reader import PageDirection
from snapml_ocr.ocr.reader import Reader
from snapml_ocr.ocr.reading_order import likely_direction
from snapml_ocr.ocr.stacked import side_by_side

PROJECT = Path(__file__).parents[2]
IMAGES = open_dataset(PROJECT / "images")


def box(degrees, width=200.0, height=30.0):
    """A line that is read in this direction, around (300, 300)."""
    along = np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))])
    down = np.array([-along[1], along[0]])
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    return np.array([300 + x * width / 2 * along + y * height / 2 * down for x, y in corners])


@given(degrees=st.floats(-180, 180), begun=st.integers(0, 3))
def test_the_way_in_which_a_line_runs_is_among_those_tried_and_first_where_the_page_says_so(degrees, begun):
    line = box(degrees)
    ways = ways_to_read(turned(line, begun), page=degrees)
    assert len(ways) == 2
    np.testing.assert_allclose(ways[0], line)


@given(degrees=st.floats(-70, 100), begun=st.integers(0, 3))
def test_without_a_page_lines_are_taken_for_upright_and_vertical_ones_begin_at_the_top(degrees, begun):
    assert angle_between(direction(ways_to_read(turned(box(degrees), begun))[0]), degrees) < 1e-6


def test_a_nearly_square_box_may_be_read_from_every_corner():
    assert len(ways_to_read(box(0, 30, 25))) == 4


@given(degrees=st.floats(-180, 180), jitter=st.lists(st.floats(-10, 10), min_size=3, max_size=9))
def test_a_few_signs_at_other_angles_do_not_turn_the_page(degrees, jitter):
    angles = [degrees + shift for shift in jitter] + [degrees + 130]
    found, support = main_direction(angles, [1.0] * len(angles))
    assert angle_between(found, degrees) <= 10 + 1e-6
    assert support >= len(jitter) - 1e-6


def test_boxes_that_disagree_do_not_turn_the_image():
    assert likely_direction([box(0), box(2), box(90), box(60, 100)]) == pytest.approx(0, abs=2)
    assert likely_direction([box(0), box(50), box(90)]) == 0


def test_a_page_starts_upright():
    assert not PageDirection().is_known


def stacked(text, size=40):
    """Letters under each other, black on white."""
    font = cv2.FontFace("sans")
    picture = np.full((size * len(text), size, 3), 255, np.uint8)
    for row, letter in enumerate(text):
        _, _, width, _ = cv2.getTextSize((1, 1), letter, (0, 0), font, size, 700)
        place = ((size - width) // 2, size * row + size - 5)
        cv2.putText(picture, letter, place, (0, 0, 0), font, size, 700)
    return picture


def test_stacked_letters_become_a_line_and_a_turned_line_does_not():
    line = side_by_side(stacked("HOTEL"))
    assert line is not None
    assert line.shape[1] > 2 * line.shape[0]
    turned_line = np.full((200, 40, 3), 255, np.uint8)
    turned_line[10:190, 10:30] = 0
    assert side_by_side(turned_line) is None


@pytest.fixture(scope="module", params=["ch_PP-OCRv4_rec_infer", "PP-OCRv6_rec_small"])
def reader(request, real_simplified, real_dictionary):
    recognizer = request.param
    with Reader(
        [real_simplified("ch_PP-OCRv4_det_infer", 640, 640)],
        [real_simplified(recognizer, 48, width) for width in (320, 832)],
        real_dictionary(recognizer),
    ) as reader:
        yield reader


# On the plates PP-OCRv6 sees a few letters upside down, with certainty, and leaves out the others.
@pytest.mark.parametrize(
    ("name", "degrees"),
    [
        *(("test2.png", degrees) for degrees in (45, 90, 180, 225, 290)),
        ("licence_plate_03.jpg", 180),
        ("licence_plate_05.jpg", 180),
    ],
)
def test_a_real_page_is_read_at_any_angle_from_its_first_corner_on(reader, name, degrees):
    image = next(image for image in IMAGES.images if image.name == name)
    pixels = read_image(IMAGES.path_of(image.name))
    height, width = pixels.shape[:2]
    view = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    side = int(np.hypot(width, height))
    view[:, 2] += [(side - width) / 2, (side - height) / 2]
    page = reader.read(cv2.warpAffine(pixels, view, (side, side)))
    expected = {alphanumeric(word.text): word for word in image.words if not word.ignore}
    found = {alphanumeric(line.text): line for line in page.lines}
    assert len(found.keys() & expected.keys()) >= 0.8 * len(expected)
    for text in found.keys() & expected.keys():
        corners = np.array(expected[text].outline) @ view[:, :2].T + view[:, 2]
        assert np.linalg.norm(corners - found[text].quad[0], axis=1).argmin() == 0
    in_order = [text for text in map(alphanumeric, (line.text for line in page.lines)) if text in expected]
    upright = reader.read(pixels)
    assert in_order == [
        text for text in map(alphanumeric, (line.text for line in upright.lines)) if text in in_order
    ]


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_real_page_may_hold_text_of_several_directions(reader, quarters):
    upright, other = (read_image(IMAGES.path_of(name)) for name in ("test2.png", "book_cover_06.jpg"))
    other = np.rot90(other, quarters)
    spare = max(0, other.shape[0] - upright.shape[0])
    upright = cv2.copyMakeBorder(upright, 0, spare, 0, 10, cv2.BORDER_CONSTANT, value=(128, 128, 128))
    other = cv2.copyMakeBorder(other, 0, upright.shape[0] - other.shape[0], 0, 0, cv2.BORDER_CONSTANT)
    found = {alphanumeric(line.text) for line in reader.read(np.hstack([upright, other])).lines}
    for name, at_least in (("test2.png", 2), ("book_cover_06.jpg", 8)):
        image = next(image for image in IMAGES.images if image.name == name)
        assert len(found & {alphanumeric(word.text) for word in image.words}) >= at_least


def test_a_real_recognizer_tells_stacked_letters_from_a_line_that_runs_down(reader):
    lying = np.hstack([stacked(one) for one in "HOTEL"])
    for picture in (stacked("HOTEL"), np.ascontiguousarray(np.rot90(lying, -1))):
        canvas = np.full((picture.shape[0] + 200, 500, 3), 255, np.uint8)
        canvas[100:-100, 200 : 200 + picture.shape[1]] = picture
        assert [alphanumeric(line.text) for line in reader.read(canvas).lines] == ["hotel"]


@pytest.fixture
def benchmark(monkeypatch):
    """The program of benchmarks/ with a name."""
    monkeypatch.syspath_prepend(PROJECT / "benchmarks")
    return importlib.import_module


def test_the_benchmark_names_the_categories_there_are_when_one_is_unknown(benchmark):
    labelled_images = benchmark("rotation").labelled_images
    assert len(labelled_images(IMAGES, ["rotated"])) < len(labelled_images(IMAGES, None))
    with pytest.raises(UserError, match=r"no category nonsense; it has .*billboard"):
        labelled_images(IMAGES, ["rotated", "nonsense"])


def test_a_constant_is_swept_wherever_it_is_used(benchmark, monkeypatch):
    monkeypatch.setattr(directions, "ALIGNED", directions.ALIGNED)
    monkeypatch.setattr(line_reader, "ALIGNED", line_reader.ALIGNED)
    set_value = benchmark("ocr_sweep").set_value
    set_value(Namespace(), "directions.ALIGNED", 5.0)
    assert directions.ALIGNED == line_reader.ALIGNED == 5.0
    with pytest.raises(UserError, match="no such option or constant"):
        set_value(Namespace(), "directions.NONSENSE", 5.0)
