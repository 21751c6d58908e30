import numpy as np
import pytest

from snapml_ocr.evaluate.input_scores import input_scores
from snapml_ocr.plan.axes import TASKS

BOX = [(10.0, 10.0), (50.0, 10.0), (50.0, 20.0), (10.0, 20.0)]
FAR = [(x, y + 100) for x, y in BOX]


def sample(*outlines, text="word", ignore=False):
    return {"words": [{"outline": outline, "text": text, "ignore": ignore} for outline in outlines]}


def test_boxes_texts_and_orientations_are_scored_by_their_labels():
    found = input_scores(
        "detection", [sample(BOX, FAR), sample(BOX, ignore=True)], [np.array([BOX, BOX]), np.array([BOX])]
    )
    assert found == {"detection_hmean": pytest.approx(0.5)}, "one of two lines, by one of two boxes"
    texts = input_scores("recognition", [sample(BOX), sample(BOX)], ["word", "Word"])
    assert (texts["strict"], texts["alphanumeric"]) == (0.5, 1.0)
    assert input_scores("classification", [sample(BOX)] * 4, [0, 1, 0, 0]) == {"orientation": 0.75}


def test_every_task_has_the_score_that_the_report_shows_of_it():
    said = {"detection": np.array([BOX]), "recognition": "word", "classification": 0}
    for task in TASKS.values():
        assert task.score[0] in input_scores(task.name, [sample(BOX)], [said[task.name]])
