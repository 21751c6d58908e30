import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from snapml_ocr.ocr.probability_map import BoxSettings, find_boxes, side_lengths
from snapml_ocr.ocr.tiles import MAX_TILES, Tiling, plan_tiles, tiled_map

lengths = st.integers(1, 5000)


@given(height=lengths, width=lengths)
def test_tiles_cover_every_pixel_and_stay_inside(height, width):
    tiling = Tiling(height, width, 640, 384)
    for starts, length, tile in ((tiling.tops, height, 640), (tiling.lefts, width, 384)):
        assert starts[0] == 0
        assert starts[-1] + tile >= length
        assert all(later - sooner <= tile - 90 for sooner, later in itertools.pairwise(starts))
        assert starts[-1] + tile == max(length, tile)


@given(height=lengths, width=lengths, scale=st.floats(0.2, 1))
def test_a_plan_keeps_the_scale_unless_there_are_too_many_tiles(height, width, scale):
    _, tiling = plan_tiles(height, width, [(640, 640), (384, 640)], scale)
    assert tiling.tiles <= MAX_TILES
    if tiling.tiles < MAX_TILES / 2:
        assert abs(tiling.height - max(1, height * scale)) <= 1


def test_the_shape_with_least_work_is_taken():
    shapes = [(384, 640), (640, 640)]
    index, _ = plan_tiles(300, 2000, shapes, 1.0)
    assert shapes[index] == (384, 640)


@settings(deadline=None, max_examples=20)
@given(height=st.integers(100, 900), width=st.integers(100, 900))
def test_joined_maps_equal_the_map_of_the_whole(height, width):
    image = np.random.default_rng(2).integers(0, 256, (height, width, 3), np.uint8)
    tiling = Tiling(height, width, 320, 256)
    joined, letterbox = tiled_map(image, tiling, lambda tile: tile[:, :, 0].astype(np.float32))
    np.testing.assert_allclose(joined, image[:, :, 0], atol=1e-3)
    np.testing.assert_allclose(letterbox.to_image(np.array([7.0, 9.0])), [7, 9])


def test_a_line_across_a_seam_is_one_box():
    image = np.zeros((300, 1500, 3), np.uint8)
    image[100:130, 50:1450] = 255
    tiling = Tiling(300, 1500, 320, 640)
    joined, _ = tiled_map(image, tiling, lambda tile: (tile[:, :, 0] / 255).astype(np.float32))
    (box,) = find_boxes(joined, BoxSettings())
    assert side_lengths(box.quad)[0] > 1400
