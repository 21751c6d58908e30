"""Tables of the model files: what they hold at each stage, and where they came from."""

from collections.abc import Iterator

from snapml_ocr.report.build import STAGES, Build, ModelShape
from snapml_ocr.report.numbers import megabytes, millions
from snapml_ocr.report.tables.table import Column, Row, Table

MODEL_COLUMNS = (
    Column("model", "Model"),
    Column("shape", "Input"),
    Column("stage", "Stage"),
)


def models_table(build: Build) -> Table:
    """One row per ONNX file."""
    columns = (
        *MODEL_COLUMNS,
        Column("size_bytes", "Size", megabytes, number=True),
        Column("parameters", "Parameters", millions, number=True),
        Column("macs", "Multiply-adds", millions, number=True),
        Column("nodes", "Nodes", str, number=True),
        Column("opset", "Opset", str, number=True),
        Column("sha256", "SHA-256", lambda digest: digest[:12]),
    )
    keys = ("size_bytes", "parameters", "macs", "nodes", "opset", "sha256")
    rows = [
        {"model": model.model, "shape": model.shape, "stage": stage, **{key: graph.get(key) for key in keys}}
        for model in build.models
        for stage in STAGES
        if (graph := model.graph(stage))
    ]
    return Table("models", "Model files by stage", columns, rows)


def operators_table(build: Build) -> Table:
    """One row per model, stage and operator type: how many nodes."""
    columns = (*MODEL_COLUMNS, Column("operator", "Operator"), Column("count", "Nodes", str, number=True))
    return Table("operators", "Operators by stage", columns, list(_operator_rows(build.models)))


def _operator_rows(models: list[ModelShape]) -> Iterator[Row]:
    for model in models:
        for stage in STAGES:
            for operator, count in ((model.graph(stage) or {}).get("operators") or {}).items():
                yield {
                    "model": model.model,
                    "shape": model.shape,
                    "stage": stage,
                    "operator": operator,
                    "count": count,
                }


def operators_by_stage(model: ModelShape) -> Table:
    """Operators of one model as rows, its stages as columns; an operator that a stage lacks counts 0."""
    graphs = {stage: graph for stage in STAGES if (graph := model.graph(stage))}
    names = sorted({name for graph in graphs.values() for name in graph["operators"]})
    columns = [Column("operator", "Operator")]
    columns += [Column(stage, stage, str, number=True) for stage in graphs]
    rows = [
        {"operator": name, **{stage: graph["operators"].get(name, 0) for stage, graph in graphs.items()}}
        for name in names
    ]
    return Table("operators", f"Operators of {model.key}", columns, rows)
