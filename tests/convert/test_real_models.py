"""The five real models go through export and simplification."""

import onnx
import pytest

from real_models import REAL_SHAPES
from snapml_ocr.convert.static_shapes import dynamic_tensors


@pytest.mark.parametrize(("name", "height", "width"), REAL_SHAPES)
def test_every_tensor_of_a_simplified_real_model_has_a_fixed_shape(real_simplified, name, height, width):
    model = onnx.load(real_simplified(name, height, width))
    onnx.checker.check_model(model, full_check=True)
    assert dynamic_tensors(model) == []
    assert [dim.dim_value for dim in model.graph.input[0].type.tensor_type.shape.dim] == [1, 3, height, width]
    assert model.opset_import[0].version == 11
