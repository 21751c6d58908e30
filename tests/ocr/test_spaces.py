"""Spaces recovered from what a recognizer computed and from the picture."""

import importlib.util
import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coded_recognizer import colours, line_of, save_coded_recognizer
from snapml_ocr.evaluate.dataset import open_dataset
from snapml_ocr.ocr.crops import along_the_line, crop_quad
from snapml_ocr.ocr.ctc import Decoded
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.dictionary_metadata import as_metadata
from snapml_ocr.ocr.images import read_image
from snapml_ocr.ocr.reader import Reader, ReaderSettings
from snapml_ocr.ocr.recognizer import RecognizerSettings
from snapml_ocr.ocr.spaces import insert_spaces
from snapml_ocr.plan.space_rule import SpaceRule

PROJECT = Path(__file__).parents[2]
STEP, HEIGHT = 8, 48
RULE = SpaceRule()


def line(text, gaps, doubts):
    """A line with its letters at the steps that `gaps` leave, ink in each, and doubts of a space between."""
    starts = np.cumsum([1, *gaps])[: len(text)]
    grey = np.full((HEIGHT, STEP * (int(starts[-1]) + 2)), 255, np.uint8)
    space = np.full(int(starts[-1]) + 2, 1e-6, np.float32)
    for start in starts:
        grey[10:40, start * STEP : start * STEP + STEP] = 0
    for start, doubt in zip(starts, doubts, strict=False):
        space[start] = doubt
    decoded = Decoded(text, (0.9,) * len(text), tuple(map(int, starts)), tuple(int(s) + 1 for s in starts))
    return decoded, space, grey, float(STEP)


def test_a_space_comes_back_where_its_class_is_likely_and_the_gap_is_wide():
    found = insert_spaces(*line("abcd", [1, 3, 1], [1e-4, 0.2, 1e-4]), RULE)
    assert found.text == "ab cd"
    assert RULE.likely <= found.confidences[2] <= 1
    assert (found.starts[1], found.starts[3]) == (2, 5)


@pytest.mark.parametrize(("doubt", "text"), [(0.1, "ab cd"), (1e-6, "abcd")])
def test_where_the_gap_leaves_doubt_the_recognizer_decides(doubt, text):
    assert insert_spaces(*line("abcd", [2, 3, 2], [1e-6, doubt, 1e-6]), RULE).text == text


def test_even_gaps_without_any_belief_bring_none():
    assert insert_spaces(*line("abcd", [3, 3, 3], [1e-5, 1e-5, 1e-5]), RULE).text == "abcd"


def test_written_spaces_stay_and_get_no_second_one():
    assert insert_spaces(*line("ab cd", [1, 1, 2, 1], [0.9, 0.9, 0.9, 1e-5]), RULE).text.count("  ") == 0


def test_chinese_gets_no_spaces():
    assert insert_spaces(*line("汉字汉字", [1, 3, 1], [1e-4, 0.3, 1e-4]), RULE).text == "汉字汉字"


LETTERS = ("א", "ב", "ג", "1", "2")
DOUBTFUL = 30.0
"""Certainty at which a colour half way between the blank's and the space's leaves doubt."""


def half_seen_space(tmp_path, left, right, *, space=True, right_to_left=False, width=320):
    """What is read of two words with a colour between them that is a little nearer to the blank's."""
    dictionary = Dictionary(LETTERS, space, right_to_left)
    classes = len(dictionary.characters)
    model = save_coded_recognizer(
        tmp_path / "rec.onnx", classes, width, as_metadata(dictionary), certainty=DOUBTFUL
    )
    blank, seen = colours(7)[[0, 6]].astype(float)
    doubt = np.broadcast_to(blank + 0.49 * (seen - blank), (32, 8, 3)).round().astype(np.uint8)
    crop = np.hstack([line_of(left, 7), doubt, line_of(right, 7)])
    with Reader([], [model]) as reader:
        return reader.read(crop).lines[0].text


def test_spaces_of_right_to_left_lines_stand_between_the_same_words(tmp_path):
    assert half_seen_space(tmp_path, [4, 5], [2, 1]) == "12 בא"
    assert half_seen_space(tmp_path, [4, 5], [2, 1], right_to_left=True) == "אב 12"


def test_a_recognizer_without_a_space_is_left_alone(tmp_path):
    assert half_seen_space(tmp_path, [4, 5], [2, 1], space=False) == "12בא"


def test_a_space_comes_back_in_a_part_of_a_line_too_long_for_the_input(tmp_path):
    assert half_seen_space(tmp_path, [4], [5, 4, 5, 4, 5, 4], width=96) == "1 212121"


@given(st.data())
def test_nothing_but_spaces_is_added_and_lengths_agree(data):
    text = data.draw(st.text("ab 汉.", max_size=9))
    gaps = data.draw(st.lists(st.integers(0, 5), min_size=len(text), max_size=len(text)))
    doubts = data.draw(st.lists(st.floats(0, 1, width=32), min_size=len(text), max_size=len(text)))
    decoded, space, grey, step = line(text or "a", gaps, doubts)
    found = insert_spaces(decoded, space, grey, step, RULE)
    assert found.text.replace(" ", "") == decoded.text.replace(" ", "")
    assert len(found.text) == len(found.confidences) == len(found.starts) == len(found.ends)
    assert found.text.strip() == found.text or decoded.text.strip() != decoded.text
    assert "  " not in found.text or "  " in decoded.text


@pytest.fixture(scope="module")
def real(real_simplified, real_dictionary):
    """Share of lines of the sample images that are read right, spaces included, by recognizer and switch."""
    dataset = open_dataset(PROJECT / "images")
    crops = [
        (
            word.text,
            crop_quad(read_image(dataset.path_of(image.name)), along_the_line(np.array(word.outline))),
        )
        for image in dataset.images[::6]
        for word in image.words
        if not word.ignore
    ]

    def share(name, height, *, recovery):
        settings = ReaderSettings(recognizer=RecognizerSettings(space_recovery=recovery))
        models = [real_simplified(name, height, width) for width in (320, 832)]
        with Reader([], models, real_dictionary(name), settings=settings) as reader:
            lines = [reader.read(crop).lines[0] for _, crop in crops]
        assert all(len(line.text) == len(line.confidences) for line in lines)
        return float(np.mean([line.text == text for line, (text, _) in zip(lines, crops, strict=True)]))

    return share


@pytest.mark.parametrize(
    ("name", "height", "at_least"),
    [("ch_PP-OCRv4_rec_infer", 48, 0.1), ("en_number_mobile_v2.0_rec_infer", 32, 0.1)],
)
def test_many_more_lines_of_the_sample_images_are_read_right(real, name, height, at_least):
    assert real(name, height, recovery=True) >= real(name, height, recovery=False) + at_least


@pytest.fixture(scope="module")
def fit():
    """The program that fitted the weights."""
    path = PROJECT / "benchmarks" / "fit_spaces.py"
    specification = importlib.util.spec_from_file_location("fit_spaces", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def evaluated_texts():
    """Texts of the sample images, and of the evaluation data where they are."""
    folders = [PROJECT / "images"]
    if data := os.environ.get("SNAPML_OCR_DATA"):
        folders += [Path(data) / name for name in ("sroie-dev", "ic15-dev", "ic15-dev-words", "iiit5k-words")]
    for folder in folders:
        for labels in [*folder.glob("labels.json"), *folder.glob("rec_labels.json")]:
            for entry in json.loads(labels.read_text("utf-8")):
                yield from (word["text"] for word in entry.get("words", [entry]))


def test_the_weights_were_fitted_to_other_lines_and_fonts_than_are_evaluated(fit):
    """Single words and bare numbers are everybody's; a line of several words is not."""
    fitted = {text.casefold() for text in fit.fit_texts(1600, 11) + fit.fit_texts(1600, 12)}
    evaluated = {text.casefold() for text in evaluated_texts()}
    assert len(evaluated) > 300
    shared = {text for text in fitted & evaluated if len(text.split()) > 1}
    assert not shared
    fonts = (PROJECT / "envs" / "images.in").read_text("utf-8").split()
    assert not {package.partition("==")[0] for package in fit.FONTS} & set(fonts)
