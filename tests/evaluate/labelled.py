"""Small labelled data for the tests of this folder."""

import json
from pathlib import Path

import numpy as np

from snapml_ocr.evaluate.labels import LabelledImage, Word
from snapml_ocr.files import write_bytes


def box(x, y, width=10.0, height=10.0):
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def word(x, y, text="word", *, ignore=False, width=10.0, height=10.0):
    return Word(box(x, y, width, height), text, ignore)


def image(name, *words, category=None):
    return LabelledImage(name, words, category)


def line(quad, text):
    return {"quad": [list(point) for point in quad], "text": text, "score": 0.9, "det_score": 0.9}


def write_predictions(path: Path, images):
    """`images`: name to a list of (quad, text), or to a string, the error."""
    entries = [
        {"image": name, "error": found}
        if isinstance(found, str)
        else {"image": name, "width": 100, "height": 100, "lines": [line(*one) for one in found]}
        for name, found in images.items()
    ]
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    return path


def write_labels(folder: Path, images, name="labels.json"):
    document = [
        {
            "image": one.name,
            "words": [{"quad": w.outline, "text": w.text, "ignore": w.ignore} for w in one.words],
            **({"category": one.category} if one.category else {}),
        }
        for one in images
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(document), encoding="utf-8")
    return folder


def write_picture(path: Path, width=64, height=48, seed=0):
    import cv2

    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    write_bytes(path, cv2.imencode(".png", pixels)[1].tobytes())
    return path
