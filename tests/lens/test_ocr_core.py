"""OcrCore.js computes what OpenCV, pyclipper and the Python reader compute, for all inputs."""

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snapml_ocr.lens.bundle import directions
from snapml_ocr.ocr.crops import crop_quad, part_of_quad
from snapml_ocr.ocr.ctc import decode
from snapml_ocr.ocr.detector import best_shape
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.directions import main_direction, ways_to_read
from snapml_ocr.ocr.letterbox import Letterbox
from snapml_ocr.ocr.line_input import scale_line
from snapml_ocr.ocr.line_reader import Attempt, LineReader, PageDirection, evidence
from snapml_ocr.ocr.line_split import split_columns
from snapml_ocr.ocr.probability_map import BoxSettings, clockwise_from_top_left, find_boxes, unclip
from snapml_ocr.ocr.reading_order import likely_direction, reading_order
from snapml_ocr.ocr.recognizer import Reading
from snapml_ocr.ocr.spaces import insert_spaces
from snapml_ocr.ocr.stacked import side_by_side
from snapml_ocr.ocr.text_direction import logical_order
from snapml_ocr.ocr.tiles import plan_tiles, ramp
from snapml_ocr.plan.space_rule import SpaceRule

often = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
seeds = st.integers(0, 2**32 - 1)

OPTIONS = {
    "det_db_thresh": 0.55,
    "det_db_box_thresh": 0.5,
    "det_db_unclip_ratio": 1.5,
    "det_db_score_mode": "fast",
    "use_dilation": False,
}


def blobs(seed, blur=None):
    """A smooth random (H, W) map from 0 to 1."""
    rng = np.random.default_rng(seed)
    height, width = rng.integers(1, 120, 2)
    noise = rng.random((height, width)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), blur or float(rng.uniform(1, 6)))
    spread = np.ptp(smooth)
    return ((smooth - smooth.min()) / spread).astype(np.float32) if spread else noise


def quads_of(answer):
    return [np.array(box["quad"]).reshape(4, 2) for box in answer]


@often
@given(seeds, st.booleans(), st.booleans())
def test_contours_are_those_of_opencv(core, seed, smooth, dilation):
    rng = np.random.default_rng(seed)
    height, width = (int(side) for side in rng.integers(1, 60, 2))
    image = (
        blobs(seed) if smooth else (rng.random((height, width)) < rng.uniform(0.1, 0.9)).astype(np.float32)
    )
    height, width = image.shape
    bitmap = (image > 0.5).astype(np.uint8)
    if dilation:
        bitmap = cv2.dilate(bitmap, np.ones((2, 2), np.uint8))
    contours, links = cv2.findContours(bitmap, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    outer = [
        c.ravel().tolist()
        for c, link in zip(contours, links[0] if contours else [], strict=True)
        if link[3] < 0
    ]
    assert sorted(core.call("outerContours", image.ravel(), width, height, 0.5, dilation)) == sorted(outer)


@often
@given(seeds)
def test_the_smallest_rectangle_has_the_area_that_opencv_finds(core, seed):
    rng = np.random.default_rng(seed)
    points = rng.integers(0, rng.integers(1, 300), (int(rng.integers(1, 40)), 2)).astype(np.int32)
    found = core.call("smallestRectangle", points.ravel(), points.size)
    expected = cv2.minAreaRect(points)[1]
    assert found["width"] * found["height"] == pytest.approx(expected[0] * expected[1], rel=1e-4, abs=1e-2)


@often
@given(seeds, st.floats(0.1, 4.0))
def test_a_rectangle_grows_as_pyclipper_grows_it(core, seed, ratio):
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(50, 500, 2)
    width, height, angle = rng.uniform(2, 300), rng.uniform(2, 80), rng.uniform(-np.pi, np.pi)
    rectangle = {"x": x, "y": y, "width": width, "height": height, "cos": np.cos(angle), "sin": np.sin(angle)}
    axis, normal = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    corners = np.array(
        [
            [x, y] + u * width / 2 * axis + v * height / 2 * normal
            for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]
    )
    expected = unclip(corners, ratio)
    found = np.array(core.call("unclip", rectangle, ratio)).reshape(4, 2)
    assert min(np.abs(np.roll(found, turn, axis=0) - expected).max() for turn in range(4)) < 0.01


@often
@given(seeds, st.sampled_from(["fast", "slow"]), st.booleans())
def test_boxes_are_those_of_the_python_reader(core, seed, mode, dilation):
    """Where two rectangles of one area fit a region, rounding decides which of them is taken."""
    image = blobs(seed, blur=4.0)
    height, width = image.shape
    expected = find_boxes(image, BoxSettings(threshold=0.55, score_mode=mode, dilation=dilation))
    options = OPTIONS | {"det_db_score_mode": mode, "use_dilation": dilation}
    found = quads_of(core.call("findBoxes", image.ravel(), width, height, options))
    missing = [
        box.quad for box in expected if not any(np.abs(quad - box.quad).max() <= 0.5 for quad in found)
    ]
    unexplained = [quad for quad in missing if not any(is_as_large_and_near(quad, other) for other in found)]
    assert len(missing) <= 1 + len(expected) // 5
    assert len(unexplained) <= 1  # of two rectangles one may be sure or large enough, and the other not
    assert abs(len(expected) - len(found)) <= 1


def is_as_large_and_near(quad, other):
    areas = [cv2.contourArea(one.astype(np.float32)) for one in (quad, other)]
    return max(areas) < 1.15 * min(areas) and np.abs(quad.mean(axis=0) - other.mean(axis=0)).max() < 4


@often
@given(seeds)
def test_scaling_is_that_of_opencv_within_one_grey_value(core, seed):
    rng = np.random.default_rng(seed)
    height, width = (int(side) for side in rng.integers(1, 100, 2))
    target, length = int(rng.choice([32, 48])), int(rng.integers(1, 200))
    crop = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    given_crop = {"pixels": crop.ravel(), "width": width, "height": height}
    out = core.call(
        "scaleLine", given_crop, length, target, True, np.zeros(3 * length * target, np.uint8), out=4
    )
    difference = np.abs(
        np.array(out).reshape(target, length, 3) - scale_line(crop, target, length).astype(int)
    )
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.25


@often
@given(seeds)
def test_a_detector_sees_the_picture_as_the_python_reader_places_it(core, seed):
    rng = np.random.default_rng(seed)
    height, width = (int(side) for side in rng.integers(1, 200, 2))
    size = [int(side) for side in rng.integers(32, 200, 2)]
    picture = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    expected = Letterbox(width, height, size[1], size[0]).apply(picture)[:, :, ::-1]
    rgba = cv2.cvtColor(picture, cv2.COLOR_BGR2RGBA)
    data = np.zeros(3 * size[0] * size[1], np.float32)
    seen = {"pixels": rgba.ravel(), "width": width, "height": height}
    place = core.call("wholeOf", core.call("letterbox", width, height, size[1], size[0]))
    found = core.call("fillDetectorInput", seen, place, data, size[1], size[0], "NHWC", out=2)
    assert np.abs(np.array(found).reshape(*size, 3) - expected).max() <= 1


@often
@given(seeds)
def test_a_part_of_a_resized_picture_is_that_part(core, seed):
    rng = np.random.default_rng(seed)
    height, width, to_height, to_width = (int(side) for side in rng.integers(1, 200, 4))
    picture = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    first_row, first_column = int(rng.integers(0, to_height)), int(rng.integers(0, to_width))
    rows = int(rng.integers(1, to_height - first_row + 1))
    columns = int(rng.integers(1, to_width - first_column + 1))
    whole = cv2.resize(picture, (to_width, to_height), interpolation=cv2.INTER_LINEAR)
    place = {"width": to_width, "height": to_height, "columns": columns, "rows": rows}
    place |= {"firstColumn": first_column, "firstRow": first_row, "left": 0, "top": 0}
    data = np.zeros(3 * rows * columns, np.float32)
    seen = {"pixels": picture.ravel(), "width": width, "height": height, "channels": 3}
    found = core.call("fillDetectorInput", seen, place, data, columns, rows, "NHWC", out=2)
    part = whole[first_row : first_row + rows, first_column : first_column + columns]
    assert np.abs(np.array(found).reshape(part.shape) - part).max() <= 1


shapes_of_detectors = st.lists(st.tuples(st.integers(32, 900), st.integers(32, 900)), min_size=1, max_size=3)


@often
@given(st.integers(1, 9000), st.integers(1, 9000), shapes_of_detectors, st.floats(0.05, 1.5))
def test_tiles_are_planned_as_python_plans_them(core, width, height, shapes, scale):
    index, tiling = plan_tiles(height, width, shapes, scale)
    expected = {"width": tiling.width, "height": tiling.height, "lefts": tiling.lefts, "tops": tiling.tops}
    found = core.call("planTiles", width, height, [list(shape) for shape in shapes], scale)
    assert found == expected | {"index": index}


@often
@given(st.integers(1, 9000), st.integers(1, 9000), shapes_of_detectors)
def test_the_detector_shape_is_the_one_that_python_chooses(core, width, height, shapes):
    found = core.call("bestShape", [list(shape) for shape in shapes], width, height)
    assert found == best_shape(shapes, height, width)


@often
@given(st.integers(1, 300), st.integers(0, 300), st.integers(0, 300))
def test_tiles_weigh_as_in_python(core, length, before, after):
    expected = ramp(length, before, before + length + after)
    assert list(core.call("ramp", length, before, before + length + after)) == expected.tolist()


@often
@given(seeds, st.booleans())
def test_crops_are_those_of_opencv(core, seed, level):
    rng = np.random.default_rng(seed)
    picture = cv2.resize(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8), (320, 240))
    centre, size = rng.uniform([0, 0], [320, 240]), rng.uniform([6, 4], [200, 50])
    angle = 0.0 if level else float(rng.uniform(-180, 180))
    quad = clockwise_from_top_left(cv2.boxPoints((centre.tolist(), size.tolist(), angle)))
    whole = size[0] * size[1]
    quad = np.clip(quad, 0, [320, 240])
    expected = crop_quad(picture, quad)[:, :, ::-1].astype(int)
    rgba = cv2.cvtColor(picture, cv2.COLOR_BGR2RGBA)
    found = core.call("cropLine", {"width": 320, "height": 240, "pixels": rgba.ravel()}, quad.ravel())
    if (found["height"], found["width"]) != expected.shape[:2] or min(expected.shape[:2]) < 2:
        return  # a side of half a pixel more rounds either way
    if cv2.contourArea(quad.astype(np.float32)) < 0.7 * whole:
        return  # what is left of a box that lies outside the picture is no view of a rectangle
    difference = np.abs(np.array(found["pixels"]).reshape(expected.shape) - expected)
    assert difference.max() <= 2
    assert (difference > 0).mean() < 0.02


@often
@given(seeds)
def test_long_lines_are_split_where_python_splits_them(core, seed):
    rng = np.random.default_rng(seed)
    height, width = int(rng.integers(8, 60)), int(rng.integers(20, 900))
    crop = np.full((height, width, 3), 255, np.uint8)
    for start in rng.integers(0, width, width // 12):
        crop[2:-2, start : start + rng.integers(2, 9)] = rng.integers(0, 90, 3)
    most = int(rng.integers(30, 300))
    given_crop = {"pixels": np.ascontiguousarray(crop[:, :, ::-1]).ravel(), "width": width, "height": height}
    assert core.call("splitColumns", given_crop, most) == [list(part) for part in split_columns(crop, most)]


def probabilities(seed, classes):
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, 3, (int(rng.integers(1, 80)), classes)).astype(np.float32)
    scores[:, 0] += 3
    return (np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)).astype(np.float32)


@often
@given(seeds, st.booleans())
def test_stacked_letters_are_put_side_by_side_as_in_python(core, seed, tall):
    rng = np.random.default_rng(seed)
    width, height = int(rng.integers(12, 40)), int(rng.integers(20, 240))
    crop = np.full((height, width, 3), 240, np.uint8)
    top = int(rng.integers(0, 8))
    while top < height:
        bottom = top + int(rng.integers(2, 90 if tall else 2 * width))
        left = int(rng.integers(0, width // 2))
        crop[top:bottom, left : left + int(rng.integers(1, width))] = rng.integers(0, 120, 3)
        top = bottom + int(rng.integers(2, 9))
    rgb = np.ascontiguousarray(crop[:, :, ::-1]).ravel()
    found = core.call("sideBySide", {"pixels": rgb, "width": width, "height": height})
    expected = side_by_side(crop)
    assert (found is None) == (expected is None)
    if expected is not None:
        assert (found["height"], found["width"]) == expected.shape[:2]
        assert found["pixels"] == expected[:, :, ::-1].ravel().tolist()


@often
@given(seeds)
def test_scores_become_probabilities(core, seed):
    scores = np.random.default_rng(seed).normal(0, 40, (int(seed % 9) + 1, 5)).astype(np.float32)
    shifted = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
    found = core.call("softmaxSteps", scores.ravel(), 5, out=0)
    expected = shifted / shifted.sum(axis=1, keepdims=True)
    assert np.reshape(found, scores.shape) == pytest.approx(expected, abs=1e-6)


@often
@given(seeds, st.booleans())
def test_text_is_decoded_as_python_decodes_it(core, seed, restricted):
    dictionary = Dictionary(("a", "b", "\U0001f600", "ch", "", "é"))
    values = probabilities(seed, len(dictionary.characters))
    allowed = "abch " if restricted else None
    expected = decode(values, dictionary, dictionary.allowed_classes(allowed) if allowed else None)
    numbers = core.call("allowedClasses", list(dictionary.characters), allowed)
    if numbers is not None:
        numbers = np.array(numbers, np.int32)
    found = core.call("decode", values.ravel(), list(dictionary.characters), numbers)
    assert "".join(found["characters"]) == expected.text
    assert found["confidences"] == pytest.approx(expected.confidences, abs=1e-7)
    assert (tuple(found["starts"]), tuple(found["ends"])) == (expected.starts, expected.ends)


@often
@given(seeds, st.integers(0, 40))
def test_spaces_are_recovered_as_python_recovers_them(core, seed, gap):
    rng = np.random.default_rng(seed)
    dictionary = Dictionary(("a", "b", "中"))
    values = probabilities(seed, 5)
    columns = int(rng.integers(2, 9))
    line = np.full((32, columns * len(values), 3), 230, np.uint8)
    for start in rng.integers(0, line.shape[1], 9):
        line[4:28, start : start + columns * 2] = 20 + gap
    decoded = decode(values, dictionary)
    grey = cv2.cvtColor(line, cv2.COLOR_BGR2GRAY)
    rule = SpaceRule()
    expected = insert_spaces(decoded, values[:, 4], grey, columns, rule)
    given_text = {
        "characters": list(decoded.text),
        "confidences": list(decoded.confidences),
        "starts": list(decoded.starts),
        "ends": list(decoded.ends),
    }
    empty = core.call("emptiness", np.ascontiguousarray(line[:, :, ::-1]).ravel(), line.shape[1], 32)
    found = core.call(
        "insertSpaces",
        given_text,
        values[:, 4].astype(np.float64),
        np.array(empty, np.float64),
        32,
        columns,
        rule.model_dump(),
    )
    assert "".join(found["characters"]) == expected.text
    assert found["confidences"] == pytest.approx(expected.confidences, abs=1e-6)


@often
@given(seeds)
def test_lines_are_put_in_the_order_of_the_python_reader(core, seed):
    rng = np.random.default_rng(seed)
    turn = float(rng.uniform(-20, 20))
    boxes = [
        clockwise_from_top_left(
            cv2.boxPoints((rng.uniform(0, 600, 2).tolist(), (float(rng.uniform(30, 200)), 20.0), turn))
        )
        for _ in range(int(rng.integers(0, 25)))
    ]
    assert core.call("readingOrder", [quad.ravel() for quad in boxes]) == reading_order(boxes)


@often
@given(seeds, st.floats(-180, 180))
def test_the_likely_direction_of_lines_is_that_of_the_python_reader(core, seed, most):
    rng = np.random.default_rng(seed)
    quads = []
    for _ in range(int(rng.integers(0, 12))):
        angle = most + rng.normal(0, 6) if rng.random() < 0.7 else rng.uniform(-180, 180)
        size = (float(rng.uniform(10, 200)), float(rng.uniform(10, 60)))
        quads.append(clockwise_from_top_left(cv2.boxPoints((rng.uniform(0, 600, 2).tolist(), size, angle))))
    found = core.call("likelyDirection", [quad.ravel() for quad in quads])
    assert found == pytest.approx(likely_direction(quads), abs=1e-6)


def any_quad(rng):
    size = (float(rng.uniform(10, 90)), float(rng.uniform(10, 90)))
    return clockwise_from_top_left(cv2.boxPoints(((100, 100), size, float(rng.uniform(-180, 180)))))


@often
@given(seeds, st.floats(-180, 180))
def test_boxes_are_begun_at_the_corners_at_which_python_begins_them(core, seed, page):
    quad = any_quad(np.random.default_rng(seed))
    expected = [way.ravel().tolist() for way in ways_to_read(quad, page)]
    assert [list(way) for way in core.call("waysToRead", quad.ravel().astype(np.float64), page)] == expected


@often
@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(0, 9)), max_size=12))
def test_most_lines_point_where_python_says_they_do(core, lines):
    angles, weights = [one for one, _ in lines], [one for _, one in lines]
    found = core.call("mainDirection", angles, weights)
    assert found == pytest.approx(main_direction(angles, weights), abs=1e-5)


@often
@given(seeds, st.floats(0, 1), st.floats(0, 1))
def test_a_word_is_the_part_of_its_line_that_it_is_in_python(core, seed, start, end):
    quad = any_quad(np.random.default_rng(seed))
    found = core.call("partOfQuad", quad.ravel().astype(np.float64), start, end)
    assert found == pytest.approx(part_of_quad(quad, start, end).ravel().tolist(), abs=1e-4)


@often
@given(seeds, st.booleans(), st.sampled_from([0.0, 10.0, 40.0, 90.0]))
def test_a_line_is_doubted_where_the_python_reader_doubts_it(core, seed, known, angle):
    rng = np.random.default_rng(seed)
    width, letters, score = rng.uniform(10, 90), int(rng.integers(0, 5)), float(rng.uniform(0.4, 1.0))
    quad = clockwise_from_top_left(cv2.boxPoints(((100, 100), (float(width), 20.0), 0)))
    page = PageDirection(angle, known)
    ways = ways_to_read(quad, angle)
    reading = Reading("ab c" * letters, (score,) * 4 * letters, ((0.0, 1.0),) * 4 * letters)
    expected = LineReader(None)._ways_in_doubt(Attempt(ways[0], reading), ways, page)
    first = {"quad": ways[0].ravel(), "characters": list(reading.text), "confidences": [score] * 4 * letters}
    found = core.call("waysInDoubt", first, [way.ravel() for way in ways], {"angle": angle, "isKnown": known})
    assert found == (None if expected is None else [way.ravel().tolist() for way in expected])


@often
@given(st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=12), min_size=1, max_size=3))
def test_lines_are_the_evidence_that_they_are_for_the_python_reader(core, lines):
    attempts = [Attempt(np.zeros((4, 2)), Reading("a" * len(one), tuple(one), ())) for one in lines]
    found = core.call("evidence", [{"confidences": one} for one in lines])
    assert found == pytest.approx(evidence(attempts), abs=1e-9)


@often
@given(
    st.text(alphabet="abc 12.,:%-+()[]<>\u060c\u0660\u0661\u0627\u0628\u062c\u05d0\u05d1\u05d2!", max_size=20)
)
def test_a_right_to_left_line_is_turned_as_python_turns_it(core, seen):
    for order in ("unicode", "paddleocr"):
        found = core.call("logicalOrder", list(seen), directions(list(seen)), order)
        assert ("".join(found["characters"]), found["order"]) == logical_order(seen, order)


HOSTILE = {
    "nothing": (np.zeros((0, 0), np.float32), 0),
    "one pixel": (np.ones((1, 1), np.float32), 0),
    "all ones": (np.ones((64, 64), np.float32), 1),
    "nan": (np.full((40, 30), np.nan, np.float32), 0),
    "nan on the diagonal": (np.where(np.eye(50) > 0, np.nan, 1).astype(np.float32), 0),
    "infinite": (np.full((9, 9), np.inf, np.float32), 1),
    "checkerboard": ((np.indices((64, 64)).sum(axis=0) % 2).astype(np.float32), 1),
    "one row": (np.ones((1, 500), np.float32), 0),
}
"""Maps, and how many boxes they hold: no score of NaN is high enough, corners join regions."""


@pytest.mark.parametrize("mode", ["fast", "slow"])
@pytest.mark.parametrize(("image", "boxes"), HOSTILE.values(), ids=HOSTILE)
def test_no_map_makes_it_fail_or_run_for_ever(core, image, boxes, mode):
    height, width = image.shape
    options = OPTIONS | {"det_db_score_mode": mode, "use_dilation": True}
    assert len(core.call("findBoxes", image.ravel(), width, height, options)) == boxes


def test_a_degenerate_box_gives_a_crop_all_the_same(core):
    picture = {"width": 3, "height": 2, "pixels": np.full(24, 200, np.uint8)}
    for quad in (
        [1.0] * 8,
        [0.0, 0, 3, 0, 3, 0, 0, 0],
        [-90.0, -90, -80, -90, -80, -80, -90, -80],
        [float("nan")] * 8,
    ):
        crop = core.call("cropLine", picture, np.array(quad))
        assert len(crop["pixels"]) == 3 * crop["width"] * crop["height"]
