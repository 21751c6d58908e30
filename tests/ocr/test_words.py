import numpy as np

from snapml_ocr.ocr.line_reader import _words
from snapml_ocr.ocr.page import Line
from snapml_ocr.ocr.reader import _as_line
from snapml_ocr.ocr.recognizer import Reading


def test_words_split_the_line_half_way_between_the_characters_around_the_space():
    quad = np.array([[0.0, 0], [100, 0], [100, 20], [0, 20]])
    reading = Reading("ab c", (0.9, 0.7, 0.5, 0.8), ((0.1, 0.2), (0.3, 0.4), (0.5, 0.6), (0.8, 0.9)))
    first, second = _words(quad, reading)
    assert (first.text, second.text) == ("ab", "c")
    np.testing.assert_allclose(first.quad, [[0, 0], [45, 0], [45, 20], [0, 20]])
    np.testing.assert_allclose(second.quad, [[70, 0], [100, 0], [100, 20], [70, 20]])
    assert (round(first.score, 6), round(second.score, 6)) == (0.8, 0.8)


def test_a_line_as_words_keeps_texts_and_scores():
    quad = np.array([[0.0, 0], [100, 0], [100, 20], [0, 20]])
    reading = Reading("ab c", (0.9, 0.7, 0.5, 0.8), ((0.1, 0.2), (0.3, 0.4), (0.5, 0.6), (0.8, 0.9)))
    line = Line(quad, 0.6, reading.text, reading.confidences, _words(quad, reading))
    lines = [_as_line(word, line) for word in line.words]
    assert [(one.text, round(one.score, 6), one.det_score) for one in lines] == [
        ("ab", 0.8, 0.6),
        ("c", 0.8, 0.6),
    ]
