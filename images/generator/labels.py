"""The ground truth file: one record per picture, one line per text."""

import json
from collections.abc import Sequence
from typing import Any

from generator.canvas import Word

LEGIBLE_HEIGHT = 6.0
"""Pixels of ink below which a line counts as don't-care: no reader, human or not, is asked for it."""

EXPECTED = {
    "licence_plate": "good",
    "billboard": "good",
    "book_cover": "good",
    "slanted": "bad",
    "stylised": "bad",
    "missing_spaces": "bad",
    "dense_small_text": "bad",
}
"""Category to how PP-OCR models are known to read it."""


def record(image: str, category: str, words: Sequence[Word]) -> dict[str, Any]:
    """The labels of one picture; quads in its pixels, clockwise from the text's top left, to 1/100 pixel."""
    return {
        "image": image,
        "category": category,
        "expected": EXPECTED[category],
        "words": [
            {
                "quad": [[round(float(x), 2), round(float(y), 2)] for x, y in word.quad],
                "text": word.text,
                "ignore": word.ignore or _height(word) < LEGIBLE_HEIGHT,
            }
            for word in words
        ],
    }


def _height(word: Word) -> float:
    left = word.quad[3] - word.quad[0]
    right = word.quad[2] - word.quad[1]
    return float(min((left @ left) ** 0.5, (right @ right) ** 0.5))


def to_json(records: Sequence[dict[str, Any]]) -> str:
    """JSON with one text line per line, which keeps the file short and its differences readable."""
    pictures = []
    for entry in records:
        head = ", ".join(f'"{key}": {json.dumps(entry[key])}' for key in ("image", "category", "expected"))
        words = ",\n".join("   " + json.dumps(word) for word in entry["words"])
        pictures.append(f' {{{head},\n  "words": [\n{words}\n  ]}}')
    return "[\n" + ",\n".join(pictures) + "\n]\n"
