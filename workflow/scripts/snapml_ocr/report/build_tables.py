"""Tables of the build as a whole: limits, steps that failed, tools and machines."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from snapml_ocr.report.build import Build, Pipeline
from snapml_ocr.report.conversion_tables import STAGE
from snapml_ocr.report.numbers import megabytes, significant
from snapml_ocr.report.table import Column, Row, Table, number, words

MAX_REASON = 400
"""Characters of a log that are shown."""

SHOWN_PACKAGES = {
    *("numpy", "onnx", "onnx-ir", "onnxruntime", "onnxscript", "onnxsim", "opencv-python-headless"),
    *("paddle2onnx", "paddlepaddle", "pyclipper", "rapidfuzz", "shapely", "snakemake"),
}
"""Packages that can change a model or a number."""


def gates_table(pipelines: Sequence[Pipeline], *, failed_only: bool = False) -> Table:
    """One row per pipeline and limit, failed ones first."""
    columns = (
        Column("pipeline", "Pipeline"),
        words("gate", "Limit on"),
        Column("subject", "Of"),
        STAGE,
        words("measure", "Measure"),
        number("measured", "Measured", significant),
        Column("allowed", "Allowed"),
        Column("passed", "Verdict", lambda passed: "✓ kept" if passed else "✕ not kept"),
    )
    rows: list[Row] = [
        {**check, "pipeline": pipeline.name, "allowed": f"{check['rule']} {significant(check['limit'])}"}
        for pipeline in pipelines
        for check in (pipeline.gates or {}).get("checks", [])
        if not (failed_only and check["passed"])
    ]
    rows.sort(key=lambda row: bool(row["passed"]))
    return Table("gates", "Limits set for the build", columns, rows)


def failures_table(steps: Sequence[Mapping[str, Any]]) -> Table:
    """A row per failed step; `steps` have `step`, `subject` and `log`, the path of its log file."""
    columns = (
        Column("subject", "Model or pipeline"),
        Column("step", "Failed step"),
        Column("reason", "End of its log"),
        Column("log", "Log"),
    )
    rows = [{**step, "reason": end_of(Path(step["log"]))} for step in steps]
    return Table("failures", "Steps that failed", columns, rows)


def end_of(log: Path) -> str | None:
    """The last line of a log that says something, or the error it ends with; None when it is empty."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    lines = [line.strip() for line in lines if line.strip()]
    start = max((place for place, line in enumerate(lines) if line.startswith("error: ")), default=-1)
    reason = " ".join(lines[start:]) or None
    return reason if reason is None or len(reason) <= MAX_REASON else f"{reason[:MAX_REASON]} …"


def machines_table(build: Build) -> Table:
    """One row per machine that timed something."""
    columns = (
        Column("processor", "Processor"),
        number("cores", "Cores"),
        number("memory_bytes", "Memory", megabytes),
        Column("system", "System"),
        Column("python", "Python"),
        Column("packages", "Packages"),
    )
    rows: list[Row] = []
    documents = [model.latency for model in build.models] + [pipeline.speed for pipeline in build.pipelines]
    for machine in (document["machine"] for document in documents if document):
        packages = ", ".join(f"{name} {version}" for name, version in sorted(machine["packages"].items()))
        row = {**machine, "packages": packages}
        if row not in rows:
            rows.append(row)
    return Table("machines", "Machines that timed the models", columns, rows)


def versions_table(locks: Sequence[Path]) -> Table:
    """One row per package of `SHOWN_PACKAGES` and locked environment; `locks` are requirements files."""
    columns = (
        Column("environment", "Environment"),
        Column("package", "Package"),
        Column("version", "Version"),
    )
    pin = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
    rows = [
        {"environment": lock.stem, "package": package, "version": version}
        for lock in locks
        for package, version in sorted(pin.findall(lock.read_text(encoding="utf-8")))
        if package in SHOWN_PACKAGES
    ]
    return Table("versions", "Locked versions of what makes and runs the models", columns, rows)
