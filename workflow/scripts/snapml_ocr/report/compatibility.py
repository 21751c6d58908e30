"""What the layer check says, as a matrix of layers and targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from snapml_ocr.report.build import Build, ModelShape
from snapml_ocr.report.tables.table import Column, Row, Table

TARGET_TITLES = {
    "cpu": "CPU",
    "iphone_gpu": "iPhone GPU",
    "iphone_npu": "iPhone NPU",
    "android_gpu": "Android GPU",
}
AVAILABLE, NOT_AVAILABLE, UNDOCUMENTED = "available", "not available", "undocumented"
_SYMBOLS = {AVAILABLE: "✓ yes", NOT_AVAILABLE: "✕ no", UNDOCUMENTED: "? unknown"}
_STATUSES = {AVAILABLE: "good", NOT_AVAILABLE: "bad", UNDOCUMENTED: "unknown"}
_WORST_FIRST = ("bad", "unknown", "good")


@dataclass(frozen=True)
class LayerKind:
    """All nodes of a model that belong to one layer of Snap's table and have the same verdict."""

    layer: str
    operator: str
    nodes: int
    status: Mapping[str, str]
    reasons: Sequence[str]


@dataclass(frozen=True)
class Cell:
    """A layer on a target: how it is marked and what it says."""

    status: str
    text: str


@dataclass(frozen=True)
class LayerRow:
    """A kind of layer with a cell per target."""

    name: str
    nodes: int
    cells: Sequence[Cell]
    reasons: Sequence[str]


def layer_kinds(model: ModelShape) -> list[LayerKind]:
    """The layers of one model, equal ones counted; empty when it was not checked."""
    groups: dict[tuple[Any, ...], int] = {}
    for layer in (model.compatibility or {}).get("layers", []):
        reasons = dict.fromkeys(
            f"{finding['says']} ({finding['evidence'].replace('_', ' ')})" for finding in layer["findings"]
        )
        name = layer["layer"] or f"{layer['operator']} (not in the table)"
        key = (name, layer["operator"], tuple(layer["status"].items()), tuple(reasons))
        groups[key] = groups.get(key, 0) + 1
    return [
        LayerKind(layer, operator, nodes, dict(status), reasons)
        for (layer, operator, status, reasons), nodes in groups.items()
    ]


def blocking_layers(models: Sequence[ModelShape], target: str, status: str = NOT_AVAILABLE) -> list[str]:
    """The layers of `models` that have `status` on `target`, each once."""
    return sorted(
        {kind.layer for model in models for kind in layer_kinds(model) if kind.status.get(target) == status}
    )


def layer_matrix(model: ModelShape, targets: Sequence[str]) -> list[LayerRow]:
    """The layers of a model, those that are missing somewhere first."""
    rows = [
        LayerRow(
            name=kind.layer if kind.operator in kind.layer else f"{kind.layer} ({kind.operator})",
            nodes=kind.nodes,
            cells=[_cell(kind.status.get(target, UNDOCUMENTED)) for target in targets],
            reasons=kind.reasons,
        )
        for kind in layer_kinds(model)
    ]
    return sorted(
        rows,
        key=lambda row: (min(_WORST_FIRST.index(cell.status) for cell in row.cells), row.name, row.reasons),
    )


def compatibility_table(build: Build) -> Table:
    """One row per model, layer and target."""
    columns = (
        Column("model", "Model"),
        Column("shape", "Input"),
        Column("layer", "Layer"),
        Column("operator", "Operator"),
        Column("nodes", "Nodes", str, number=True),
        Column("target", "Target", lambda target: TARGET_TITLES.get(target, target)),
        Column("verdict", "Verdict"),
        Column("reasons", "Reasons"),
    )
    rows: list[Row] = [
        {
            "model": model.model,
            "shape": model.shape,
            "layer": kind.layer,
            "operator": kind.operator,
            "nodes": kind.nodes,
            "target": target,
            "verdict": verdict,
            "reasons": "; ".join(kind.reasons),
        }
        for model in build.models
        for kind in layer_kinds(model)
        for target, verdict in kind.status.items()
    ]
    return Table("compatibility", "Layers by target", columns, rows)


def _cell(verdict: str) -> Cell:
    return Cell(_STATUSES.get(verdict, "unknown"), _SYMBOLS.get(verdict, verdict))
