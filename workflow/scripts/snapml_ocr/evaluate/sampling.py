"""Choose and prepare real model inputs from a labelled dataset, as the reading code prepares them."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.dataset import Dataset
from snapml_ocr.evaluate.geometry import quad_around
from snapml_ocr.evaluate.labels import LabelledImage, Word
from snapml_ocr.ocr.crops import along_the_line, crop_quad
from snapml_ocr.ocr.images import read_image
from snapml_ocr.ocr.letterbox import Letterbox
from snapml_ocr.ocr.line_input import input_length, scale_line
from snapml_ocr.ocr.probability_map import side_lengths
from snapml_ocr.ocr.recognizer import MAX_SQUEEZE

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Sample:
    """One prepared input: (H, W, 3) uint8 BGR, filled up to column `length`, and what it shows."""

    pixels: Pixels
    length: int
    image: str
    words: tuple[Word, ...]

    def described(self) -> dict[str, Any]:
        """The sample without its pixels, for JSON."""
        return {"image": self.image, "words": [asdict(word) for word in self.words]}


def make_samples(
    dataset: Dataset,
    task: str,
    shape: tuple[int, int],
    most: int,
    advance: Callable[[], None] = lambda: None,
) -> Iterator[Sample]:
    """Yield up to `most` inputs of (height, width) `shape`.

    Detectors get whole images, the other tasks crops of labelled lines (every second one upside down for the
    classifier). When there are more images than `most`, they are spread evenly over the dataset; when there
    are fewer, every image is represented and lines are taken in turn, image after image. Lines so long that
    reading would split them are taken, squeezed, only from images that have no others. Raises `UserError`
    when the dataset has nothing for the task.
    """
    if task == "detection" and dataset.kind != "end_to_end":
        raise UserError(
            f"{dataset.label_file}: crops of lines cannot be inputs of a detector; give whole images"
        )
    count = 0
    for image, words in _chosen(dataset, task, shape, most):
        pixels = read_image(dataset.path_of(image.name))
        if task == "detection":
            yield _letterboxed(pixels, shape, image)
            count += 1
        for word in words:
            crop = crop_quad(pixels, along_the_line(quad_around(word.outline))) if word.outline else pixels
            if task == "classification" and count % 2:
                crop = np.ascontiguousarray(crop[::-1, ::-1])
            fitted, length = _at_the_left(crop, shape, task)
            yield Sample(fitted, length, image.name, (Word((), word.text),))
            count += 1
        advance()
    if not count:
        raise UserError(f"{dataset.label_file}: no text that is not marked as ignored, so no inputs to take")


def _at_the_left(crop: Pixels, shape: tuple[int, int], task: str) -> tuple[Pixels, int]:
    """A line at the left of a (height, width) input, black on the right, and its number of columns.

    A line longer than the input is squeezed to its width.
    """
    height, width = shape
    length = min(width, input_length(crop, height))
    fitted = np.zeros((height, width, 3), np.uint8)
    fitted[:, :length] = scale_line(crop, height, length, averaging=task == "recognition")
    return fitted, length


def _chosen(
    dataset: Dataset, task: str, shape: tuple[int, int], most: int
) -> Iterator[tuple[LabelledImage, list[Word]]]:
    """Images in the order of the labels, with the lines that are taken from each."""
    if task == "detection":
        images, lines = dataset.images, [list[Word]() for _ in dataset.images]
    else:
        pairs = [(image, _readable(image, shape)) for image in dataset.images]
        images = [image for image, words in pairs if words]
        lines = [words for _, words in pairs if words]
    places = np.unique(np.linspace(0, len(images) - 1, min(most, len(images))).round().astype(int))
    shares = _shares([len(lines[place]) for place in places], most)
    for place, share in zip(places, shares, strict=True):
        words = lines[place]
        spread = np.linspace(0, len(words) - 1, share).round().astype(int).tolist()
        yield images[place], [words[index] for index in spread]


def _shares(available: list[int], most: int) -> list[int]:
    """How many lines each image gives, when they are dealt one to each in turn until `most` are dealt."""
    shares = [0] * len(available)
    dealt, dealing = 0, True
    while dealing:
        dealing = False
        for index, count in enumerate(available):
            if shares[index] < count and dealt < most:
                shares[index] += 1
                dealt += 1
                dealing = True
    return shares


def _readable(image: LabelledImage, shape: tuple[int, int]) -> list[Word]:
    """Lines with text that count; if possible such as fit."""
    words = [word for word in image.words if not word.ignore and word.text]
    return [word for word in words if _fits(word, shape)] or words


def _fits(word: Word, shape: tuple[int, int]) -> bool:
    if not word.outline:
        return True
    length, height = side_lengths(along_the_line(quad_around(word.outline)))
    return length * shape[0] <= MAX_SQUEEZE * shape[1] * max(1.0, height)


def _letterboxed(pixels: Pixels, shape: tuple[int, int], image: LabelledImage) -> Sample:
    letterbox = Letterbox(pixels.shape[1], pixels.shape[0], shape[1], shape[0])
    words = []
    for word in image.words:
        corners = letterbox.to_input(np.asarray(word.outline, dtype=np.float64)).round(2).tolist()
        words.append(Word(tuple((x, y) for x, y in corners), word.text, word.ignore))
    return Sample(letterbox.apply(pixels), shape[1], image.name, tuple(words))
