"""Steps of a build that failed, for a report of what there is."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from snapml_ocr.report.tables.table import Column, Table

MAX_REASON = 400
"""Characters of a log that are shown."""

COLUMNS = (
    Column("subject", "Model or pipeline"),
    Column("step", "Failed step"),
    Column("reason", "End of its log"),
    Column("log", "Log"),
)


def failures_table(steps: Sequence[Mapping[str, Any]]) -> Table:
    """A row per failed step; `steps` have `step`, `subject` and `log`, the path of its log file."""
    rows = [{**step, "reason": end_of(Path(step["log"]))} for step in steps]
    return Table("failures", "Steps that failed", COLUMNS, rows)


def end_of(log: Path) -> str | None:
    """The last line of a log that says something, or the error it ends with; None when it is empty."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    lines = [line.strip() for line in lines if line.strip()]
    start = max((place for place, line in enumerate(lines) if line.startswith("error: ")), default=-1)
    said = " ".join(lines[start:]) or None
    return said if said is None or len(said) <= MAX_REASON else f"{said[:MAX_REASON]} …"
