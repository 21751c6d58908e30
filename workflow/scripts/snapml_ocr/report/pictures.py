"""Small pictures for the page: what was read, drawn, as data URIs."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snapml_ocr.report.build import Pipeline
from snapml_ocr.report.numbers import score
from snapml_ocr.report.tables.table import Column, Table

LONGER_SIDE_PX = 560
QUALITY = 72
"""Of WebP: text stays legible at about 20 kB a picture."""
PER_CATEGORY = 2
MOST_PICTURES = 40
"""Of one pipeline; with 20 kB each the page stays below a few megabytes."""


@dataclass(frozen=True)
class Picture:
    """A drawn picture with what it says and what was read; `uri` is empty when there is no picture file."""

    image: str
    category: str
    uri: str
    width: int
    height: int
    truth: Sequence[str]
    read: Sequence[str]
    score: float

    @property
    def alternative(self) -> str:
        """The text for those who do not see the picture."""
        return f"{self.image}: reads {', '.join(self.read) or 'nothing'}; it says {', '.join(self.truth)}"


def expectation_pictures(pipeline: Pipeline) -> dict[str, list[Picture]]:
    """By category the best and the worst example of the first dataset that has categories."""
    for document in pipeline.accuracy.values():
        chosen = document.get("examples", {}).get("by_category", {})
        if chosen:
            room = max(1, min(PER_CATEGORY, MOST_PICTURES // len(chosen)))
            return {
                category: [
                    _picture(pipeline.pictures, example, category) for example in _mixed(examples, room)
                ]
                for category, examples in chosen.items()
            }
    return {}


def worst_table(pipeline: Pipeline, dataset: str) -> Table:
    """The examples of a dataset that were read worst."""
    columns = (
        Column("image", "Image"),
        Column("category", "Category"),
        Column("score", "Score", score, number=True),
        Column("truth", "Says", " · ".join),
        Column("read", "Read", lambda texts: " · ".join(texts) or "nothing"),
    )
    rows = pipeline.accuracy[dataset].get("examples", {}).get("worst", [])
    return Table("worst", f"Read worst in {dataset}", columns, rows)


def _mixed(examples: Mapping[str, Sequence[Any]], most: int) -> Iterator[Any]:
    """The best, the worst, the second best and so on, each once."""
    seen: set[str] = set()
    for pair in zip(
        _padded(examples.get("best", []), most), _padded(examples.get("worst", []), most), strict=True
    ):
        for example in pair:
            if example and example["image"] not in seen and len(seen) < most:
                seen.add(example["image"])
                yield example


def _padded(items: Sequence[Any], length: int) -> list[Any]:
    return [*items[:length], *[None] * (length - len(items))]


def _picture(folder: Path, example: Mapping[str, Any], category: str) -> Picture:
    uri, width, height = _thumbnail(_file_of(folder, example["image"]))
    return Picture(
        image=example["image"],
        category=category,
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


def _thumbnail(path: Path) -> tuple[str, int, int]:
    """A data URI with its width and height in pixels; an empty one when the file is missing or no picture."""
    import cv2

    if not path.exists():
        return "", 0, 0
    picture = cv2.imread(str(path))
    if picture is None:
        return "", 0, 0
    height, width = picture.shape[:2]
    scale = min(1.0, LONGER_SIDE_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    _, content = cv2.imencode(".webp", small, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
    return f"data:image/webp;base64,{base64.b64encode(content.tobytes()).decode('ascii')}", *size
