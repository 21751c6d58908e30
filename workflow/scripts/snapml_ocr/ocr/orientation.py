"""Turn lines that are upside down, with the 180-degree classifier of PP-OCR."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from snapml_ocr.errors import UserError
from snapml_ocr.ocr.fixed_shape import open_at_shapes
from snapml_ocr.ocr.images import Pixels
from snapml_ocr.ocr.line_input import input_length, scale_line
from snapml_ocr.ocr.normalisation import RECOGNITION, Normalisation
from snapml_ocr.ocr.steps import TURNS, step

DEFAULT_SHAPE = (48, 192)
"""The published classifier's training shape."""

TURN_ABOVE = 0.9
"""Probability of "upside down" from which a line is turned, PP-OCR's own `cls_thresh`: turning a right
one is worse than leaving a wrong one."""


class OrientationClassifier:
    """Tells upright lines from those that are upside down."""

    def __init__(
        self,
        model: Path,
        *,
        shapes: Sequence[tuple[int, int]] = (),
        normalisation: Normalisation = RECOGNITION,
        threads: int = 2,
    ) -> None:
        self._input = open_at_shapes([model], shapes[:1], threads=threads, default=DEFAULT_SHAPE)[0]
        self._normalisation = normalisation

    @step(TURNS)
    def is_upside_down(self, crop: Pixels) -> bool:
        """Tell for a (H, W, 3) uint8 BGR line crop whether it has to be turned by 180 degrees."""
        one = self._input
        length = min(one.width, input_length(crop, one.height))
        tensor = np.zeros((1, 3, one.height, one.width), np.float32)
        scaled = scale_line(crop, one.height, length, averaging=False)
        tensor[:, :, :, :length] = self._normalisation.tensor(scaled)
        output = one.run(tensor)
        if output.shape != (1, 2):
            raise UserError(
                f"{one.path}: output of shape {output.shape}, expected (1, 2); "
                f"is it an orientation classifier?"
            )
        return float(output[0, 1]) > TURN_ABOVE
