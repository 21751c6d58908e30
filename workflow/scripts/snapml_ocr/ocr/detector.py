"""Find the text boxes of an image with fixed-shape detectors."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.errors import UserError
from snapml_ocr.ocr.crops import crop_quad
from snapml_ocr.ocr.fixed_shape import FixedShapeModel, open_at_shapes
from snapml_ocr.ocr.images import Pixels
from snapml_ocr.ocr.letterbox import Letterbox
from snapml_ocr.ocr.normalisation import DETECTION, Normalisation
from snapml_ocr.ocr.probability_map import Box, BoxSettings, Quad, find_boxes
from snapml_ocr.ocr.reading_order import likely_direction
from snapml_ocr.ocr.steps import BOXES, step
from snapml_ocr.ocr.tiles import plan_tiles, tiled_map

DEFAULT_SHAPE = (640, 640)
"""The tutorial's detector input, for a dynamic model without any shape given."""

EQUAL_SCALE = 0.98
"""Shapes whose scales differ by less are as good as each other; the one with fewer pixels is taken."""

NARROWEST_SHARE = 0.25
"""An image whose shorter side would be shrunk below this share of the input is cut into tiles of the input's
width, whatever `tile_below` says: text on pages over four times as long as wide would vanish."""


STEEP = 10.0
"""Degrees by which lines may rise or fall before they are looked for again; docs/ocr.md says what is read at
each angle."""

ROOM = 0.5
"""Part of the longer side of the text's extent added around it when it is looked at again: little room shows
small text large, but breaks large text apart (docs/ocr.md)."""


@dataclass(frozen=True)
class DetectorSettings:
    """What is done before and after the detector."""

    boxes: BoxSettings = field(default_factory=BoxSettings)
    normalisation: Normalisation = DETECTION
    tile_below: float = 0.0
    """Images that would be shrunk below this scale are cut into tiles; 0 cuts only very long ones."""


class Detector:
    """Detectors of several input shapes; every image goes to the one that fits it best."""

    def __init__(
        self,
        models: Sequence[Path],
        *,
        shapes: Sequence[tuple[int, int]] = (),
        settings: DetectorSettings | None = None,
        threads: int = 2,
    ) -> None:
        self._inputs = open_at_shapes(models, shapes, threads=threads, default=DEFAULT_SHAPE)
        self._settings = settings or DetectorSettings()

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """(height, width) of the inputs, smallest area first."""
        return [(one.height, one.width) for one in self._inputs]

    @step(BOXES)
    def find(self, image: Pixels) -> list[Box]:
        """Return the text boxes of a (H, W, 3) uint8 BGR image, in its pixels and clipped to it.

        Detectors break steep lines apart. So where the boxes found show that most lines are steep, they are
        looked for again with that part of the image turned until its lines lie.
        """
        height, width = image.shape[:2]
        boxes, scale = self._find(image, self._settings.tile_below)
        degrees = likely_direction([box.quad for box in boxes])
        if abs(degrees) > STEEP:
            view = around([box.quad for box in boxes], degrees, height, width)
            again, _ = self._find(crop_quad(image, view), max(self._settings.tile_below, min(1.0, scale)))
            right, down = (side / np.linalg.norm(side) for side in (view[1] - view[0], view[3] - view[0]))
            turned = [Box(view[0] + box.quad @ np.stack([right, down]), box.score) for box in again]
            boxes = turned or boxes
        return [Box(np.clip(box.quad, 0.0, [width, height]), box.score) for box in boxes]

    def _find(self, image: Pixels, tile_below: float) -> tuple[list[Box], float]:
        """Return the boxes of an image and the scale at which it was seen."""
        height, width = image.shape[:2]
        model = self._inputs[best_shape(self.shapes, height, width)]
        letterbox = Letterbox(width, height, model.width, model.height)
        scale = _tile_scale(letterbox, tile_below)
        if scale is not None:
            index, tiling = plan_tiles(height, width, self.shapes, scale)
            probabilities, letterbox = tiled_map(image, tiling, partial(self._map, self._inputs[index]))
        else:
            probabilities = self._map(model, letterbox.apply(image))
        found = find_boxes(probabilities, self._settings.boxes)
        return [Box(letterbox.to_image(box.quad), box.score) for box in found], letterbox.scale

    def _map(self, model: FixedShapeModel, pixels: Pixels) -> NDArray[np.float32]:
        output = model.run(self._settings.normalisation.tensor(pixels))
        if output.shape != (1, 1, *pixels.shape[:2]):
            raise UserError(
                f"{model.path}: output of shape {output.shape}, expected a probability map "
                f"(1, 1, {pixels.shape[0]}, {pixels.shape[1]}); is it a text detector?"
            )
        probabilities: NDArray[np.float32] = output[0, 0]
        return probabilities


def _tile_scale(letterbox: Letterbox, tile_below: float) -> float | None:
    """Scale at which an image is cut into tiles; None when it is shown whole."""
    if letterbox.scale < tile_below:
        return tile_below
    longest = max(letterbox.input_width, letterbox.input_height)
    if letterbox.scale < 1 and NARROWEST_SHARE * longest > min(letterbox.resized):
        return min(1.0, longest / min(letterbox.width, letterbox.height))
    return None


def around(quads: Sequence[Quad], degrees: float, height: int, width: int) -> Quad:
    """Return the rectangle around (4, 2) quads, with ROOM, whose first side points in this direction.

    It reaches no farther than the image of `height` x `width` pixels does.
    """
    along = np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))])
    axes = np.stack([along, [-along[1], along[0]]])
    points = np.concatenate(quads) @ axes.T
    image = np.array([[0, 0], [width, 0], [width, height], [0, height]]) @ axes.T
    room = ROOM * float(np.ptp(points, axis=0).max())
    left, top = np.maximum(points.min(axis=0) - room, image.min(axis=0))
    right, bottom = np.minimum(points.max(axis=0) + room, image.max(axis=0))
    view: Quad = np.array([[left, top], [right, top], [right, bottom], [left, bottom]]) @ axes
    return view


def best_shape(shapes: Sequence[tuple[int, int]], height: int, width: int) -> int:
    """Return the index of the (height, width) shape for an image.

    The shape that shows the image largest wins, since small text is what detectors miss; enlarging beyond the
    image's own size shows nothing new and does not count. Among shapes that show it alike the smallest wins.
    """
    scales = [min(1.0, Letterbox(width, height, shape[1], shape[0]).scale) for shape in shapes]
    enough = EQUAL_SCALE * max(scales)
    good = [index for index, scale in enumerate(scales) if scale >= enough]
    return min(good, key=lambda index: (shapes[index][0] * shapes[index][1], index))
