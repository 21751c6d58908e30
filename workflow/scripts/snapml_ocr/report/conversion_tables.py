"""Tables of the model files: what they hold, what the rules changed, how far outputs are apart."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from snapml_ocr.plan.axes import STAGES, stage_title
from snapml_ocr.report.build import Build, ModelShape
from snapml_ocr.report.numbers import megabytes, millions, percent, score, significant
from snapml_ocr.report.table import Column, Row, Table, number, words

OF_INPUT = (Column("model", "Model"), Column("shape", "Input"))
STAGE = Column("stage", "Stage", stage_title)
AGAINST = Column("against", "Against", stage_title)
OF_STAGE = (*OF_INPUT, STAGE)

PREFERRED_SCORE = "alphanumeric"
"""Shown where a model has several."""


def models_table(build: Build) -> Table:
    """One row per ONNX file."""
    columns = (
        *OF_STAGE,
        number("size_bytes", "Size", megabytes),
        number("parameters", "Parameters", millions),
        number("macs", "Multiply-adds", millions),
        number("nodes", "Nodes"),
        number("opset", "Opset"),
        Column("sha256", "SHA-256", lambda digest: digest[:12]),
    )
    rows = [
        {**named(model, stage), **{key: graph.get(key) for key in (column.key for column in columns[3:])}}
        for model, stage, graph in _graphs(build.models)
    ]
    return Table("models", "Model files by stage", columns, rows)


def operators_table(build: Build) -> Table:
    """One row per model, stage and operator type: how many nodes."""
    columns = (*OF_STAGE, Column("operator", "Operator"), number("count", "Nodes"))
    rows = [
        {**named(model, stage), "operator": operator, "count": count}
        for model, stage, graph in _graphs(build.models)
        for operator, count in (graph.get("operators") or {}).items()
    ]
    return Table("operators", "Operators by stage", columns, rows)


def operators_by_stage(model: ModelShape) -> Table:
    """Operators of one model as rows, its stages as columns; an operator that a stage lacks counts 0."""
    counts = {stage: graph["operators"] for _, stage, graph in _graphs([model])}
    columns = [Column("operator", "Operator"), *(number(stage, stage) for stage in counts)]
    rows = [
        {"operator": name, **{stage: operators.get(name, 0) for stage, operators in counts.items()}}
        for name in sorted({name for operators in counts.values() for name in operators})
    ]
    return Table("operators", f"Operators of {model.key}", columns, rows)


def fixes_table(build: Build) -> Table:
    """One row per model and rule that changed something."""
    columns = (
        *OF_INPUT,
        words("rule", "Rule"),
        number("times", "Times"),
        Column("before", "Before"),
        Column("after", "After"),
    )
    rows = _tallied(build, "changes", "times", "rule", "before", "after")
    return Table("fixes", "What the SnapML rules changed", columns, rows)


def fix_counts_table(build: Build) -> Table:
    """One row per rule, one column per model (at its first shape): how often the rule changed something."""
    counts: dict[str, Counter[str]] = {}
    for model in build.models:
        if model.fixes and model.model not in counts:
            counts[model.model] = Counter(change["rule"] for change in model.fixes["changes"])
    columns = [words("rule", "Rule"), *(number(name, name) for name in counts)]
    rows = [
        {"rule": rule, **{name: found[rule] for name, found in counts.items()}}
        for rule in sorted({rule for found in counts.values() for rule in found})
    ]
    return Table("fix_counts", "How often each SnapML rule changed something", columns, rows)


def refusals_table(build: Build) -> Table:
    """One row per model, rule and reason why nodes were left alone."""
    columns = (
        *OF_INPUT,
        words("rule", "Rule"),
        Column("operator", "Operator"),
        number("nodes", "Nodes"),
        Column("reason", "Reason"),
    )
    rows = _tallied(build, "refusals", "nodes", "rule", "operator", "reason")
    return Table("refusals", "Nodes that the rules left as they are", columns, rows)


def parity_table(build: Build) -> Table:
    """One row per model, stage and the stage it is compared with, on real input tensors."""
    columns = (
        *OF_STAGE,
        AGAINST,
        number("max_abs", "Largest difference", _small),
        number("mean_abs", "Mean difference", _small),
        number("psnr_db", "PSNR, dB", lambda value: f"{value:.0f}"),
        number("cosine", "Cosine", lambda value: f"{value:.6f}"),
        number("argmax_equal", "Same decision", _share),
        number("equal_decoded", "Same text or boxes", _share),
        number("samples", "Inputs"),
    )
    rows = [
        {
            **named(model, stage),
            "against": comparison["reference"],
            **{column.key: comparison.get(column.key) for column in columns[4:-1]},
            "samples": (model.parity or {}).get("samples"),
        }
        for model in build.models
        for stage, comparisons in (model.parity or {}).get("stages", {}).items()
        for comparison in comparisons.values()
    ]
    return Table("parity", "Outputs of each stage on the same real inputs", columns, rows)


def key_parity(build: Build) -> Table:
    """Every stage against the original, in the columns that decide."""
    table = parity_table(build)
    rows = [row for row in table.rows if STAGES[row["against"]].original]
    shown = Table(table.name, "Outputs of each stage against the original", table.columns, rows)
    return shown.without("against", "mean_abs", "psnr_db", "cosine")


def float16_table(build: Build) -> Table:
    """What float16, in which Lens Studio stores weights, does to each model: a row per rounded variant."""
    columns = (
        *OF_INPUT,
        words("variant", "Rounded to float16"),
        number("max_abs", "Largest difference", _small),
        number("equal_decoded", "Same text or boxes", percent),
        words("measure", "Score"),
        number("float32", "float32", score),
        number("float16", "float16", score),
        number("share_of_limit", "Peak, of the limit", percent),
    )
    rows: list[Row] = []
    for model in build.models:
        document = model.float16 or {}
        exact = document.get("accuracy", {}).get("float32", {})
        measure = PREFERRED_SCORE if PREFERRED_SCORE in exact else next(iter(exact), "")
        for variant, found in document.get("variants", {}).items():
            rows.append(
                {
                    **named(model),
                    "variant": variant,
                    "max_abs": found["max_abs"],
                    "equal_decoded": found["equal_decoded"],
                    "measure": measure or None,
                    "float32": exact.get(measure),
                    "float16": found.get("accuracy", {}).get(measure),
                    "share_of_limit": document["share_of_limit"],
                }
            )
    return Table("float16", "What rounding to float16 does", columns, rows)


def named(model: ModelShape, stage: str | None = None) -> dict[str, str]:
    """The cells of `OF_INPUT`, or of `OF_STAGE`."""
    return {"model": model.model, "shape": model.shape, **({"stage": stage} if stage else {})}


def _tallied(build: Build, what: str, count: str, *keys: str) -> list[Row]:
    """A row per model and entry of its fixes with the same values of `keys`, and how many there are."""
    rows: list[Row] = []
    for model in build.models:
        entries = (model.fixes or {}).get(what, [])
        values = (tuple(_cell(entry[key]) for key in keys) for entry in entries)
        for cells, times in Counter(values).items():
            rows.append({**named(model), **dict(zip(keys, cells, strict=True)), count: times})
    return rows


def _graphs(models: Sequence[ModelShape]) -> Iterator[tuple[ModelShape, str, Mapping[str, Any]]]:
    for model in models:
        for stage in STAGES:
            if graph := model.graph(stage):
                yield model, stage, graph


def _cell(value: str | list[str]) -> str:
    """A text as it is; of operators `Mul, Add, Clip`, those that repeat counted."""
    if isinstance(value, str):
        return value
    return ", ".join(f"{count} {name}" if count > 1 else name for name, count in Counter(value).items())


def _small(value: float) -> str:
    return significant(value, 2)


def _share(value: float) -> str:
    """A share near 1 with all the digits that keep it from being 1."""
    return "100%" if value == 1 else percent(value) if value < 0.995 else f"{value:.3%}"
