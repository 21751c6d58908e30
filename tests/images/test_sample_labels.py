import json
from collections import Counter

import cv2
import numpy as np
import pytest

EXPECTED = {
    "licence_plate": "good",
    "billboard": "good",
    "book_cover": "good",
    "slanted": "bad",
    "rotated": "bad",
    "stylised": "bad",
    "missing_spaces": "bad",
    "dense_small_text": "bad",
}


@pytest.fixture(scope="module")
def labels(images_folder):
    return json.loads((images_folder / "labels.json").read_text(encoding="utf-8"))


def test_at_least_thirty_pictures_in_every_category_with_at_least_five(labels):
    counts = Counter(entry["category"] for entry in labels)
    assert counts.keys() == EXPECTED.keys()
    assert sum(counts.values()) >= 36
    assert min(counts.values()) >= 5
    assert all(entry["expected"] == EXPECTED[entry["category"]] for entry in labels)


def test_pictures_and_labels_name_each_other(labels, images_folder):
    files = {path.name for ending in ("*.jpg", "*.png") for path in images_folder.glob(ending)}
    names = [entry["image"] for entry in labels]
    assert len(names) == len(set(names))
    assert set(names) == files
    assert {"test1.png", "test2.png"} <= files


def test_pictures_are_small_files(labels, images_folder):
    sizes = [(images_folder / entry["image"]).stat().st_size for entry in labels]
    assert max(sizes) < 250_000
    assert sum(sizes) < 5_000_000


def test_every_quad_lies_inside_its_picture_and_runs_clockwise(labels, images_folder):
    for entry in labels:
        picture = cv2.imread(str(images_folder / entry["image"]))
        height, width = picture.shape[:2]
        assert entry["words"]
        for word in entry["words"]:
            quad = np.array(word["quad"])
            assert quad.shape == (4, 2)
            assert (quad >= 0).all(), (entry["image"], word)
            assert (quad <= (width, height)).all(), (entry["image"], word)
            sides = np.roll(quad, -1, axis=0) - quad
            turns = (
                sides[:, 0] * np.roll(sides, -1, axis=0)[:, 1]
                - sides[:, 1] * np.roll(sides, -1, axis=0)[:, 0]
            )
            assert (turns > 0).all(), (entry["image"], word)  # y points down: clockwise turns are positive


def test_texts_are_printable_ascii_without_double_or_outer_blanks(labels):
    for entry in labels:
        for word in entry["words"]:
            assert word["text"] == " ".join(word["text"].split(" ")).strip() != ""
            assert "  " not in word["text"]
            assert word["text"].isascii()
            assert word["text"].isprintable()
            assert isinstance(word["ignore"], bool)


def test_every_labelled_text_stands_out_from_its_ground(labels, images_folder):
    for entry in labels:
        grey = cv2.imread(str(images_folder / entry["image"]), cv2.IMREAD_GRAYSCALE)
        for word in entry["words"]:
            corners = np.array(word["quad"], np.float32)
            flat = np.array([[0, 0], [200, 0], [200, 40], [0, 40]], np.float32)
            patch = cv2.warpPerspective(grey, cv2.getPerspectiveTransform(corners, flat), (200, 40))
            dark, bright = np.percentile(patch, [3, 97])
            assert bright - dark > 15, (entry["image"], word["text"])
