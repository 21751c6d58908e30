"""Accuracy of every stage of a pipeline on one labelled dataset, in one pass and flat memory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.agreement import Agreement
from snapml_ocr.evaluate.dataset import Dataset
from snapml_ocr.evaluate.detection import hmean
from snapml_ocr.evaluate.end_to_end import score_image
from snapml_ocr.evaluate.error_analysis import FindingErrors, ReadingErrors
from snapml_ocr.evaluate.labels import Kind, LabelledImage
from snapml_ocr.evaluate.prediction_files import Prediction, Predictions
from snapml_ocr.evaluate.recognition import score_crop
from snapml_ocr.evaluate.score_sums import (
    CROP_COLUMNS,
    DECIMALS,
    IMAGE_COLUMNS,
    crop_row,
    image_row,
    summarise,
)

EXAMPLES = 8
EXAMPLES_PER_CATEGORY = 3
MAX_LINES_OF_EXAMPLE = 12
MAX_FAILURES = 20


@dataclass
class _Stage:
    """What one pass collects about one stage."""

    predictions: Predictions
    rows: Any
    """(images, columns) float64, see `scores`."""
    reading: ReadingErrors = field(default_factory=ReadingErrors)
    finding: FindingErrors = field(default_factory=FindingErrors)
    agreement: Agreement = field(default_factory=Agreement)
    failures: list[dict[str, str]] = field(default_factory=list)
    failed: int = 0


def evaluate(
    dataset: Dataset,
    predictions: Mapping[str, Predictions],
    advance: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Score each stage's predictions against the labels, and against the first stage's, the baseline.

    `advance` is called once an image. An image that a stage reported as failed counts as read without result.
    Raises `UserError` when a stage has no line for a labelled image.
    """
    columns = IMAGE_COLUMNS if dataset.kind == "end_to_end" else CROP_COLUMNS
    stages = {
        name: _Stage(read, np.zeros((len(dataset.images), len(columns))))
        for name, read in predictions.items()
    }
    baseline_name = next(iter(stages))
    for index, image in enumerate(dataset.images):
        baseline: Prediction | None = None
        for name, stage in stages.items():
            prediction = _prediction_of(image, name, stage)
            stage.rows[index] = _score(dataset.kind, image, prediction, stage)
            baseline = baseline or prediction
            stage.agreement.add(image.name, baseline, prediction)
        advance()
    results = {name: _stage_result(dataset, stage) for name, stage in stages.items()}
    return {
        "kind": dataset.kind,
        "images": len(dataset.images),
        "lines": sum(not word.ignore for image in dataset.images for word in image.words),
        "ignored_lines": sum(word.ignore for image in dataset.images for word in image.words),
        "labels_adjusted": dataset.adjusted,
        "categories": dataset.categories,
        "baseline": baseline_name,
        "stages": results,
        "against_baseline": {
            name: {
                **stage.agreement.summary(),
                "loss": _loss(dataset.kind, results[baseline_name], results[name]),
            }
            for name, stage in stages.items()
            if name != baseline_name
        },
        "examples": _examples(dataset, *list(stages.items())[-1]),
    }


def headline(kind: Kind, scores: Mapping[str, Any]) -> dict[str, float]:
    """Pick the scores that gates and one-line summaries look at, from the summary of a stage or category."""
    if kind == "recognition":
        return {name: scores["recognition"][name]["value"] for name in scores["recognition"]}
    return {
        "detection_hmean": scores["detection"]["hmean"]["value"],
        **{
            f"end_to_end_hmean_{name}": ratios["hmean"]["value"]
            for name, ratios in scores["end_to_end"].items()
        },
    }


def _prediction_of(image: LabelledImage, name: str, stage: _Stage) -> Prediction:
    prediction = stage.predictions.of(image.name)
    if prediction is None:
        raise UserError(
            f"the predictions of stage {name} have no line for the labelled image {image.name!r};"
            " run the inference on every image of the dataset"
        )
    if prediction.error is not None:
        stage.failed += 1
        if len(stage.failures) < MAX_FAILURES:
            stage.failures.append({"image": image.name, "error": prediction.error})
    return prediction


def _score(kind: Kind, image: LabelledImage, prediction: Prediction, stage: _Stage) -> list[float]:
    if kind == "recognition":
        truth, read = image.words[0].text, " ".join(prediction.texts)
        stage.reading.add(truth, read)
        return crop_row(score_crop(truth, read))
    scored = score_image(image.words, prediction.quads, prediction.texts)
    stage.finding.add(image.words, scored.matching)
    for truth_index, detection in scored.matching.pairs:
        stage.reading.add(image.words[truth_index].text, prediction.texts[detection])
    return image_row(scored)


def _stage_result(dataset: Dataset, stage: _Stage) -> dict[str, Any]:
    errors: dict[str, Any] = {"reading": stage.reading.summary()}
    if dataset.kind == "end_to_end":
        errors["finding"] = stage.finding.summary()
    return {
        **summarise(dataset.kind, stage.rows),
        "failed_images": stage.failed,
        "failures": stage.failures,
        "by_category": {
            category: summarise(dataset.kind, stage.rows[_members(dataset, category)])
            for category in dataset.categories
        },
        "by_expected": {
            expected: summarise(dataset.kind, stage.rows[members])
            for expected in ("good", "bad")
            if (members := [i for i, image in enumerate(dataset.images) if image.expected == expected])
        },
        "errors": errors,
    }


def _members(dataset: Dataset, category: str) -> list[int]:
    return [index for index, image in enumerate(dataset.images) if image.category == category]


def _loss(kind: Kind, baseline: Mapping[str, Any], stage: Mapping[str, Any]) -> dict[str, float]:
    """By how much a stage scores below the baseline; negative where it is better."""
    ours, theirs = headline(kind, stage), headline(kind, baseline)
    return {name: round(theirs[name] - ours[name], DECIMALS) for name in ours}


def _examples(dataset: Dataset, name: str, stage: _Stage) -> dict[str, Any]:
    """List the best and the worst images of the last stage, over all and by category."""
    ranked = sorted(
        range(len(dataset.images)),
        key=lambda index: (*_rank(dataset.kind, stage.rows[index]), dataset.images[index].name),
    )
    if dataset.kind == "end_to_end":
        ranked = [index for index in ranked if stage.rows[index][IMAGE_COLUMNS.index("lines")]]

    def chosen(indices: list[int], most: int) -> dict[str, Any]:
        half = min(most, (len(indices) + 1) // 2)
        return {
            "worst": [_example(dataset, index, stage) for index in indices[:half]],
            "best": [
                _example(dataset, index, stage) for index in indices[::-1][: min(half, len(indices) // 2)]
            ],
        }

    by_category = {}
    for category in dataset.categories:
        members = set(_members(dataset, category))
        by_category[category] = chosen([index for index in ranked if index in members], EXAMPLES_PER_CATEGORY)
    return {"stage": name, **chosen(ranked, EXAMPLES), "by_category": by_category}


def _rank(kind: Kind, row: Any) -> tuple[float, float]:
    """Score of one image, and a second one that orders images of equal score."""
    if kind == "recognition":
        similarity, lenient = (
            float(row[CROP_COLUMNS.index(name)]) for name in ("similarity", "similarity_alphanumeric")
        )
        return similarity, lenient
    lines, detections, correct, similarity = (
        float(row[IMAGE_COLUMNS.index(name)]) for name in ("lines", "detections", "strict", "similarity")
    )
    return hmean(correct, detections, lines), similarity / lines if lines else 0.0


def _example(dataset: Dataset, index: int, stage: _Stage) -> dict[str, Any]:
    image = dataset.images[index]
    prediction = stage.predictions.of(image.name) or Prediction()
    return {
        "image": image.name,
        "category": image.category,
        "expected": image.expected,
        "score": round(_rank(dataset.kind, stage.rows[index])[0], DECIMALS),
        "truth": [word.text for word in image.words if not word.ignore][:MAX_LINES_OF_EXAMPLE],
        "read": list(prediction.texts[:MAX_LINES_OF_EXAMPLE]),
    }
