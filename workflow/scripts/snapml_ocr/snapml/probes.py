"""Real pictures as inputs to compare two models on."""

from collections.abc import Sequence
from pathlib import Path

import onnx

from snapml_ocr.errors import UserError
from snapml_ocr.ocr.probe import probe_tensor
from snapml_ocr.onnx_files.model_file import graph_inputs
from snapml_ocr.runtime.compare import Feeds
from snapml_ocr.snapml.constraints import static
from snapml_ocr.snapml.layer_view import shape_of_info


def probe_feeds(model: onnx.ModelProto, images: Sequence[Path]) -> list[Feeds]:
    """Return one feed for each of `images`.

    Raises `UserError` when the model does not take exactly one `(1, 3, H, W)` tensor.
    """
    if not images:
        return []
    inputs = graph_inputs(model.graph)
    shape = static(shape_of_info(inputs[0])) if len(inputs) == 1 else None
    if shape is None or len(shape) != 4 or shape[:2] != (1, 3):
        raise UserError("--probe_images: the model does not take one picture of fixed size (1, 3, H, W)")
    return [{inputs[0].name: probe_tensor(image, shape[2], shape[3])} for image in images]
