"""However a picture is stored, it is read as the plain one is."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from extended import EXTENDED
from snapml_ocr.ocr.images import image_sizes, read_image

ROUND = settings(
    max_examples=2000 if EXTENDED else 120,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
UNDO: Any = {
    1: lambda a: a, 2: np.fliplr, 3: lambda a: np.rot90(a, 2), 4: np.flipud,
    5: lambda a: a.swapaxes(0, 1), 6: lambda a: np.rot90(a, 1),
    7: lambda a: np.rot90(a.swapaxes(0, 1), 2), 8: lambda a: np.rot90(a, 3),
}  # fmt: skip
"""How an upright picture is stored, by its EXIF orientation."""

FORMS = ["RGB", "L", "1", "P", "RGBA", "LA", "CMYK", "I;16", "I", "F", "RGB;16", "RGBA;16"]
SUFFIXES = {
    "RGB": "png tif bmp webp jpg ppm gif", "L": "png tif bmp jpg pgm gif", "1": "png tif bmp pbm",
    "P": "png tif gif bmp", "RGBA": "png tif webp", "LA": "png tif", "CMYK": "tif jpg",
    "I;16": "png tif", "I": "tif", "F": "tif", "RGB;16": "png tif", "RGBA;16": "png tif",
}  # fmt: skip


@st.composite
def pictures(draw: Any) -> np.ndarray:
    """Dark marks on a light ground or the reverse, grey, in two values: every form can hold them."""
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    marks = np.array(draw(st.lists(st.booleans(), min_size=height * width, max_size=height * width)))
    return np.where(marks.reshape(height, width), np.uint8(255), np.uint8(0))


def save(path: Path, grey: np.ndarray, form: str, bits: int, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, Any] = {"webp": {"lossless": True}, "jpg": {"quality": 100, "subsampling": 0}}.get(
        path.suffix[1:], {}
    )
    if path.suffix in (".png", ".jpg", ".tif", ".webp"):
        options["exif"] = exif
    deep = (grey // 255).astype(np.int64) * (2**bits - 1)
    if form.endswith(";16") and form != "I;16":
        channels = [deep] * 3 + ([np.full_like(deep, 65535)] if form == "RGBA;16" else [])
        assert cv2.imwrite(str(path), np.dstack(channels).astype(np.uint16))
        return
    types: dict[str, Any] = {"I;16": np.uint16, "I": np.int32, "F": np.float32}
    if form in types:
        picture = Image.fromarray(deep.astype(types[form]))
    else:
        picture = Image.fromarray(grey).convert(form)
    picture.save(path, **options)


@ROUND
@given(pictures(), st.sampled_from(FORMS), st.data())
def test_forms_of_a_picture(tmp_path: Path, grey: Any, form: str, data: Any) -> None:
    path = tmp_path / f"a.{data.draw(st.sampled_from(SUFFIXES[form].split()))}"
    bits, orientation = data.draw(st.sampled_from([8, 10, 12, 14, 16])), data.draw(st.integers(1, 8))
    turns = path.suffix in (".png", ".jpg", ".tif", ".webp") and ";16" not in form.removeprefix("I;16")
    orientation = orientation if turns else 1
    stored = np.ascontiguousarray(UNDO[orientation](grey))
    save(path, stored, form, bits, orientation)
    found = read_image(path)
    assert found.dtype == np.uint8
    assert found.shape == (*grey.shape, 3)
    assert image_sizes(path) == (grey.shape[::-1], stored.shape[::-1])
    blur = 90 if path.suffix == ".jpg" else 1
    assert np.abs(found.astype(int) - grey[:, :, None]).max() <= (blur if grey.any() or bits == 16 else 1)


@ROUND
@given(pictures(), st.sampled_from(["png", "tif", "webp"]), st.integers(0, 255))
def test_letters_on_a_transparent_ground(tmp_path: Path, grey: Any, suffix: str, brightness: int) -> None:
    letters = np.full((*grey.shape, 4), brightness, np.uint8)
    letters[:, :, 3] = grey
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(letters).save(path, **({"lossless": True, "exact": True} if suffix == "webp" else {}))
    found = read_image(path)[:, :, 0].astype(int)
    seen, ground = found[grey > 0], found[grey == 0]
    assert np.abs(seen - brightness).max(initial=0) <= 1
    assert np.abs(ground - brightness).min(initial=255) >= 63 or not grey.any()
