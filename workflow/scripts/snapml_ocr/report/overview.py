"""The answers of the first screen: can it go into a Lens, what it reads, how fast, what converting cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from snapml_ocr.report.build import ModelShape, Pipeline
from snapml_ocr.report.compatibility import TARGET_TITLES, blocking_layers
from snapml_ocr.report.numbers import count_of, milliseconds, percent, score, significant, times
from snapml_ocr.report.plots.accuracy import last_stage
from snapml_ocr.report.tables.accuracy import headline_of
from snapml_ocr.report.tables.latency import measured

LENS_MEGABYTES = 10.0
"""All SnapML assets of one Lens together (Lens Studio documentation, ML Component Overview)."""

GOOD, FAIR, BAD, UNKNOWN = "good", "fair", "bad", "unknown"


@dataclass(frozen=True)
class Answer:
    """One question about a pipeline; `status` is good, fair, bad or unknown, `anchor` leads to details."""

    question: str
    status: str
    verdict: str
    details: Sequence[str]
    anchor: str


def answers(pipeline: Pipeline, targets: Sequence[str]) -> list[Answer]:
    """The answers about one pipeline, in the order in which people ask."""
    return [
        lens_answer(pipeline, targets),
        reading_answer(pipeline),
        speed_answer(pipeline),
        cost_answer(pipeline),
        gates_answer(pipeline),
    ]


def lens_answer(pipeline: Pipeline, targets: Sequence[str]) -> Answer:
    """Whether every model imports, on which targets all layers are available, and whether the size fits."""
    question, anchor = "Can I put it in a Lens?", "compatibility"
    checked = [model for model in pipeline.models if model.compatibility]
    if not checked:
        return Answer(question, UNKNOWN, "Not checked", [], anchor)
    blocked = {target: blocking_layers(checked, target) for target in targets}
    everywhere = [TARGET_TITLES.get(target, target) for target in targets if not blocked[target]]
    details = [
        f"{TARGET_TITLES.get(target, target)} lacks {_listed(layers)}"
        for target, layers in blocked.items()
        if layers
    ]
    size, fits = size_of(pipeline)
    details += [size] if size else []
    doubtful = [model for model in checked if not (model.compatibility or {})["importable"]]
    unchecked = len(pipeline.models) - len(checked)
    if unchecked:
        details.append(f"{count_of(unchecked, 'model shape')} not checked")
    if doubtful:
        named = _listed(list(dict.fromkeys(f"the {model.role}" for model in doubtful)))
        details.insert(0, f"Not known to import: {named}; the reasons are below")
        return Answer(question, BAD, "Not as it is", details, anchor)
    if not everywhere:
        return Answer(question, FAIR, "It imports, but no target has every layer", details, anchor)
    status = GOOD if len(everywhere) == len(targets) and fits and not unchecked else FAIR
    return Answer(question, status, f"Yes, on {_listed(everywhere)}", details, anchor)


def size_bytes_of(pipeline: Pipeline) -> int:
    """Bytes of the smallest Lens that works: one shape of each role's model; 0 when nothing was built."""
    smallest: dict[str, int] = {}
    for model in pipeline.models:
        if graph := model.graph("snapml"):
            size = int(graph["size_bytes"])
            smallest[model.role] = min(size, smallest.get(model.role, size))
    return sum(smallest.values())


def size_of(pipeline: Pipeline) -> tuple[str, bool]:
    """A sentence on the size of one shape of each role as Lens Studio stores it, and whether it fits."""
    stored: dict[str, float] = {}
    for model in pipeline.models:
        if model.compatibility:
            size = float(model.compatibility["size"]["stored_megabytes"])
            stored[model.role] = min(size, stored.get(model.role, size))
    if not stored:
        return "", False
    total = sum(stored.values())
    fits = total <= LENS_MEGABYTES
    comparison = "fits into" if fits else "is more than"
    return (
        f"One shape of each model takes about {total:.1f} MB once imported, which {comparison}"
        f" the {LENS_MEGABYTES:g} MB of a Lens",
        fits,
    )


def reading_answer(pipeline: Pipeline) -> Answer:
    """The score of the last stage on each dataset, with the best and the worst categories."""
    question, anchor = "What will it read?", "accuracy"
    if not pipeline.accuracy:
        return Answer(question, UNKNOWN, "Not measured", [], anchor)
    details, verdict, status = [], "", UNKNOWN
    for dataset, document in pipeline.accuracy.items():
        scores = document["stages"][last_stage(document["stages"])]
        value = headline_of(document, scores)
        if not value:
            continue
        sentence = (
            f"{percent(value['value'])} of the lines right"
            if document["kind"] == "end_to_end"
            else f"{percent(value['value'])} of the words right"
        )
        if not verdict:
            verdict = f"{sentence} on {dataset}"
            status = GOOD if value["value"] >= 0.8 else FAIR if value["value"] >= 0.5 else BAD
        details.append(
            f"{dataset}: {score(value['value'])} ({score(value['low'])} to {score(value['high'])})"
        )
        details += _best_and_worst(document, scores)
    return Answer(question, status, verdict or "Not measured", details, anchor)


def _best_and_worst(document: Mapping[str, Any], scores: Mapping[str, Any]) -> list[str]:
    ranked = sorted(
        (
            (value["value"], category.replace("_", " "))
            for category, part in scores.get("by_category", {}).items()
            if (value := headline_of(document, part))
        ),
        reverse=True,
    )
    if len(ranked) < 2:
        return []
    half = min(3, len(ranked) // 2)
    named = [f"{name} {percent(value)}" for value, name in ranked]
    return [f"Best: {', '.join(named[:half])}", f"Worst: {', '.join(named[::-1][:half])}"]


def speed_answer(pipeline: Pipeline) -> Answer:
    """Images a second where that was measured, and the median of each model."""
    question, anchor = "How fast is it?", "latency"
    details = []
    for model in pipeline.models:
        threads = (model.latency or {}).get("threads", [])
        if threads and (numbers := measured(model, "snapml", threads[-1])):
            details.append(
                f"{model.role} {model.shape}: {milliseconds(numbers['median_ms'])},"
                f" {count_of(threads[-1], 'thread')}"
            )
    speeds = (pipeline.speed or {}).get("stages", {})
    if speeds:
        speed = speeds[last_stage(speeds)]
        verdict = f"{significant(speed['images_per_second'])} images a second on this computer"
    elif details:
        verdict = f"{details[0].split(': ')[1]} to find text on this computer"
    else:
        return Answer(question, UNKNOWN, "Not measured", [], anchor)
    details.append("Measured on a computer's CPU; only ratios carry over to phones")
    noisy = any((model.latency or {}).get("noise", {}).get("too_noisy") for model in pipeline.models)
    if noisy:
        details.append("The machine was noisy: read the intervals")
    return Answer(question, FAIR if noisy else GOOD, verdict, details, anchor)


def cost_answer(pipeline: Pipeline) -> Answer:
    """What was lost from Paddle to SnapML: accuracy, numbers, time."""
    question, anchor = "What did the conversion cost?", "parity"
    details: list[str] = []
    lost, same = _accuracy_lost(pipeline, details)
    worst = _largest_differences(pipeline, details)
    for model in pipeline.models:
        details += _time_ratios(model)
    if lost is None and worst is None:
        return Answer(question, UNKNOWN, "Not measured", details, anchor)
    if lost is None:
        return Answer(
            question, FAIR, f"Outputs moved by {significant(worst or 0, 2)} at most", details, anchor
        )
    if same and lost <= 0:
        return Answer(question, GOOD, "No accuracy: every text is the same", details, anchor)
    if lost <= 0:
        return Answer(question, GOOD, "No accuracy", details, anchor)
    return Answer(question, FAIR, f"{significant(100 * lost, 2)} points of accuracy", details, anchor)


def _accuracy_lost(pipeline: Pipeline, details: list[str]) -> tuple[float | None, bool]:
    """The largest loss over datasets and whether all texts stayed the same."""
    losses, same = [], True
    for dataset, document in pipeline.accuracy.items():
        against = document.get("against_baseline", {})
        if not against:
            continue
        stage = last_stage(against)
        agreement = against[stage]
        losses += list(agreement["loss"].values())
        images, equal = agreement["images"], agreement["images_with_same_texts"]
        same &= images == equal
        details.append(f"{dataset}: same text as {document['baseline']} in {equal} of {images} images")
    return (max(losses) if losses else None), same


def _largest_differences(pipeline: Pipeline, details: list[str]) -> float | None:
    found = [
        (stage["against_paddle"]["max_abs"], model)
        for model in pipeline.models
        if (stage := (model.parity or {}).get("stages", {}).get("snapml"))
    ]
    if not found:
        return None
    worst, model = max(found, key=lambda pair: pair[0])
    details.append(f"Largest difference to Paddle: {significant(worst, 2)} ({model.role} {model.shape})")
    return float(worst)


def _time_ratios(model: ModelShape) -> list[str]:
    latency = model.latency or {}
    threads = latency.get("threads", [])
    return [
        f"{model.role} {model.shape}: {times(ratio['ratio'])} the time of {ratio['against']}"
        for ratio in latency.get("ratios", [])
        if ratio["stage"] == "snapml" and ratio["against"] == "simplified" and ratio["threads"] == threads[-1]
    ]


def gates_answer(pipeline: Pipeline) -> Answer:
    """Whether the build stayed within the limits of the configuration."""
    question, anchor = "Is it within the limits set?", "gates"
    gates = (pipeline.gates or {}).get("gates")
    if gates is None:
        return Answer(question, UNKNOWN, "Not checked", [], anchor)
    failed = [gate for gate in gates if not gate["passed"]]
    if failed:
        details = [gate.get("message") or gate["name"] for gate in failed]
        return Answer(
            question, BAD, f"No: {len(failed)} of {count_of(len(gates), 'gate')} failed", details, anchor
        )
    return Answer(question, GOOD, f"Yes, all {count_of(len(gates), 'gate')} passed", [], anchor)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
