"""Random changes of line crops that a camera could have made, and a sheet that shows them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.random import Generator

from snapml_ocr.ocr.images import Pixels
from snapml_ocr.ocr.line_input import scale_line
from snapml_ocr.training.labelled_lines import Line

SHEET_HEIGHT, SHEET_WIDTH = 40, 280
SHEET_ROWS, SHEET_COLUMNS = 12, 5


def augmented(crop: Pixels, rng: Generator) -> Pixels:
    """Return a changed copy of a (H, W, 3) uint8 crop: each change is made with a probability of its own."""
    if rng.random() < 0.6:
        crop = _perspective(crop, rng)
    if rng.random() < 0.4:  # narrower or wider letters
        width = max(4, round(crop.shape[1] * rng.uniform(0.85, 1.2)))
        crop = cv2.resize(crop, (width, crop.shape[0]), interpolation=cv2.INTER_LINEAR).astype(np.uint8)
    if rng.random() < 0.25:  # taken from farther away
        small = rng.uniform(0.5, 0.9)
        size = max(4, round(crop.shape[1] * small)), max(8, round(crop.shape[0] * small))
        crop = cv2.resize(crop, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    if rng.random() < 0.25:
        crop = _blurred(crop, rng)
    if rng.random() < 0.5:
        values = crop.astype(np.float32)
        values = (values - 128) * rng.uniform(0.6, 1.3) + 128 + rng.uniform(-30, 30)
        crop = np.clip(values * rng.uniform(0.9, 1.1, 3), 0, 255).astype(np.uint8)
    if rng.random() < 0.25:
        noise = rng.normal(0, rng.uniform(2, 12), crop.shape)
        crop = np.clip(crop + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        quality = int(rng.integers(30, 90))
        _, encoded = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, quality])
        crop = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
    return crop


def every_second_augmented(lines: Iterable[Line], seed: int) -> Iterator[Line]:
    """Yield lines of which every second is changed at random; the same seed gives the same changes."""
    for number, line in enumerate(lines):
        half, is_second = divmod(number, 2)
        rng = np.random.default_rng([seed, 8, half])
        yield replace(line, crop=augmented(line.crop, rng)) if is_second else line


def contact_sheet(crops: Sequence[Pixels], rng: Generator) -> Pixels:
    """Return a picture with some crops, each as it is at the left and then changed at random."""
    chosen = [
        crops[index] for index in np.linspace(0, len(crops) - 1, min(SHEET_ROWS, len(crops))).astype(int)
    ]
    sheet = np.full((len(chosen) * (SHEET_HEIGHT + 6), SHEET_COLUMNS * (SHEET_WIDTH + 6), 3), 255, np.uint8)
    for row, crop in enumerate(chosen):
        for column in range(SHEET_COLUMNS):
            shown = augmented(crop, rng) if column else crop
            width = min(SHEET_WIDTH, max(1, round(shown.shape[1] * SHEET_HEIGHT / shown.shape[0])))
            top, left = row * (SHEET_HEIGHT + 6), column * (SHEET_WIDTH + 6)
            sheet[top : top + SHEET_HEIGHT, left : left + width] = scale_line(shown, SHEET_HEIGHT, width)
    return sheet


def _perspective(crop: Pixels, rng: Generator) -> Pixels:
    """Move the corners by up to 8 percent of the height, and more along the line."""
    height, width = crop.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    reach = np.array([min(0.25 * height, 0.1 * width), 0.08 * height], np.float32)
    moved = corners + rng.uniform(-1, 1, (4, 2)).astype(np.float32) * reach
    matrix = cv2.getPerspectiveTransform(moved, corners)
    return cv2.warpPerspective(crop, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE).astype(
        np.uint8
    )


def _blurred(crop: Pixels, rng: Generator) -> Pixels:
    sigma = float(rng.uniform(0.02, 0.05) * crop.shape[0])
    if rng.random() < 0.5:
        return cv2.GaussianBlur(crop, (0, 0), sigma).astype(np.uint8)
    length = 2 * max(1, round(1.5 * sigma)) + 1  # the camera moved along the line
    return cv2.blur(crop, (length, 1)).astype(np.uint8)
