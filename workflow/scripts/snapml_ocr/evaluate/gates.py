"""Limits that a build has to keep: read from the configuration, checked against what was measured.

Every limit may be left out; what is not limited is not checked. docs/evaluation.md explains each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.accuracy import headline
from snapml_ocr.plan.axes import SHIPPED, TASKS, is_exact
from snapml_ocr.plan.document import suggestion
from snapml_ocr.snapml.stored_size import stored_megabytes

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Check:
    """One measured number against one limit."""

    gate: str
    subject: str
    """The artifact: a model at a shape, a dataset, or the pipeline."""
    stage: str
    measure: str
    measured: float
    rule: str
    """"at most" or "at least"."""
    limit: float

    @property
    def passed(self) -> bool:
        """Whether the limit is kept; a measure that is no number keeps none."""
        return self.measured <= self.limit if self.rule == "at most" else self.measured >= self.limit


def parity_checks(gates: Document, parity: Mapping[str, Document]) -> Iterator[Check]:
    """Every stage of each model (documents by `{model}_{H}x{W}`) against the original; exact ones closely."""
    for subject, document in parity.items():
        limits = gates.get("parity", {}).get(document["task"], {})
        for stage, pairs in document["stages"].items():
            if "against_original" not in pairs:
                raise UserError(f"parity of {subject}: made by another version; run parity.py again")
            measured = pairs["against_original"]
            if limits:
                yield Check("parity", subject, stage, "not_finite", measured["not_finite"], "at most", 0)
            for measure, limit in limits.items() if is_exact(stage) else ():
                value = measured[measure]
                if value is not None:
                    yield Check(
                        "parity",
                        subject,
                        stage,
                        measure,
                        value,
                        TASKS[document["task"]].parity[measure],
                        limit,
                    )


def accuracy_checks(gates: Document, accuracy: Mapping[str, Document]) -> Iterator[Check]:
    """Every stage on each dataset (documents by name) against the baseline, the last against the minimum."""
    limits = gates.get("accuracy", {})
    for dataset, document in accuracy.items():
        for stage, against in document["against_baseline"].items():
            max_loss = (limits if is_exact(stage) else gates.get("float16", {})).get("max_loss")
            if max_loss is not None:
                for measure, loss in against["loss"].items():
                    yield Check("accuracy loss", dataset, stage, measure, loss, "at most", max_loss)
            if "same_texts" in limits and is_exact(stage):
                share = against["images_with_same_texts"] / max(1, against["images"])
                yield Check("same texts", dataset, stage, "images", share, "at least", limits["same_texts"])
        yield from _minimum_checks(limits.get("minimum", {}), dataset, document)


def float16_checks(gates: Document, float16: Mapping[str, Document]) -> Iterator[Check]:
    """Activations of each model against the float16 limit, and what rounding loses."""
    limits = gates.get("float16", {})
    for subject, document in float16.items():
        if "max_share_of_limit" in limits:
            yield Check(
                "float16",
                subject,
                SHIPPED,
                "share_of_float16_limit",
                document["share_of_limit"],
                "at most",
                limits["max_share_of_limit"],
            )
        if "max_loss" in limits:
            exact = document["accuracy"]["float32"]
            for variant, measured in document["variants"].items():
                for measure, value in measured["accuracy"].items():
                    loss = exact[measure] - value
                    name = f"{measure} with float16 {variant}"
                    yield Check("float16", subject, SHIPPED, name, loss, "at most", limits["max_loss"])


def compatibility_checks(
    gates: Document, compatibility: Mapping[str, Document], tasks: Mapping[str, str]
) -> Iterator[Check]:
    """Layers of each model that are not documented as available on a required target, and its size."""
    limits, sizes = gates.get("compatibility", {}), gates.get("size", {})
    for subject, document in compatibility.items():
        if limits.get("importable"):
            reasons = len(document["import_reasons"])
            yield Check("compatibility", subject, SHIPPED, "reasons against import", reasons, "at most", 0)
        for target in limits.get(tasks.get(subject, ""), []):
            counts = document["targets"].get(target)
            if counts is None:
                raise UserError(f"gates.compatibility: {subject} was not checked for the target {target}")
            missing = counts["layers"] - counts["available"]
            yield Check("compatibility", subject, SHIPPED, f"layers not on {target}", missing, "at most", 0)
        if "model_megabytes" in sizes:
            size = document["size"]["float32_megabytes"]
            yield Check("size", subject, SHIPPED, "MB float32", size, "at most", sizes["model_megabytes"])
    if "pipeline_stored_megabytes" in sizes and compatibility:
        stored = stored_megabytes(compatibility)
        limit = sizes["pipeline_stored_megabytes"]
        grades = sorted({document["size"]["stored_evidence"] for document in compatibility.values()})
        measure = f"MB as stored ({', '.join(grades)})"
        yield Check("size", "one shape of each", SHIPPED, measure, round(stored, 3), "at most", limit)


def training_checks(gates: Document, trainings: Mapping[str, Document]) -> Iterator[Check]:
    """Each trained model (summaries of train.py by model) against its base, and its file against Paddle."""
    most = gates.get("training", {}).get("max_added_error")
    parity = gates.get("parity", {}).get("recognition", {})
    for model, document in trainings.items():
        if most is not None:
            before, after = (document[name]["character_error_rate"] for name in ("base", "trained"))
            measure = "rise of the character error rate on validation lines"
            yield Check("training", model, "trained", measure, after - before, "at most", most)
        for measure, value in document["against_paddle"].items():
            if measure in parity and value is not None:
                rule = TASKS["recognition"].parity[measure]
                yield Check("training parity", model, "trained", measure, value, rule, parity[measure])


def _minimum_checks(minimum: Document, dataset: str, document: Document) -> Iterator[Check]:
    """Limits by dataset, or by `dataset/category`."""
    stage = SHIPPED if SHIPPED in document["stages"] else list(document["stages"])[-1]
    for wanted, limits in minimum.items():
        name, _, category = wanted.partition("/")
        if name != dataset:
            continue
        scores = document["stages"][stage]
        if category:
            scores = scores["by_category"].get(category)
            if scores is None:
                raise UserError(f"gates.accuracy.minimum: dataset {dataset} has no category {category!r}")
        values = headline(document["kind"], scores)
        for measure, limit in limits.items():
            if measure not in values:
                raise UserError(
                    f"gates.accuracy.minimum.{wanted}: {measure} is not measured there"
                    f"{suggestion(measure, values)}"
                )
            yield Check("accuracy", wanted, stage, measure, values[measure], "at least", limit)
