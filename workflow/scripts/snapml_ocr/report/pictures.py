"""Small pictures for the page: what was read, drawn, as data URIs."""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snapml_ocr.report.accuracy_tables import headline_of
from snapml_ocr.report.build import Pipeline
from snapml_ocr.report.numbers import interval, score
from snapml_ocr.report.table import Column, Table, number, words

LONGER_SIDE_PX = 480
QUALITY = 70
"""Of WebP: text stays legible at about 15 kB a picture."""
PER_CATEGORY = 2
MAX_PICTURES = 160
"""Of one page, so that it stays below a few megabytes."""
MAX_WORST = 5

GROUPS = {
    "good": "Cases that are easy for such models",
    "bad": "Cases that are hard for them",
    "": "Other pictures",
}
"""What a dataset's labels expect of a category, and the heading it comes under."""


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


@dataclass(frozen=True)
class PictureGroup:
    """The categories that are expected to be read well, or badly: what came of it, and the rows."""

    title: str
    scores: Sequence[str]
    rows: Sequence[PictureRow]


def picture_groups(pipelines: Sequence[Pipeline]) -> list[PictureGroup]:
    """By category the best and the worst example of each pipeline, best category first.

    Categories whose labels say what to expect of them come in groups, good cases before bad ones.
    """
    examples = {pipeline.name: _examples_of(pipeline) for pipeline in pipelines}
    names = list(dict.fromkeys(name for found in examples.values() for name in found))
    room = MAX_PICTURES // max(1, len(names) * len(pipelines))
    grouped: dict[str, list[tuple[float, PictureRow]]] = {}
    for name in names:
        pictures = [
            _picture(pipeline, example)
            for pipeline in pipelines
            for example in _mixed(examples[pipeline.name].get(name, {}), min(PER_CATEGORY, max(1, room)))
        ]
        values = _scores_of(pipelines, "by_category", name)
        best = max((value["value"] for value in values.values()), default=0.0)
        row = PictureRow(name.replace("_", " "), _in_words(values), pictures)
        grouped.setdefault(_expected_of(examples.values(), name), []).append((best, row))
    return [
        PictureGroup(
            title,
            _in_words(_scores_of(pipelines, "by_expected", expected)),
            [row for _, row in sorted(grouped[expected], key=lambda pair: (-pair[0], pair[1].category))],
        )
        for expected, title in GROUPS.items()
        if expected in grouped
    ]


def worst_table(pipeline: Pipeline, dataset: str) -> Table:
    """The examples of a dataset that were read worst."""
    columns = (
        Column("image", "Image"),
        words("category", "Category"),
        number("score", "Score", score),
        Column("truth", "Says", " · ".join),
        Column("read", "Read", lambda texts: " · ".join(texts) or "nothing"),
    )
    examples = pipeline.accuracy[dataset].get("examples", {}).get("worst", [])
    return Table("worst", f"Read worst in {dataset}", columns, examples[:MAX_WORST])


def _examples_of(pipeline: Pipeline) -> Mapping[str, Any]:
    """Examples by category, of the first dataset that has categories."""
    for document in pipeline.accuracy.values():
        if chosen := document.get("examples", {}).get("by_category", {}):
            found: Mapping[str, Any] = chosen
            return found
    return {}


def _expected_of(examples: Iterable[Mapping[str, Any]], category: str) -> str:
    """What the labels expect of a category, "good" or "bad"; empty when they do not say one thing."""
    said = {
        example.get("expected") or ""
        for of_pipeline in examples
        for kind in of_pipeline.get(category, {}).values()
        for example in kind
    }
    return said.pop() if len(said) == 1 else ""


def _scores_of(pipelines: Sequence[Pipeline], part: str, name: str) -> dict[str, Mapping[str, float]]:
    """The last stage's headline score of each pipeline for one category or expectation."""
    found = {}
    for pipeline in pipelines:
        for document in pipeline.accuracy.values():
            scores = document["stages"][list(document["stages"])[-1]].get(part, {})
            if name in scores and (value := headline_of(document, scores[name])):
                found[pipeline.name] = value
                break
    return found


def _in_words(values: Mapping[str, Mapping[str, float]]) -> list[str]:
    return [
        f"{pipeline} {score(value['value'])} ({interval(value['low'], value['high'])})"
        for pipeline, value in values.items()
    ]


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
