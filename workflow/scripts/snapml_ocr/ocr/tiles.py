"""Cut a large image into overlapping tiles for a fixed-shape detector and join their probability maps.

The maps are joined before boxes are looked for, so a line across a seam is one region and gives one box:
there are no doubles to merge.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from snapml_ocr.ocr.images import Pixels
from snapml_ocr.ocr.letterbox import Letterbox

OVERLAP = 96
"""Input pixels two neighbours share: three times the stride 32 of the coarsest features of a PP-OCR
detector, so that every pixel is away from the border in one of them."""

MAX_TILES = 64
"""Bounds time and memory for one image; larger ones are shrunk until this many tiles cover them."""


@dataclass(frozen=True)
class Tiling:
    """A grid of (tile_height, tile_width) tiles over an image resized to `height` x `width` pixels."""

    height: int
    width: int
    tile_height: int
    tile_width: int

    @property
    def tops(self) -> list[int]:
        """First row of each row of tiles."""
        return _starts(self.height, self.tile_height)

    @property
    def lefts(self) -> list[int]:
        """First column of each column of tiles."""
        return _starts(self.width, self.tile_width)

    @property
    def tiles(self) -> int:
        """How often the model is run."""
        return len(self.tops) * len(self.lefts)


def plan_tiles(
    height: int, width: int, shapes: Sequence[tuple[int, int]], scale: float
) -> tuple[int, Tiling]:
    """Return the index of the (height, width) shape and the tiling that show an image at `scale` with
    least work.

    The scale is lowered as far as `MAX_TILES` asks.
    """
    while True:
        plans = [
            (index, Tiling(max(1, round(height * scale)), max(1, round(width * scale)), *shape))
            for index, shape in enumerate(shapes)
        ]
        index, tiling = min(plans, key=lambda plan: plan[1].tiles * plan[1].tile_height * plan[1].tile_width)
        if tiling.tiles <= MAX_TILES:
            return index, tiling
        scale *= 0.9


def tiled_map(
    image: Pixels, tiling: Tiling, probabilities_of: Callable[[Pixels], NDArray[np.float32]]
) -> tuple[NDArray[np.float32], Letterbox]:
    """Return the (height, width) float32 map of the resized image and how it lies over the image.

    `probabilities_of` gives the (tile_height, tile_width) map of one tile. Where tiles overlap their maps are
    blended linearly, the nearer to a tile's inside the heavier.
    """
    letterbox = Letterbox(image.shape[1], image.shape[0], tiling.width, tiling.height)
    resized = cv2.resize(image, (tiling.width, tiling.height), interpolation=cv2.INTER_LINEAR)
    total = np.zeros((tiling.height, tiling.width), np.float32)
    weights = np.zeros_like(total)
    for top in tiling.tops:
        for left in tiling.lefts:
            piece = resized[top : top + tiling.tile_height, left : left + tiling.tile_width]
            rows, columns = piece.shape[:2]
            tile = np.zeros((tiling.tile_height, tiling.tile_width, 3), np.uint8)
            tile[:rows, :columns] = piece
            weight = ramp(rows, top, tiling.height)[:, None] * ramp(columns, left, tiling.width)[None, :]
            total[top : top + rows, left : left + columns] += weight * probabilities_of(tile)[:rows, :columns]
            weights[top : top + rows, left : left + columns] += weight
    return total / weights, letterbox


def _starts(length: int, tile: int) -> list[int]:
    """Return the starts of the fewest tiles that cover `length`, spread evenly."""
    if length <= tile:
        return [0]
    overlap = min(OVERLAP, tile // 2)
    count = ceil((length - overlap) / (tile - overlap))
    return [round(index * (length - tile) / (count - 1)) for index in range(count)]


def ramp(length: int, start: int, whole: int) -> NDArray[np.float32]:
    """Return weights that rise from the tile's borders inside the image over the overlap, 1 at the
    image's own.
    """
    position = np.arange(length, dtype=np.float32) + 1
    from_start = np.minimum(position / OVERLAP, 1) if start > 0 else np.ones(length, np.float32)
    from_end = (
        np.minimum(position[::-1] / OVERLAP, 1) if start + length < whole else np.ones(length, np.float32)
    )
    return np.minimum(from_start, from_end).astype(np.float32)
