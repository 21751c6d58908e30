"""Lines as features of frozen layers."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from training_runs import sample_lines

from snapml_ocr.ocr.normalisation import RECOGNITION
from snapml_ocr.training.labelled_lines import Line
from snapml_ocr.training.line_tensors import FeatureMaker

MODEL = """<ir_version: 8, opset_import: ["" : 11]>
net (float[n, 3, 32, w] x) => (float[n, 4, 1, v] y) {
  f = Conv<kernel_shape: ints = [32, 7], strides: ints = [32, 4], pads: ints = [0, 3, 0, 3]>(x, k)
  y = Sigmoid(f) }"""


@pytest.mark.parametrize("views", [1, 3])
def test_features_of_short_lines_at_a_smaller_width_are_those_at_the_whole(
    tmp_path: Path, views: int
) -> None:
    model = onnx.parser.parse_model(MODEL)
    kernel = np.random.default_rng(0).normal(0, 0.1, (4, 3, 32, 7)).astype(np.float32)
    model.graph.initializer.append(numpy_helper.from_array(kernel, "k"))
    lines = [Line(crop, text, image) for image, crop, text in sample_lines(40)]
    maker = FeatureMaker(model, "y", (32, 320), RECOGNITION)
    whole = maker.views(lines, views, 0, tmp_path, "whole")
    narrow = maker.views(lines, views, 0, tmp_path, "narrow", is_exact=False)
    assert narrow.shape == whole.shape == (views, 40, 4, 1, 80)
    np.testing.assert_allclose(narrow, whole, atol=2e-3)  # float16
