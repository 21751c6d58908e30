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


@pytest.mark.parametrize("asks", ["recognizer", "classifier"])
def test_a_picture_that_is_upside_down_is_read(models, classifier, asks):
    pixels = read_image(IMAGES.path_of("test1.png"))
    with Reader(**models, classifier=classifier if asks == "classifier" else None) as reader:
        expected = [line.text for line in reader.read(pixels).lines]
        found = [line.text for line in reader.read(np.ascontiguousarray(pixels[::-1, ::-1])).lines]
    assert len(set(expected) & set(found)) >= 0.8 * len(expected)
    assert [text for text in found if text in expected] == [text for text in expected if text in found]


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
