"""Measure sets of input shapes on images: accuracy, time, and what does not fit."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.dataset import find_labels, open_to_measure
from snapml_ocr.evaluate.detection import hmean
from snapml_ocr.evaluate.end_to_end import score_image
from snapml_ocr.evaluate.labels import LabelledImage
from snapml_ocr.evaluate.recognition import score_crops
from snapml_ocr.ocr.images import Pixels, find_images, read_image
from snapml_ocr.ocr.page import Page
from snapml_ocr.ocr.reader import Reader
from snapml_ocr.ocr.shape_choice import Candidate
from snapml_ocr.plan.shape import Shape

Sample = tuple[Pixels, LabelledImage | None]


def load_samples(folder: Path, most: int) -> list[Sample]:
    """Return up to `most` images, spread evenly, with their labels where there are some."""
    labelled: list[tuple[Path, LabelledImage | None]]
    try:
        find_labels(folder)
    except UserError as error:
        print(f"no labels, so no accuracy: {error}", file=sys.stderr)
        labelled = [(path, None) for path in find_images(folder)]
    else:
        dataset = open_to_measure(folder)
        labelled = [(dataset.path_of(image.name), image) for image in dataset.images]
    step = max(1, -(-len(labelled) // most))
    return [(read_image(path), image) for path, image in labelled[::step]]


def needed_width(size: tuple[int, ...], height: int) -> int:
    """Width of a crop at the recognizer's height; a vertical crop is turned before."""
    short, long = sorted(size[:2])
    rows, columns = (short, long) if size[0] >= 1.5 * size[1] else (size[0], size[1])
    return -(-columns * height // rows)


def measured(
    open_reader: Callable[[Sequence[Shape]], Reader],
    shapes: tuple[Shape, ...],
    samples: Sequence[Sample],
    *,
    crops: bool,
    model_bytes: int,
) -> Candidate:
    """Read the samples with models of one set of shapes."""
    with open_reader(shapes) as reader:
        reader.read(samples[0][0])  # the first run sets up memory
        start = time.perf_counter()
        pages = [reader.read(pixels) for pixels, _ in samples]
        milliseconds = 1000 * (time.perf_counter() - start) / len(samples)
    return Candidate(
        shapes=shapes,
        accuracy=_accuracy(samples, pages),
        milliseconds=milliseconds,
        overflow=sum(_overflows(pixels, shapes, crops=crops) for pixels, _ in samples) / len(samples),
        megabytes=len(shapes) * model_bytes / 1e6,
    )


def _accuracy(samples: Sequence[Sample], pages: Sequence[Page]) -> float | None:
    """End-to-end hmean of images (detection hmean when nothing is read), or accuracy of crops."""
    if samples[0][1] is None:
        return None
    correct = detections = truths = 0
    crops: list[tuple[str, str]] = []
    for (_, image), page in zip(samples, pages, strict=True):
        assert image is not None
        if image.words and not any(word.outline for word in image.words):
            crops.append((image.words[0].text, page.lines[0].text))
            continue
        texts = [line.text for line in page.lines]
        score = score_image(image.words, [line.quad.tolist() for line in page.lines], texts)
        reads = any(texts)
        correct += score.correct["alphanumeric"] if reads else len(score.matching.pairs)
        detections += len(score.matching.detections)
        truths += len(score.matching.truths)
    return score_crops(crops)["alphanumeric"] if crops else hmean(correct, detections, truths)


def _overflows(pixels: Pixels, shapes: tuple[Shape, ...], *, crops: bool) -> bool:
    """Whether an image is shrunk by every shape, or a crop is longer than the widest."""
    height, width = pixels.shape[:2]
    if crops:
        return needed_width((height, width), shapes[0][0]) > shapes[-1][1]
    return all(rows < height or columns < width for rows, columns in shapes)
