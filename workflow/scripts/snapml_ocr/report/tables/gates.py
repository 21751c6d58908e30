"""The limits of the configuration and what was measured."""

from collections.abc import Sequence

from snapml_ocr.report.build import Pipeline
from snapml_ocr.report.numbers import significant
from snapml_ocr.report.tables.table import Column, Row, Table


def gates_table(pipelines: Sequence[Pipeline], *, failed_only: bool = False) -> Table:
    """One row per pipeline and limit, failed ones first."""
    columns = (
        Column("pipeline", "Pipeline"),
        Column("gate", "Limit on", _words),
        Column("subject", "Of"),
        Column("stage", "Stage"),
        Column("measure", "Measure", _words),
        Column("measured", "Measured", significant, number=True),
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


def _words(name: str) -> str:
    return name.replace("_", " ")
