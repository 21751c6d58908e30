import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapml_ocr.errors import UserError
from snapml_ocr.ocr.normalisation import Normalisation

numbers = st.floats(0.1, 0.9)


@given(
    mean=st.tuples(numbers, numbers, numbers),
    std=st.tuples(numbers, numbers, numbers),
    order=st.sampled_from(["bgr", "rgb"]),
)
def test_a_tensor_holds_the_formula_for_every_pixel(mean, std, order):
    pixels = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)
    tensor = Normalisation(mean, std, order).tensor(pixels)
    source = pixels if order == "bgr" else pixels[:, :, ::-1]
    expected = (source / 255 - np.array(mean)) / np.array(std)
    assert tensor.dtype == np.float32
    np.testing.assert_allclose(tensor[0].transpose(1, 2, 0), expected, atol=1e-5)


def test_json_gives_the_same_as_the_numbers():
    text = '{"mean": [0.1, 0.2, 0.3], "std": [1, 2, 3], "channel_order": "rgb"}'
    assert Normalisation.from_json(text) == Normalisation((0.1, 0.2, 0.3), (1.0, 2.0, 3.0), "rgb")


@pytest.mark.parametrize(
    "text",
    [
        "", "0.5", "[]", "{}", '{"mean": [1, 2], "std": [1, 1, 1]}', '{"mean": 1, "std": 2}',
        '{"mean": [0, 0, 0], "std": [1, 1, 0]}',
        '{"mean": [0, 0, 0], "std": [1, 1, 1], "channel_order": "grb"}',
    ],
)  # fmt: skip
def test_anything_else_is_an_error_that_shows_what_is_expected(text):
    with pytest.raises(UserError, match="normalisation"):
        Normalisation.from_json(text)
