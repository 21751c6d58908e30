"""RapidOCR, a runtime by others, opens this project's recognizers by path and reads the same texts.

Both read the same lines of the sample images, cut out and brought to the model's height beforehand, at most
320 pixels wide. There the two prepare their input alike, as neither resizes a crop of that height and both
pad it to 320 pixels with zeros, so the tensors are equal but for the last bits of the normalisation.
"""

import json
import subprocess

import cv2
import numpy as np
import pytest

from real_models import PROJECT, skip_or_fail
from snapml_ocr.convert.environment import command_in
from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.dataset import open_dataset
from snapml_ocr.ocr.crops import along_the_line, crop_quad
from snapml_ocr.ocr.images import read_image
from snapml_ocr.ocr.reader import Reader, ReaderSettings
from snapml_ocr.ocr.recognizer import RecognizerSettings

WIDTH = 320
CROPS = 40
"""Of some 200 lines that are narrow enough, evenly spread."""

SCORE_TOLERANCE = 1e-3


@pytest.fixture(scope="module")
def rapidocr():
    """The command that runs Python with RapidOCR."""
    try:
        return command_in(PROJECT / "envs" / "rapidocr.lock")
    except UserError as error:
        skip_or_fail(str(error))


def write_crops(folder, height):
    """Write lines of the sample images that are no wider than the input; return their paths."""
    lines = []
    dataset = open_dataset(PROJECT / "images")
    for image in dataset.images:
        pixels = read_image(dataset.path_of(image.name))
        for number, word in enumerate(image.words):
            quad = np.array(word.outline, np.float64)
            if len(quad) != 4:
                continue
            crop = crop_quad(pixels, along_the_line(quad))
            width = round(crop.shape[1] * height / crop.shape[0])
            if height <= width <= WIDTH:
                lines.append((f"{image.name}-{number:03}.png", crop, width))
    for name, crop, width in lines[:: max(1, len(lines) // CROPS)]:
        resized = cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(folder / name), resized)
    return sorted(folder.iterdir())


@pytest.mark.parametrize(
    ("name", "height", "stage"),
    [
        ("ch_PP-OCRv4_rec_infer-en", 48, "onnx"),
        ("ch_PP-OCRv4_rec_infer-en", 48, "snapml"),  # of one fixed shape
        ("ch_PP-OCRv4_rec_infer", 48, "onnx"),
        ("en_number_mobile_v2.0_rec_infer", 32, "onnx"),
    ],
)
def test_rapidocr_reads_the_same_texts_with_nothing_but_the_models_path(  # noqa: PLR0917
    real_onnx, real_snapml, rapidocr, tmp_path, name, height, stage
):
    model = real_onnx(name) if stage == "onnx" else real_snapml(name, height, WIDTH)
    crops = write_crops(tmp_path, height)
    assert len(crops) >= CROPS
    command = [*rapidocr, PROJECT / "tests" / "rapidocr_texts.py", model, str(height), tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    theirs = json.loads(done.stdout)
    settings = ReaderSettings(recognizer=RecognizerSettings(retry_below=0, space_recovery=False))
    with Reader([], [model], rec_shapes=[(height, WIDTH)], settings=settings) as reader:
        ours = {page.image: page.lines[0] for page in reader.read_many(crops)}
    assert {crop: text for crop, (text, _) in theirs.items()} == {
        crop: line.text for crop, line in ours.items()
    }
    for crop, (_, score) in theirs.items():
        assert score == pytest.approx(ours[crop].score, abs=SCORE_TOLERANCE), crop
