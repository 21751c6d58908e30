"""What changed between two builds, with a verdict per row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from snapml_ocr.plan.axes import STAGES, TARGETS, target_title
from snapml_ocr.report.accuracy_tables import headline_of
from snapml_ocr.report.build import NOT_MADE, Build, ModelShape, Pipeline
from snapml_ocr.report.compatibility import blocking_layers
from snapml_ocr.report.latency_tables import measured
from snapml_ocr.report.numbers import UNKNOWN, count_of, megabytes, milliseconds, score, significant
from snapml_ocr.report.table import Column, Table

BETTER, WORSE, SAME, CHANGED = "better", "worse", "same", "changed"
NEW, GONE, UNSURE, OTHER_MACHINE = "new", "gone", "within its uncertainty", "other machine, not comparable"

NOTEWORTHY = (WORSE, BETTER, CHANGED, NEW, GONE)


@dataclass(frozen=True)
class Changes:
    """Rows for everything both builds know; `noteworthy` are those that are not the same."""

    summary: str
    table: Table
    noteworthy: Table


def changes_between(old: Build, new: Build) -> Changes:
    """Compare two builds: files, operators, compatibility, parity, accuracy and latency."""
    columns = (
        Column("what", "What"),
        Column("before", "Before"),
        Column("now", "Now"),
        Column("verdict", "Verdict"),
    )
    rows = [_row(what, before, now) for what, before, now in _paired(dict(_facts(old)), dict(_facts(new)))]
    order = {verdict: place for place, verdict in enumerate((*NOTEWORTHY, UNSURE, OTHER_MACHINE, SAME))}
    rows.sort(key=lambda row: (order[row["verdict"]], row["what"]))
    noteworthy = [row for row in rows if row["verdict"] in NOTEWORTHY]
    counts = ", ".join(
        f"{count} {verdict}" for verdict in order if (count := sum(row["verdict"] == verdict for row in rows))
    )
    summary = f"{count_of(len(rows), 'number')} compared: {counts}." if rows else "Nothing to compare."
    unread = [one for one in old.missing if one.reason != NOT_MADE]
    if unread:
        summary += (
            f" {count_of(len(unread), 'file')} of the older build could not be compared:"
            f" {unread[0].path} {unread[0].reason}"
        )
    return Changes(
        summary=summary,
        table=Table("changes", "Every number that both builds know, worst news first", columns, rows),
        noteworthy=Table("changes", "What changed", columns, noteworthy),
    )


@dataclass(frozen=True)
class Fact:
    """A comparable number or text.

    `interval` bounds a measured one; `less_is_better` gives its direction, None has none.

    `where` names the machine of a time; times of different machines are not compared.
    """

    value: Any
    shown: str
    interval: tuple[float, float] | None = None
    less_is_better: bool | None = None
    where: str = ""


def _paired(
    old: Mapping[str, Fact], new: Mapping[str, Fact]
) -> Iterator[tuple[str, Fact | None, Fact | None]]:
    for what in dict.fromkeys([*new, *old]):
        yield what, old.get(what), new.get(what)


def _row(what: str, before: Fact | None, now: Fact | None) -> dict[str, str]:
    return {
        "what": what,
        "before": before.shown if before else UNKNOWN,
        "now": now.shown if now else UNKNOWN,
        "verdict": _verdict(before, now),
    }


def _verdict(before: Fact | None, now: Fact | None) -> str:
    if before is None or now is None:
        return NEW if before is None else GONE
    if before.where != now.where:
        return OTHER_MACHINE
    if before.value == now.value:
        return SAME
    if now.less_is_better is None:
        return CHANGED
    if before.interval and now.interval and _overlap(before.interval, now.interval):
        return UNSURE
    return BETTER if (now.value < before.value) == now.less_is_better else WORSE


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _facts(build: Build) -> Iterator[tuple[str, Fact]]:
    for model in build.models:
        yield from _model_facts(model)
    for pipeline in build.pipelines:
        yield from _pipeline_facts(pipeline)


def _model_facts(model: ModelShape) -> Iterator[tuple[str, Fact]]:
    for stage in STAGES:
        graph = model.graph(stage)
        if graph:
            digest, size = str(graph["sha256"]), int(graph["size_bytes"])
            yield f"{model.key}, {stage}: file", Fact(digest, digest[:12])
            yield f"{model.key}, {stage}: size", Fact(size, megabytes(size), less_is_better=True)
            yield f"{model.key}, {stage}: nodes", Fact(graph["nodes"], str(graph["nodes"]))
        for threads in (model.latency or {}).get("threads", []):
            if numbers := measured(model, stage, threads):
                yield f"{model.key}, {stage}: median, {count_of(threads, 'thread')}", _time(model, numbers)
    for stage, comparisons in (model.parity or {}).get("stages", {}).items():
        difference = comparisons["against_original"]["max_abs"]
        what = f"{model.key}, {stage}: largest difference from the original"
        yield what, Fact(difference, significant(difference, 2), less_is_better=True)
    for target in TARGETS if model.compatibility else ():
        layers = blocking_layers([model], target)
        what = f"{model.key}: layers not available on {target_title(target)}"
        yield what, Fact(tuple(layers), ", ".join(layers) or "none")


def _time(model: ModelShape, numbers: Mapping[str, Any]) -> Fact:
    """A median with the middle half of its runs as its uncertainty; on a busy machine with all of them."""
    latency = model.latency or {}
    machine = latency["machine"]
    ends = ("fastest_ms", "slowest_ms") if latency["noise"]["too_noisy"] else ("p25_ms", "p75_ms")
    return Fact(
        numbers["median_ms"],
        milliseconds(numbers["median_ms"]),
        interval=(numbers[ends[0]], numbers[ends[1]]),
        less_is_better=True,
        where=f"{machine['processor']}, {machine['cores']}",
    )


def _pipeline_facts(pipeline: Pipeline) -> Iterator[tuple[str, Fact]]:
    for dataset, document in pipeline.accuracy.items():
        for stage, scores in document["stages"].items():
            if value := headline_of(document, scores):
                yield (
                    f"{pipeline.name}, {stage}: accuracy on {dataset}",
                    Fact(
                        value["value"],
                        score(value["value"]),
                        interval=(value["low"], value["high"]),
                        less_is_better=False,
                    ),
                )
