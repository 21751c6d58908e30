"""Latency by model, stage and thread count, ratios between stages, time by operator, speed end to end."""

from collections.abc import Mapping
from typing import Any

from snapml_ocr.plan.axes import SHIPPED
from snapml_ocr.report.build import Build, ModelShape
from snapml_ocr.report.conversion_tables import AGAINST, OF_STAGE, STAGE, named
from snapml_ocr.report.numbers import megabytes, milliseconds, percent, significant, times
from snapml_ocr.report.table import Column, Table, number


def latency_table(build: Build) -> Table:
    """One row per model, shape, stage and thread count."""
    columns = (
        *OF_STAGE,
        number("threads", "Threads"),
        number("median_ms", "Median", milliseconds),
        number("p25_ms", "p25", milliseconds),
        number("p75_ms", "p75", milliseconds),
        number("p90_ms", "p90", milliseconds),
        number("p99_ms", "p99", milliseconds),
        number("relative_spread", "Spread", percent),
        number("runs", "Runs"),
        number("load_ms", "Load", milliseconds),
        number("peak_memory_bytes", "Peak memory", megabytes),
        number("gmacs_per_second", "GMAC/s", significant),
        number("share_of_peak", "Of peak", percent),
        number("limit_ms", "At peak", milliseconds),
        Column("error", "Error"),
    )
    rows = [
        {
            **named(model, stage),
            "threads": int(threads),
            **{column.key: numbers.get(column.key) for column in columns[4:]},
        }
        for model in build.models
        for stage, entry in (model.latency or {}).get("stages", {}).items()
        for threads, numbers in entry["by_threads"].items()
    ]
    return Table("latency", "Latency on this machine's CPU", columns, rows)


def ratio_table(build: Build) -> Table:
    """One row per pair of stages: how many times as long the later one takes."""
    columns = (
        *OF_STAGE,
        AGAINST,
        number("threads", "Threads"),
        number("ratio", "Takes", times),
        number("low", "95% from", times),
        number("high", "to", times),
        number("rounds", "Rounds"),
        Column("conclusive", "Verdict", lambda sure: "different" if sure else "no difference shown"),
    )
    rows = [
        {**named(model), **ratio}
        for model in build.models
        for ratio in (model.latency or {}).get("ratios", [])
    ]
    return Table("latency_ratios", "Stage against stage, measured side by side", columns, rows)


def operator_time_table(build: Build) -> Table:
    """One row per model, stage and operator type that ONNX Runtime executed."""
    columns = (
        *OF_STAGE,
        Column("operator", "Operator"),
        number("nodes", "Nodes"),
        number("median_ms", "Time", milliseconds),
        number("share", "Share", percent),
    )
    rows = [
        {
            **named(model, stage),
            **entry,
            "share": entry["median_ms"] / profile["sum_ms"] if profile["sum_ms"] else None,
        }
        for model in build.models
        for stage, profile in (model.latency or {}).get("operators", {}).items()
        for entry in profile["by_operator"]
    ]
    return Table("operator_times", "Time by operator type", columns, rows)


def operator_sum_table(build: Build) -> Table:
    """One row per profiled model and stage: whether operator times add up to the latency measured beside."""
    columns = (
        *OF_STAGE,
        number("threads", "Threads"),
        number("sum_ms", "Sum of operators", milliseconds),
        number("latency_ms", "Latency", milliseconds),
        number("coverage", "Sum of latency", percent),
        number("runs", "Runs"),
    )
    rows = [
        {**named(model, stage), **profile}
        for model in build.models
        for stage, profile in (model.latency or {}).get("operators", {}).items()
    ]
    return Table("operator_sums", "Operator times added up", columns, rows)


def key_ratios(build: Build) -> Table:
    """The ratios people ask for: SnapML against simplified and against the original, on the most threads."""
    table = ratio_table(build)
    most = {(row["model"], row["shape"]): row["threads"] for row in table.rows}
    rows = [
        row
        for row in table.rows
        if row["stage"] == SHIPPED and row["threads"] == most[row["model"], row["shape"]]
    ]
    return Table(table.name, "SnapML models against earlier stages", table.columns, rows)


def speed_table(build: Build) -> Table:
    """One row per pipeline and stage of models: images per second and where the time goes."""
    columns = (
        Column("pipeline", "Pipeline"),
        STAGE,
        number("images_per_second", "Images/s", significant),
        number("median_ms", "Median per image", milliseconds),
        number("p90_ms", "p90", milliseconds),
        Column("step", "Step"),
        number("step_ms", "Step time", milliseconds),
        number("share", "Share", percent),
    )
    rows = [
        {
            **{column.key: speed.get(column.key) for column in columns},
            "pipeline": pipeline.name,
            "stage": stage,
            "step": step,
            "step_ms": time["mean_ms"],
            "share": time["share"],
        }
        for pipeline in build.pipelines
        for stage, speed in (pipeline.speed or {}).get("stages", {}).items()
        for step, time in speed["steps"].items()
    ]
    return Table("speed", "Speed end to end", columns, rows)


def speed_steps_table(build: Build) -> Table:
    """Where the time of one image goes with the shipped models: a row per pipeline and step."""
    table = speed_table(build)
    last = {row["pipeline"]: row["stage"] for row in table.rows}
    rows = [row for row in table.rows if row["stage"] == last[row["pipeline"]]]
    shown = Table(table.name, "Steps of one image", table.columns, rows)
    return shown.without("stage", "median_ms", "p90_ms")


def measured(model: ModelShape, stage: str, threads: int) -> Mapping[str, Any] | None:
    """The numbers of one stage and thread count; None when it was not measured or failed."""
    entry = (model.latency or {}).get("stages", {}).get(stage, {})
    numbers: Mapping[str, Any] = entry.get("by_threads", {}).get(str(threads), {})
    return numbers if "median_ms" in numbers else None
