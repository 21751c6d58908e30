"""How far the outputs of the stages are apart."""

from collections.abc import Iterator

from snapml_ocr.report.build import STAGES, Build, ModelShape
from snapml_ocr.report.numbers import percent, significant
from snapml_ocr.report.tables.models import MODEL_COLUMNS
from snapml_ocr.report.tables.table import Column, Row, Table

_NUMBERS = ("max_abs", "mean_abs", "psnr_db", "cosine", "argmax_equal", "equal_decoded")


def parity_table(build: Build) -> Table:
    """One row per model, stage and the stage it is compared with, on real input tensors."""
    columns = (
        *MODEL_COLUMNS,
        Column("against", "Against"),
        Column("max_abs", "Largest difference", _small, number=True),
        Column("mean_abs", "Mean difference", _small, number=True),
        Column("psnr_db", "PSNR, dB", lambda value: f"{value:.0f}", number=True),
        Column("cosine", "Cosine", lambda value: f"{value:.6f}", number=True),
        Column("argmax_equal", "Same decision", _share, number=True),
        Column("equal_decoded", "Same text or boxes", _share, number=True),
        Column("samples", "Inputs", str, number=True),
    )
    rows = [row for model in build.models for row in _rows(model)]
    return Table("parity", "Outputs of each stage on the same real inputs", columns, rows)


def key_parity(build: Build) -> Table:
    """Every stage against Paddle, in the columns that decide."""
    table = parity_table(build)
    shown = ("model", "shape", "stage", "max_abs", "argmax_equal", "equal_decoded", "samples")
    columns = [column for column in table.columns if column.key in shown]
    rows = [row for row in table.rows if row["against"] == STAGES[0]]
    return Table(table.name, "Outputs of each stage against Paddle", columns, rows)


def _rows(model: ModelShape) -> Iterator[Row]:
    parity = model.parity or {}
    stages = parity.get("stages", {})
    for stage in (*STAGES, *(name for name in stages if name not in STAGES)):
        for comparison in stages.get(stage, {}).values():
            yield {
                "model": model.model,
                "shape": model.shape,
                "stage": stage,
                "against": comparison["reference"],
                **{key: comparison.get(key) for key in _NUMBERS},
                "samples": parity.get("samples"),
            }


def _small(value: float) -> str:
    return significant(value, 2)


def _share(value: float) -> str:
    """A share near 1 with all the digits that keep it from being 1."""
    return "100%" if value == 1 else percent(value) if value < 0.995 else f"{value:.3%}"
