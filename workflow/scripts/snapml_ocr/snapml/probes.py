"""Real pictures as inputs to compare two models on."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from snapml_ocr.errors import UserError
from snapml_ocr.onnx_files.model_file import graph_inputs
from snapml_ocr.runtime.feeds import Feeds
from snapml_ocr.snapml.constraints import static
from snapml_ocr.snapml.layer_view import shape_of_info

ReadImage = Callable[[Path, int, int], NDArray[np.float32]]
"""Makes a (1, 3, height, width) float32 tensor of an image file."""


def probe_feeds(model: onnx.ModelProto, images: Sequence[Path], read_image: ReadImage) -> list[Feeds]:
    """Return one feed for each of `images`, made by `read_image`.

    Raises `UserError` when the model does not take exactly one `(1, 3, H, W)` tensor.
    """
    if not images:
        return []
    inputs = graph_inputs(model.graph)
    shape = static(shape_of_info(inputs[0])) if len(inputs) == 1 else None
    if shape is None or len(shape) != 4 or shape[:2] != (1, 3):
        raise UserError("--probe_images: the model does not take one picture of fixed size (1, 3, H, W)")
    return [{inputs[0].name: read_image(image, shape[2], shape[3])} for image in images]
