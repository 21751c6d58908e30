"""The limits of the configuration and what was found."""

from collections.abc import Sequence

from snapml_ocr.report.build import Pipeline
from snapml_ocr.report.numbers import significant
from snapml_ocr.report.tables.table import Column, Table


def gates_table(pipelines: Sequence[Pipeline]) -> Table:
    """One row per pipeline and gate."""
    columns = (
        Column("pipeline", "Pipeline"),
        Column("name", "Gate"),
        Column("passed", "Verdict", lambda passed: "✓ passed" if passed else "✕ failed"),
        Column("value", "Found", _shown, number=True),
        Column("limit", "Limit", _shown, number=True),
        Column("message", "About"),
    )
    rows = [
        {"pipeline": pipeline.name, **gate}
        for pipeline in pipelines
        for gate in (pipeline.gates or {}).get("gates", [])
    ]
    return Table("gates", "Limits set for the build", columns, rows)


def _shown(value: object) -> str:
    return significant(value, 3) if isinstance(value, int | float) else str(value)
