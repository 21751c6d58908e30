"""Small pictures for the page: what was read, drawn, as data URIs."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snapml_ocr.report.build import Pipeline
from snapml_ocr.report.numbers import interval, score
from snapml_ocr.report.tables.accuracy import headline_of
from snapml_ocr.report.tables.table import Column, Table

LONGER_SIDE_PX = 480
QUALITY = 70
"""Of WebP: text stays legible at about 15 kB a picture."""
PER_CATEGORY = 2
MOST_PICTURES = 160
"""Of one page, so that it stays below a few megabytes."""
MOST_WORST = 5


@dataclass(frozen=True)
class Picture:
    """A drawn picture with what it says and what was read; `uri` is empty when there is no picture file."""

    pipeline: str
    image: str
    uri: str
    width: int
    height: int
    truth: Sequence[str]
    read: Sequence[str]
    score: float

    @property
    def alternative(self) -> str:
        """The text for those who do not see the picture."""
        return f"{self.image} with the boxes that {self.pipeline} found"


@dataclass(frozen=True)
class PictureRow:
    """A category: the score of each pipeline in words, and examples."""

    category: str
    scores: Sequence[str]
    pictures: Sequence[Picture]


def picture_rows(pipelines: Sequence[Pipeline]) -> list[PictureRow]:
    """By category the best and the worst example of each pipeline, best category first."""
    examples = {pipeline.name: _examples_of(pipeline) for pipeline in pipelines}
    names = list(dict.fromkeys(name for found in examples.values() for name in found))
    room = MOST_PICTURES // max(1, len(names) * len(pipelines))
    rows = []
    for name in names:
        pictures = [
            _picture(pipeline, example)
            for pipeline in pipelines
            for example in _mixed(examples[pipeline.name].get(name, {}), min(PER_CATEGORY, max(1, room)))
        ]
        values = {pipeline.name: value for pipeline in pipelines if (value := _score_of(pipeline, name))}
        told = [
            f"{pipeline} {score(value['value'])} ({interval(value['low'], value['high'])})"
            for pipeline, value in values.items()
        ]
        best = max((value["value"] for value in values.values()), default=0.0)
        rows.append((best, PictureRow(name.replace("_", " "), told, pictures)))
    return [row for _, row in sorted(rows, key=lambda pair: (-pair[0], pair[1].category))]


def worst_table(pipeline: Pipeline, dataset: str) -> Table:
    """The examples of a dataset that were read worst."""
    columns = (
        Column("image", "Image"),
        Column("category", "Category", lambda name: name.replace("_", " ")),
        Column("score", "Score", score, number=True),
        Column("truth", "Says", " · ".join),
        Column("read", "Read", lambda texts: " · ".join(texts) or "nothing"),
    )
    examples = pipeline.accuracy[dataset].get("examples", {}).get("worst", [])
    return Table("worst", f"Read worst in {dataset}", columns, examples[:MOST_WORST])


def _examples_of(pipeline: Pipeline) -> Mapping[str, Any]:
    """Examples by category, of the first dataset that has categories."""
    for document in pipeline.accuracy.values():
        if chosen := document.get("examples", {}).get("by_category", {}):
            found: Mapping[str, Any] = chosen
            return found
    return {}


def _score_of(pipeline: Pipeline, category: str) -> Mapping[str, float] | None:
    for document in pipeline.accuracy.values():
        scores = document["stages"][list(document["stages"])[-1]].get("by_category", {})
        if category in scores:
            return headline_of(document, scores[category])
    return None


def _mixed(examples: Mapping[str, Sequence[Any]], most: int) -> Iterator[Any]:
    """The best, the worst, the second best and so on, each once."""
    seen: set[str] = set()
    best, worst = _padded(examples.get("best", []), most), _padded(examples.get("worst", []), most)
    for pair in zip(best, worst, strict=True):
        for example in pair:
            if example and example["image"] not in seen and len(seen) < most:
                seen.add(example["image"])
                yield example


def _padded(items: Sequence[Any], length: int) -> list[Any]:
    return [*items[:length], *[None] * (length - len(items))]


def _picture(pipeline: Pipeline, example: Mapping[str, Any]) -> Picture:
    sizes = {page["image"]: page.get("width") for page in pipeline.predictions if "image" in page}
    path = _file_of(pipeline.pictures, example["image"])
    uri, width, height = _thumbnail(path, sizes.get(example["image"]))
    return Picture(
        pipeline=pipeline.name,
        image=example["image"],
        uri=uri,
        width=width,
        height=height,
        truth=example["truth"],
        read=example["read"],
        score=example["score"],
    )


def _file_of(folder: Path, image: str) -> Path:
    """The drawn picture of an image; it keeps its suffix where two images share a stem."""
    full = folder / f"{image}.png"
    return full if full.exists() else folder / f"{Path(image).stem}.png"


def _thumbnail(path: Path, original_width: int | None) -> tuple[str, int, int]:
    """A data URI with its width and height in pixels; an empty one when the file is missing or no picture.

    The texts drawn beside the image, right of `original_width`, are cut off: the page has them as text.
    """
    import cv2

    if not path.exists():
        return "", 0, 0
    picture = cv2.imread(str(path))
    if picture is None:
        return "", 0, 0
    if original_width:
        picture = picture[:, :original_width]
    height, width = picture.shape[:2]
    scale = min(1.0, LONGER_SIDE_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    _, content = cv2.imencode(".webp", small, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
    return f"data:image/webp;base64,{base64.b64encode(content.tobytes()).decode('ascii')}", *size
