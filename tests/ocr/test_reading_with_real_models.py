"""Reading with the models that come from a package index, on the project's own sample images."""

from pathlib import Path

import numpy as np
import pytest

from snapml_ocr.evaluate.dataset import open_dataset
from snapml_ocr.evaluate.end_to_end import score_image
from snapml_ocr.ocr.crops import along_the_line, crop_quad
from snapml_ocr.ocr.images import read_image
from snapml_ocr.ocr.orientation import OrientationClassifier
from snapml_ocr.ocr.reader import Reader

IMAGES = open_dataset(Path(__file__).parents[2] / "images")


@pytest.fixture(scope="module")
def models(real_simplified, real_dictionary):
    recognizer = "ch_PP-OCRv4_rec_infer"
    return {
        "detectors": [real_simplified("ch_PP-OCRv4_det_infer", 640, 640)],
        "recognizers": [real_simplified(recognizer, 48, width) for width in (320, 832)],
        "dictionary": real_dictionary(recognizer),
    }


@pytest.fixture(scope="module")
def classifier(real_simplified):
    return real_simplified("ch_ppocr_mobile_v2_cls_infer", 48, 192)


def test_nearly_every_line_of_a_sample_image_is_found_and_read(models):
    image = next(image for image in IMAGES.images if image.name == "test1.png")
    with Reader(**models) as reader:
        page = reader.read(IMAGES.path_of(image.name))
    score = score_image(
        image.words, [line.quad.tolist() for line in page.lines], [line.text for line in page.lines]
    )
    assert score.correct["alphanumeric"] >= 0.9 * len(score.matching.truths)


def test_a_picture_that_is_upside_down_is_read_with_the_classifier(models, classifier):
    pixels = read_image(IMAGES.path_of("test1.png"))
    turned = np.ascontiguousarray(pixels[::-1, ::-1])
    with Reader(**models) as upright, Reader(**models, classifier=classifier) as turning:
        expected = {line.text for line in upright.read(pixels).lines}
        found = {line.text for line in turning.read(turned).lines}
        unturned = {line.text for line in upright.read(turned).lines}
    assert len(expected & found) >= 0.7 * len(expected)
    assert len(expected & found) > len(expected & unturned)


def test_the_classifier_turns_what_is_upside_down_and_leaves_the_rest(classifier):
    turner = OrientationClassifier(classifier)
    crops = [
        crop_quad(read_image(IMAGES.path_of(image.name)), along_the_line(np.asarray(image.words[0].outline)))
        for image in IMAGES.images
    ]
    wrongly_turned = [turner.is_upside_down(crop) for crop in crops]
    found = [turner.is_upside_down(np.ascontiguousarray(crop[::-1, ::-1])) for crop in crops]
    assert np.mean(wrongly_turned) <= 0.05
    assert np.mean(found) >= 0.85
