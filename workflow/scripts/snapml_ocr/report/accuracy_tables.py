"""Accuracy by pipeline, dataset, category and stage, as tidy rows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from snapml_ocr.evaluate.labels import ADJUSTMENTS
from snapml_ocr.report.build import Build, Pipeline
from snapml_ocr.report.conversion_tables import STAGE
from snapml_ocr.report.numbers import percent, score
from snapml_ocr.report.table import Column, Row, Table, number, words

ALL = "all"
"""The category of a row that counts every image."""

METRIC_TITLES = {
    "detection.precision": "Detection precision",
    "detection.recall": "Detection recall",
    "detection.hmean": "Detection hmean",
    "end_to_end.strict.hmean": "End-to-end hmean, strict",
    "end_to_end.without_spaces.hmean": "End-to-end hmean, spaces ignored",
    "end_to_end.alphanumeric.hmean": "End-to-end hmean, alphanumeric",
    "recognition.strict": "Word accuracy, strict",
    "recognition.without_spaces": "Word accuracy, spaces ignored",
    "recognition.alphanumeric": "Word accuracy, alphanumeric",
    "recognition.one_minus_ned": "1-NED",
    "recognition.one_minus_ned_alphanumeric": "1-NED, alphanumeric",
    "reading_of_found.one_minus_ned": "1-NED of the lines found",
}
"""The scores that a page shows; a CSV file holds all."""

HEADLINES = {"end_to_end": "end_to_end.strict.hmean", "recognition": "recognition.strict"}
"""The score that stands for a dataset of each kind: spaces, case and punctuation count."""

COMPARISON_TITLES = {
    "strict": "Strict",
    "without_spaces": "Spaces ignored",
    "alphanumeric": "Letters, digits",
}
"""How texts are compared, from what a reader gets to what a search needs (`evaluate.texts`)."""


def accuracy_table(build: Build) -> Table:
    """One row per pipeline, dataset, category, stage and score."""
    columns = (
        Column("pipeline", "Pipeline"),
        Column("dataset", "Dataset"),
        Column("category", "Category"),
        STAGE,
        Column("metric", "Score", lambda name: METRIC_TITLES.get(name, name)),
        number("value", "Value", score),
        number("low", "95% from", score),
        number("high", "to", score),
        number("images", "Images"),
    )
    rows = [row for pipeline in build.pipelines for row in _pipeline_rows(pipeline)]
    return Table("accuracy", "Accuracy by dataset, category and stage", columns, rows)


def headline_of(document: Mapping[str, Any], scores: Mapping[str, Any]) -> Mapping[str, float] | None:
    """The score that stands for `scores` (of a stage or category) as {"value", "low", "high"}."""
    return _flattened(scores).get(HEADLINES.get(document.get("kind", ""), ""))


def shares_right(scores: Mapping[str, Any]) -> dict[str, float]:
    """The share of all lines (of single words: of all words) found and read right, by comparison."""
    return _by_comparison(scores, "recall")


def category_table(pipelines: Sequence[Pipeline], dataset: str) -> Table:
    """A row per category and pipeline, at the last stage: what is right, strictly and when less counts."""
    rows: list[Row] = []
    for pipeline in pipelines:
        scores = list(pipeline.accuracy[dataset]["stages"].values())[-1]
        for category, part in {ALL: scores, **scores.get("by_category", {})}.items():
            rows.append({"category": category, "pipeline": pipeline.name, **_by_comparison(part, "hmean")})
    rows.sort(key=lambda row: (row["category"] != ALL, row["category"]))
    columns = (
        words("category", "Category"),
        Column("pipeline", "Pipeline"),
        *(number(name, title, score) for name, title in COMPARISON_TITLES.items()),
    )
    table = Table("categories", f"Right on {dataset}, by what counts", columns, rows)
    return table if len(pipelines) > 1 else table.without("pipeline")


def left_out(document: Mapping[str, Any]) -> list[str]:
    """What a dataset's scores do not count or take as it was written, a clause each."""
    last = list(document["stages"].values())[-1]
    counted = [
        (document.get("ignored_lines"), "lines are don't-care and not scored"),
        *((count, ADJUSTMENTS[what]) for what, count in document.get("labels_adjusted", {}).items()),
        (last.get("failed_images"), "images could not be read and count as read without result"),
    ]
    return [f"{count} {what}" for count, what in counted if count]


def errors_table(pipelines: Sequence[Pipeline], dataset: str) -> Table | None:
    """What went wrong at the last stage, a column per pipeline: fates of lines, kinds of misreading."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for pipeline in pipelines:
        errors = list(pipeline.accuracy[dataset]["stages"].values())[-1].get("errors", {})
        counted = {
            "lines there are": errors.get("finding", {}).get("lines", {}),
            "boxes that match no line": errors.get("finding", {}).get("false_detections", {}),
            "lines found, as read": errors.get("reading", {}).get("lines", {}),
        }
        for what, kinds in counted.items():
            for kind, count in kinds.items():
                row = rows.setdefault((what, kind), {"of": what, "what": kind})
                row[pipeline.name] = f"{count} ({percent(count / (sum(kinds.values()) or 1))})"
    columns = [
        Column("of", "Of the"),
        words("what", "These were"),
        *(Column(pipeline.name, pipeline.name, number=True) for pipeline in pipelines),
    ]
    return Table("errors", f"What went wrong on {dataset}", columns, list(rows.values())) if rows else None


def _by_comparison(scores: Mapping[str, Any], measure: str) -> dict[str, float]:
    """A measure of whole images, or the accuracy of single words, by how texts are compared."""
    flat = _flattened(scores)
    found = {
        name: flat.get(f"end_to_end.{name}.{measure}") or flat.get(f"recognition.{name}")
        for name in COMPARISON_TITLES
    }
    return {name: value["value"] for name, value in found.items() if value}


def _pipeline_rows(pipeline: Pipeline) -> Iterator[Row]:
    for dataset, document in pipeline.accuracy.items():
        for stage, scores in document["stages"].items():
            expected = {f"expected {name}": part for name, part in scores.get("by_expected", {}).items()}
            for category, part in {ALL: scores, **expected, **scores.get("by_category", {})}.items():
                for metric, value in _flattened(part).items():
                    yield {
                        "pipeline": pipeline.name,
                        "dataset": dataset,
                        "category": category,
                        "stage": stage,
                        "metric": metric,
                        "value": value["value"],
                        "low": value.get("low"),
                        "high": value.get("high"),
                        "images": part.get("images"),
                    }


def _flattened(scores: Mapping[str, Any], path: str = "") -> dict[str, Mapping[str, float]]:
    """Every {"value", "low", "high"} below `scores` by its dotted path; categories and errors left out."""
    found: dict[str, Mapping[str, float]] = {}
    for key, value in scores.items():
        if key in {"by_category", "by_expected", "errors", "counts"} or not isinstance(value, Mapping):
            continue
        if isinstance(value.get("value"), int | float):
            found[path + key] = value
        else:
            found |= _flattened(value, f"{path}{key}.")
    return found
