"""Does the bundle read what the Python reader reads? In Node, on the bundle's own files."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from snapml_ocr.evaluate.geometry import as_polygons, intersection_areas
from snapml_ocr.lens.bundle import SOURCES
from snapml_ocr.lens.node import Script, running_script
from snapml_ocr.ocr.crops import along_the_line, crop_quad
from snapml_ocr.ocr.detector import best_shape
from snapml_ocr.ocr.images import Pixels, read_image
from snapml_ocr.ocr.letterbox import Letterbox
from snapml_ocr.ocr.line_input import input_length, scale_line
from snapml_ocr.ocr.opening import box_settings, normalisations_of
from snapml_ocr.ocr.page import Page
from snapml_ocr.ocr.predictions import json_line, page_record
from snapml_ocr.ocr.probability_map import Box, find_boxes
from snapml_ocr.ocr.reader import Reader
from snapml_ocr.plan.pipeline_file import files_of, read_pipeline_file
from snapml_ocr.runtime.model import open_model

SAME_BOX = 0.5
"""Corners of boxes found in the same map may differ by so many of its pixels."""

SAME_PLACE = 0.5
"""Lines whose boxes overlap by more than this share of their union are the same line."""


@dataclass
class Comparison:
    """Counts over all pictures so far."""

    pictures: int = 0
    boxes: int = 0
    same_boxes: int = 0
    worst_corner: float = 0.0
    inputs: int = 0
    same_texts_of_inputs: int = 0
    lines: int = 0
    same_texts: int = 0
    differing: list[dict[str, Any]] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """Return the counts and shares for a JSON file."""
        return {
            "pictures": self.pictures,
            "equal_inputs": {
                "boxes": self.boxes,
                "same_boxes": _share(self.same_boxes, self.boxes),
                "worst_corner_pixels": round(self.worst_corner, 4),
                "lines": self.inputs,
                "same_texts": _share(self.same_texts_of_inputs, self.inputs),
            },
            "pictures_themselves": {"lines": self.lines, "same_texts": _share(self.same_texts, self.lines)},
            "differing": self.differing,
        }


def compare(
    bundle: Path, pipeline_file: Path, images: Sequence[Path], predictions: dict[str, Path] | None = None
) -> Iterator[Comparison]:
    """Yield the comparison after each picture; write what both read to `predictions` ("python", "lens") as
    JSON lines.

    The same tensors are given to both, to compare decoding alone; then each reads the picture by itself.
    """
    total = Comparison()
    reader = Reader.open(pipeline_file)
    models = _Models(pipeline_file)
    written: dict[str, list[str]] = {"python": [], "lens": []}
    with (
        reader,
        TemporaryDirectory() as folder,
        running_script(SOURCES / "verify/read_pictures.mjs", bundle.resolve()) as script,
    ):
        for path in images:
            pixels = read_image(path)
            page = reader.read(path)
            total.pictures += 1
            _compare_inputs(total, reader, models, pixels, (script, Path(folder)))
            answer = read_in_node(script, pixels, Path(folder))
            _compare_pages(total, page, answer["lines"])
            written["python"].append(json_line(page_record(page)))
            written["lens"].append(json_line(_record(page, answer["lines"])))
            yield total
    for name, file in (predictions or {}).items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(written[name]), encoding="utf-8")


def read_in_node(script: Script, pixels: Pixels, folder: Path) -> Any:
    """Return what verify/read_pictures.mjs answers for a (H, W, 3) uint8 BGR picture."""
    file = folder / "picture"
    file.write_bytes(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGBA).tobytes())
    return script.ask({"pixels": str(file), "width": pixels.shape[1], "height": pixels.shape[0]})


def same_lines(page: Page, lines: Sequence[Any]) -> Iterator[tuple[str, str | None]]:
    """Yield the text of each line that Python read, and the bundle's at the same place, if any."""
    python = as_polygons([line.quad.tolist() for line in page.lines])
    lens = as_polygons([np.reshape(line["quad"], (4, 2)).tolist() for line in lines])
    shared = intersection_areas(python, lens)
    unions = np.array([one.area for one in python])[:, None] + [one.area for one in lens] - shared
    overlaps = shared / np.maximum(unions, 1e-9)
    left = set(range(len(lines)))
    for line, overlap in zip(page.lines, overlaps, strict=True):
        best = max(left, key=lambda index: (overlap[index], -index), default=None)
        if best is None or overlap[best] < SAME_PLACE:
            yield line.text, None
        else:
            left.remove(best)
            yield line.text, lines[best]["text"]
    for index in sorted(left):
        yield "", lines[index]["text"]


class _Models:
    """The shipped detectors, opened once, and the options of the pipeline."""

    def __init__(self, pipeline_file: Path) -> None:
        pipeline = read_pipeline_file(pipeline_file)
        self.settings = box_settings(pipeline.settings)
        self.normalisation = normalisations_of(pipeline)["detector"]
        files = files_of(pipeline_file, dict(pipeline.parts())["detector"], pipeline.shipped)
        opened = [open_model(path, threads=2) for path in files]
        self._by_shape = {model.input_shape[2:]: model for model in opened}

    def boxes(self, picture: Pixels) -> list[Box]:
        """Return the boxes of a (H, W, 3) uint8 BGR picture of an input's size, in its pixels."""
        output = self._by_shape[picture.shape[:2]].run(self.normalisation.tensor(picture))
        return find_boxes(output[0, 0], self.settings)


def _compare_inputs(
    total: Comparison, reader: Reader, models: _Models, pixels: Pixels, node: tuple[Script, Path]
) -> None:
    """Give the same inputs to the models of both sides: the whole picture, then each of its lines."""
    script, folder = node
    detector, recognizer = reader.detector, reader.recognizer
    assert detector is not None
    assert recognizer is not None
    height, width = pixels.shape[:2]
    index = best_shape(detector.shapes, height, width)
    shape = detector.shapes[index]
    letterbox = Letterbox(width, height, shape[1], shape[0])
    picture = letterbox.apply(pixels)
    expected = models.boxes(picture)
    found = script.ask({"map": _rgb(picture, folder), "index": index})["boxes"]
    total.boxes += max(len(expected), len(found))
    quads = [np.array(box["quad"]).reshape(4, 2) for box in found]
    for box in expected:
        distance = min((float(np.abs(quad - box.quad).max()) for quad in quads), default=np.inf)
        if distance <= SAME_BOX:
            total.same_boxes += 1
            total.worst_corner = max(total.worst_corner, distance)
        crop = crop_quad(pixels, along_the_line(np.clip(letterbox.to_image(box.quad), 0.0, [width, height])))
        wanted = input_length(crop, recognizer.shapes[0][0])
        widths = [one[1] for one in recognizer.shapes]
        place = next((i for i, one in enumerate(widths) if one >= wanted), len(widths) - 1)
        length = min(wanted, widths[place])
        line = scale_line(crop, recognizer.shapes[place][0], length)
        total.inputs += 1
        read = script.ask({"line": _rgb(line, folder), "index": place, "length": length})
        total.same_texts_of_inputs += read["text"] == recognizer.look_at(line, length).decoded.text


def _compare_pages(total: Comparison, page: Page, lines: Sequence[Any]) -> None:
    for python, lens in same_lines(page, lines):
        total.lines += 1
        if python == lens:
            total.same_texts += 1
        else:
            total.differing.append({"image": page.image, "python": python, "lens": lens})


def _record(page: Page, lines: Iterable[Any]) -> dict[str, Any]:
    return {
        "image": page.image,
        "width": page.width,
        "height": page.height,
        "lines": [
            {
                "quad": np.round(np.array(line["quad"]).reshape(4, 2), 1).tolist(),
                "text": line["text"],
                "score": round(line["score"], 4),
                "det_score": round(line["detScore"], 4),
            }
            for line in lines
        ],
    }


def _rgb(pixels: NDArray[np.uint8], folder: Path) -> str:
    file = folder / "input"
    file.write_bytes(np.ascontiguousarray(pixels[:, :, ::-1]).tobytes())
    return str(file)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 1.0
