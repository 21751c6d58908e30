"""What half precision, in which Lens Studio stores weights, does to each model."""

from snapml_ocr.report.build import Build
from snapml_ocr.report.numbers import percent, score, significant
from snapml_ocr.report.tables.table import Column, Row, Table

PREFERRED = ("alphanumeric",)
"""The score shown where a model has several."""


def half_table(build: Build) -> Table:
    """One row per model and rounded variant."""
    columns = (
        Column("model", "Model"),
        Column("shape", "Input"),
        Column("variant", "Rounded to float16", lambda name: name.replace("_", " ")),
        Column("max_abs", "Largest difference", lambda value: significant(value, 2), number=True),
        Column("equal_decoded", "Same text or boxes", percent, number=True),
        Column("measure", "Score", lambda name: name.replace("_", " ")),
        Column("float32", "float32", score, number=True),
        Column("float16", "float16", score, number=True),
        Column("share_of_limit", "Peak, of the limit", percent, number=True),
    )
    rows: list[Row] = []
    for model in build.models:
        document = model.half or {}
        for variant, found in document.get("variants", {}).items():
            exact = document.get("accuracy", {}).get("float32", {})
            measure = next((name for name in PREFERRED if name in exact), next(iter(exact), None))
            rows.append(
                {
                    "model": model.model,
                    "shape": model.shape,
                    "variant": variant,
                    "max_abs": found["max_abs"],
                    "equal_decoded": found["equal_decoded"],
                    "measure": measure,
                    "float32": exact.get(measure) if measure else None,
                    "float16": found.get("accuracy", {}).get(measure) if measure else None,
                    "share_of_limit": document["share_of_limit"],
                }
            )
    return Table("half_precision", "What half precision would do", columns, rows)
