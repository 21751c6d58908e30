import cv2
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from snapml_ocr.ocr.probability_map import (
    BoxSettings,
    clockwise_from_top_left,
    find_boxes,
    mean_inside,
    side_lengths,
    unclip,
)


def rectangle(x, y, width, height, degrees=0.0):
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return corners @ turn + [x, y]


def drawn(*shapes, size=(200, 300), value=0.9):
    map_ = np.zeros(size, np.float32)
    for shape in shapes:
        cv2.fillPoly(map_, [np.rint(shape).astype(np.int32)], value)
    return map_


sides = st.floats(4, 400)
angles = st.floats(-44, 44)


@given(width=sides, height=sides, degrees=angles, ratio=st.floats(0.1, 3))
def test_unclip_moves_every_side_of_a_rectangle_by_area_times_ratio_over_perimeter(
    width, height, degrees, ratio
):
    distance = width * height * ratio / (2 * (width + height))
    grown = unclip(rectangle(500, 500, width, height, degrees), ratio)
    assert sorted(side_lengths(grown)) == pytest.approx(
        sorted([width + 2 * distance, height + 2 * distance]), abs=0.05
    )
    np.testing.assert_allclose(grown.mean(axis=0), [500, 500], atol=0.05)


def test_unclip_of_a_polygon_without_area_is_nothing():
    assert unclip(np.array([[0.0, 0], [10, 0], [20, 0]]), 1.5) is None


def test_unclip_of_any_polygon_covers_its_offset_as_shapely_computes_it():
    triangle = np.array([[0.0, 0], [60, 10], [20, 50]])
    shape = shapely.Polygon(triangle)
    offset = shape.buffer(shape.area * 1.5 / shape.length - 0.1)
    assert shapely.Polygon(unclip(triangle, 1.5)).contains(offset)


@given(
    x=st.floats(-500, 500), y=st.floats(-500, 500), width=sides, height=sides, degrees=angles,
    shift=st.integers(0, 3), mirrored=st.booleans(),
)  # fmt: skip
def test_corners_in_any_order_come_out_clockwise_from_top_left(  # noqa: PLR0917
    x, y, width, height, degrees, shift, mirrored
):
    corners = rectangle(x, y, max(width, height) * 2, min(width, height), degrees)
    given_ = np.roll(corners, shift, axis=0)
    ordered = clockwise_from_top_left(given_[::-1] if mirrored else given_)
    np.testing.assert_allclose(ordered, corners, atol=1e-9)


def test_a_drawn_rectangle_gives_one_box_around_it():
    (box,) = find_boxes(drawn(rectangle(150, 100, 120, 16)), BoxSettings())
    found, inner = shapely.Polygon(box.quad), shapely.Polygon(rectangle(150, 100, 120, 16))
    assert found.contains(inner)
    distance = 120 * 16 * 1.5 / (2 * 136)
    assert side_lengths(box.quad) == pytest.approx((120 + 2 * distance, 16 + 2 * distance), abs=0.1)
    assert box.score == pytest.approx(0.9, abs=0.01)


@given(degrees=angles)
def test_a_tilted_rectangle_gives_a_box_with_its_tilt(degrees):
    (box,) = find_boxes(drawn(rectangle(150, 100, 140, 20, degrees)), BoxSettings())
    right = box.quad[1] - box.quad[0]
    assert np.rad2deg(np.arctan2(right[1], right[0])) == pytest.approx(degrees, abs=2)


def test_a_map_without_text_gives_no_box():
    assert find_boxes(np.zeros((64, 64), np.float32), BoxSettings()) == []


def test_a_map_full_of_text_gives_one_box():
    assert len(find_boxes(np.ones((64, 64), np.float32), BoxSettings())) == 1


def test_text_inside_a_frame_is_found_too():
    frame = drawn(rectangle(150, 100, 200, 150)) - drawn(rectangle(150, 100, 180, 130))
    text = drawn(rectangle(150, 100, 100, 20))
    boxes = find_boxes(np.maximum(frame, text), BoxSettings(box_threshold=0.1))
    inner = min(boxes, key=lambda box: shapely.Polygon(box.quad).area)
    assert side_lengths(inner.quad)[0] < 150


def test_a_hole_is_not_a_box():
    ring = drawn(rectangle(150, 100, 200, 150)) - drawn(rectangle(150, 100, 100, 60))
    assert len(find_boxes(ring, BoxSettings(box_threshold=0.1))) == 1


def test_specks_are_not_text():
    assert find_boxes(drawn(rectangle(50, 50, 1, 1), rectangle(90, 50, 40, 1)), BoxSettings()) == []


def test_a_weak_region_is_dropped_by_the_box_threshold():
    weak = drawn(rectangle(150, 100, 100, 20), value=0.4)
    assert find_boxes(weak, BoxSettings()) == []
    assert len(find_boxes(weak, BoxSettings(box_threshold=0.35))) == 1


def test_dilation_joins_regions_one_pixel_apart():
    parted = drawn(rectangle(150, 100, 100, 20))
    parted[:, 150] = 0
    assert len(find_boxes(parted, BoxSettings())) == 2
    assert len(find_boxes(parted, BoxSettings(dilation=True))) == 1


def test_slow_scores_a_bent_region_by_itself_and_fast_by_its_rectangle():
    bent = drawn(rectangle(100, 100, 100, 12), rectangle(150, 70, 12, 72))
    (fast,) = find_boxes(bent, BoxSettings(box_threshold=0.1))
    (slow,) = find_boxes(bent, BoxSettings(box_threshold=0.1, score_mode="slow"))
    assert slow.score == pytest.approx(0.9, abs=0.05)
    assert fast.score < 0.6


def test_only_the_largest_regions_are_kept_when_there_are_too_many():
    shapes = [rectangle(40 + 90 * (i % 3), 30 + 50 * (i // 3), 30 + 5 * i, 16) for i in range(9)]
    boxes = find_boxes(drawn(*shapes), BoxSettings(max_candidates=2))
    assert [round(side_lengths(box.quad)[0]) > 80 for box in boxes] == [True, True]


@given(x=st.integers(0, 40), y=st.integers(0, 40), width=st.integers(1, 20), height=st.integers(1, 20))
def test_mean_inside_a_pixel_rectangle_is_the_mean_of_its_pixels(x, y, width, height):
    map_ = np.random.default_rng(0).random((64, 64), np.float32)
    corners = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    expected = map_[y : y + height + 1, x : x + width + 1].mean()
    assert mean_inside(map_, corners) == pytest.approx(float(expected), abs=1e-5)


def test_mean_inside_ignores_what_lies_outside_the_map():
    assert mean_inside(np.ones((8, 8), np.float32), np.array([[-9, -9], [20, -9], [20, 20], [-9, 20]])) == 1.0
