"""Pages as JSON lines, the same bytes on every run and for any number of threads."""

import json
from typing import Any

from snapml_ocr.ocr.page import Line, Page
from snapml_ocr.ocr.probability_map import Quad

PIXEL_DECIMALS = 1
"""A tenth of a pixel is finer than any label."""

SCORE_DECIMALS = 4
"""Coarser than the last digits in which two runs of the same model on other hardware differ."""


def page_record(page: Page, *, words: bool = False, characters: bool = False) -> dict[str, Any]:
    """Return the record of a page; with `words` and `characters` also word boxes and character
    confidences.
    """
    if page.error is not None:
        return {"image": page.image, "error": page.error}
    lines = [line_record(line, words=words, characters=characters) for line in page.lines]
    return {"image": page.image, "width": page.width, "height": page.height, "lines": lines}


def line_record(line: Line, *, words: bool = False, characters: bool = False) -> dict[str, Any]:
    """Return the record of a line; a line that was not recognized has an empty text and the score 0."""
    record: dict[str, Any] = {
        "quad": _points(line.quad),
        "text": line.text,
        "score": _score(line.score),
        "det_score": _score(line.det_score),
    }
    if characters:
        record["character_scores"] = [_score(confidence) for confidence in line.confidences]
    if words:
        record["words"] = [
            {"quad": _points(word.quad), "text": word.text, "score": _score(word.score)}
            for word in line.words
        ]
    return record


def json_line(record: dict[str, Any]) -> str:
    """Return a record as one line of JSON with its line end."""
    return json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n"


def _points(quad: Quad) -> list[list[float]]:
    # Adding zero turns -0.0 into 0.0.
    return [[round(float(x), PIXEL_DECIMALS) + 0.0, round(float(y), PIXEL_DECIMALS) + 0.0] for x, y in quad]


def _score(score: float) -> float:
    return round(score, SCORE_DECIMALS)
