"""The answers of the first screen: can it go into a Lens, what it reads, how fast, what converting cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from snapml_ocr.plan.axes import SHIPPED, SIMPLIFIED, stage_title, target_title
from snapml_ocr.report.accuracy_plots import HEADLINE_TITLES, last_stage
from snapml_ocr.report.accuracy_tables import headline_of, shares_right
from snapml_ocr.report.build import ModelShape, Pipeline
from snapml_ocr.report.compatibility import blocking_layers
from snapml_ocr.report.latency_tables import measured
from snapml_ocr.report.numbers import (
    count_of,
    interval,
    milliseconds,
    percent,
    score,
    significant,
    times,
)
from snapml_ocr.snapml.stored_size import LENS_MEGABYTES, stored_megabytes

MAX_LISTED = 3
"""Of layers or limits on the first screen; the rest is further down."""
READS_WELL, READS_PARTLY = 0.8, 0.5
"""Shares of lines right as written from which a pipeline is marked as good, and as usable."""

GOOD, FAIR, BAD, UNKNOWN = "good", "fair", "bad", "unknown"


@dataclass(frozen=True)
class Answer:
    """A question about a pipeline: the verdict, one sentence to it, and more for those who unfold it.

    `status` is good, fair, bad or unknown; `anchor` leads to the section with the numbers.
    """

    question: str
    status: str
    verdict: str
    anchor: str
    sentence: str = ""
    more: Sequence[str] = field(default_factory=tuple)


def answers(pipeline: Pipeline, targets: Sequence[str]) -> list[Answer]:
    """The answers about one pipeline, in the order in which people ask."""
    return [
        lens_answer(pipeline, targets),
        reading_answer(pipeline),
        speed_answer(pipeline),
        cost_answer(pipeline),
        limits_answer(pipeline),
        *unmeasured_answers(pipeline),
    ]


def lens_answer(pipeline: Pipeline, targets: Sequence[str]) -> Answer:
    """Whether every model imports, on which targets all layers are available, and whether the size fits."""
    question, anchor = "Can I put it in a Lens?", "compatibility"
    checked = [model for model in pipeline.models if model.compatibility]
    if not checked:
        return Answer(question, UNKNOWN, "Not checked", anchor)
    blocked = {target: blocking_layers(checked, target) for target in targets}
    everywhere = [target_title(target) for target in targets if not blocked[target]]
    more = _lacking(blocked)
    size = stored_megabytes(pipeline.compatibility)
    fits = size <= LENS_MEGABYTES
    sentence = (
        f"About {size:.1f} of the {LENS_MEGABYTES:g} MB of a Lens, with the largest shape of each model, at"
        " the size that Lens Studio was reported to store."
    )
    unchecked = len(pipeline.models) - len(checked)
    if unchecked:
        more.append(f"{count_of(unchecked, 'model shape')} not checked")
    doubtful = [model for model in checked if not (model.compatibility or {})["importable"]]
    if doubtful:
        named = _listed(list(dict.fromkeys(f"the {model.role}" for model in doubtful)))
        return Answer(question, BAD, f"Not known to import: {named}", anchor, sentence, more)
    if not everywhere:
        return Answer(question, FAIR, "Yes, but no target has every layer", anchor, sentence, more)
    status = GOOD if len(everywhere) == len(targets) and fits and not unchecked else FAIR
    return Answer(question, status, f"Yes, on {_listed(everywhere)}", anchor, sentence, more)


def reading_answer(pipeline: Pipeline) -> Answer:
    """Lines of the last stage that are right as written on the first dataset, and when less is asked."""
    question, anchor = "What will it read?", "accuracy"
    more, verdict, sentence, status = [], "", "", UNKNOWN
    for dataset, document in pipeline.accuracy.items():
        scores = document["stages"][last_stage(document["stages"])]
        value, shares = headline_of(document, scores), shares_right(scores)
        if value is None or "strict" not in shares:
            continue
        share = shares["strict"]
        lenient = _lenient(shares)
        best_and_worst = _best_and_worst(scores)
        if not verdict:
            verdict = f"{percent(share)} of {_things(document)} in {dataset} exactly right"
            sentence = " ".join(filter(None, [lenient, best_and_worst]))
            status = GOOD if share >= READS_WELL else FAIR if share >= READS_PARTLY else BAD
        else:
            more += [
                f"{dataset}: {percent(share)} of {_things(document)}. {lenient} {best_and_worst}".strip()
            ]
        name = HEADLINE_TITLES[document["kind"]]
        more.append(f"{dataset}, {name}: {score(value['value'])} ({interval(value['low'], value['high'])})")
    return Answer(question, status, verdict or "Not measured", anchor, sentence, more)


def _lenient(shares: Mapping[str, float]) -> str:
    """What is right when spaces, and when case and punctuation, do not count."""
    found = [
        f"{percent(shares[name])} {condition}"
        for name, condition in (
            ("without_spaces", "when spaces are ignored"),
            ("alphanumeric", "when case and punctuation are as well"),
        )
        if name in shares
    ]
    return f"{', '.join(found)}." if found else ""


def _things(document: Mapping[str, Any]) -> str:
    return "the lines" if document["kind"] == "end_to_end" else "the words"


def _best_and_worst(scores: Mapping[str, Any]) -> str:
    ranked = sorted(
        (
            (share, category.replace("_", " "))
            for category, part in scores.get("by_category", {}).items()
            if (share := shares_right(part).get("strict")) is not None
        ),
        reverse=True,
    )
    if len(ranked) < 2:
        return ""
    half = min(2, len(ranked) // 2)
    named = [f"{name} {percent(value)}" for value, name in ranked]
    return f"Best {' and '.join(named[:half])}, worst {' and '.join(named[::-1][:half])}."


def speed_answer(pipeline: Pipeline) -> Answer:
    """Images per second where that was measured, and the median of each model."""
    question, anchor = "How fast is it?", "latency"
    models = []
    for model in pipeline.models:
        threads = (model.latency or {}).get("threads", [])
        if threads and (numbers := measured(model, SHIPPED, threads[-1])):
            models.append(
                f"{model.role} {model.shape} {milliseconds(numbers['median_ms'])}"
                f" with {count_of(threads[-1], 'thread')}"
            )
    speeds = (pipeline.speed or {}).get("stages", {})
    if not speeds and not models:
        return Answer(question, UNKNOWN, "Not measured", anchor)
    noisy = any((model.latency or {}).get("noise", {}).get("too_noisy") for model in pipeline.models)
    sentence = "On this computer's processor; a phone differs."
    if noisy:
        sentence = "On this computer, which was too busy for exact times; a phone differs."
    if speeds:
        verdict = f"{significant(speeds[last_stage(speeds)]['images_per_second'])} images per second"
    else:
        verdict = models[0]
    return Answer(question, FAIR if noisy else GOOD, verdict, anchor, sentence, models)


def cost_answer(pipeline: Pipeline) -> Answer:
    """What was lost from the original to SnapML: accuracy, numbers, time."""
    question, anchor = "What did the conversion cost?", "parity"
    lost, sentence = _accuracy_lost(pipeline)
    worst = _largest_difference(pipeline)
    more = [line for model in pipeline.models for line in _time_ratios(model)]
    if worst is not None:
        more.insert(0, f"Largest difference of an output from the original: {significant(worst, 2)}")
    if lost is None and worst is None:
        return Answer(question, UNKNOWN, "Not measured", anchor, "", more)
    if lost is None:
        return Answer(question, FAIR, f"Outputs moved by {significant(worst or 0, 2)}", anchor, "", more)
    if lost > 0:
        verdict = f"{significant(100 * lost, 2)} points of accuracy"
        return Answer(question, FAIR, verdict, anchor, sentence, more)
    if all(model.runs_outside_lens_studio for model in pipeline.models):
        return Answer(question, GOOD, "No accuracy", anchor, sentence, more)
    return Answer(question, FAIR, "No accuracy up to the stage before SnapML", anchor, sentence, more)


def _accuracy_lost(pipeline: Pipeline) -> tuple[float | None, str]:
    """The largest loss of a score over datasets, and in how many images the text stayed the same."""
    losses: list[float] = []
    images = equal = 0
    baseline = ""
    for document in pipeline.accuracy.values():
        against = document.get("against_baseline", {})
        if against:
            agreement = against[last_stage(against)]
            losses += agreement["loss"].values()
            images += agreement["images"]
            equal += agreement["images_with_same_texts"]
            baseline = stage_title(document["baseline"])
    sentence = f"Reads exactly what {baseline} reads in {equal} of {count_of(images, 'image')}."
    return (max(losses), sentence) if losses else (None, "")


def _largest_difference(pipeline: Pipeline) -> float | None:
    found = [
        float(stage["against_original"]["max_abs"])
        for model in pipeline.models
        if (stage := (model.parity or {}).get("stages", {}).get(SHIPPED))
    ]
    return max(found) if found else None


def _time_ratios(model: ModelShape) -> list[str]:
    latency = model.latency or {}
    threads = latency.get("threads", [])
    return [
        f"SnapML fixes, {model.role} {model.shape}: {times(ratio['ratio'])} the time"
        f" (95% {significant(ratio['low'])} to {significant(ratio['high'])})"
        for ratio in latency.get("ratios", [])
        if ratio["stage"] == SHIPPED and ratio["against"] == SIMPLIFIED and ratio["threads"] == threads[-1]
    ]


def limits_answer(pipeline: Pipeline) -> Answer:
    """Whether the build stayed within the limits of the configuration."""
    question, anchor = "Is it within the limits set?", "gates"
    checks = (pipeline.gates or {}).get("checks")
    if checks is None:
        return Answer(question, UNKNOWN, "Not checked", anchor)
    failed = [check for check in checks if not check["passed"]]
    if not failed:
        return Answer(question, GOOD, f"Yes, all {len(checks)}", anchor)
    more = [
        f"{check['measure'].replace('_', ' ')} of {check['subject']}, {check['stage']}:"
        f" {significant(check['measured'])}, allowed {check['rule']} {significant(check['limit'])}"
        for check in failed[:MAX_LISTED]
    ]
    if len(failed) > MAX_LISTED:
        more.append(f"and {len(failed) - MAX_LISTED} more")
    return Answer(question, BAD, f"{len(failed)} of {len(checks)} are not kept", anchor, "", more)


def unmeasured_answers(pipeline: Pipeline) -> list[Answer]:
    """What nothing here can run, where there is such a model: no failure, and not to pass for a success."""
    unrun = [model for model in pipeline.models if not model.runs_outside_lens_studio]
    if not unrun:
        return []
    named = [f"{model.role} {model.shape}" for model in unrun]
    models = _listed(list(dict.fromkeys(model.model for model in unrun)))
    sentence = (
        f"Nothing but Lens Studio runs GeluSnap, which {models} has at stage SnapML. That stage was"
        " rewritten and checked layer by layer, but not compared with the original, not read with, not timed,"
        " not rounded to float16 and not bundled: texts are of the stage before."
    )
    return [Answer("What was not measured?", FAIR, f"The SnapML {_listed(named)}", "parity", sentence)]


def _lacking(blocked: Mapping[str, Sequence[str]]) -> list[str]:
    """A line per set of layers: targets that lack the same ones share it."""
    targets: dict[tuple[str, ...], list[str]] = {}
    for target, layers in blocked.items():
        if layers:
            targets.setdefault(tuple(layers), []).append(target_title(target))
    return [f"Not on {_listed(names)}: {_listed(layers)}" for layers, names in targets.items()]


def _listed(names: Sequence[str]) -> str:
    """`a, b and c`; of many the first few."""
    if len(names) > MAX_LISTED + 1:
        names = [*names[:MAX_LISTED], f"{len(names) - MAX_LISTED} others"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
