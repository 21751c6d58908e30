"""What the layer check says, as a matrix of layers and targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from snapml_ocr.plan.axes import target_title
from snapml_ocr.report.build import Build, ModelShape
from snapml_ocr.report.conversion_tables import OF_INPUT, named
from snapml_ocr.report.table import Column, Row, Table, number

AVAILABLE, NOT_AVAILABLE, UNDOCUMENTED = "available", "not available", "undocumented"
_SYMBOLS = {AVAILABLE: ("✓", "yes"), NOT_AVAILABLE: ("✕", "no"), UNDOCUMENTED: ("?", "unknown")}
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
    """A layer on a target: how it is marked, with a symbol and a word."""

    status: str
    symbol: str
    word: str


@dataclass(frozen=True)
class LayerRow:
    """A kind of layer with a cell per target."""

    name: str
    nodes: int
    cells: Sequence[Cell]
    reasons: Sequence[str]


@dataclass(frozen=True)
class Matrix:
    """The layers of one model by target; `shapes` are those that share it.

    `rows` are layers that are missing or unknown somewhere or have a remark, `fine` names the others.
    """

    model: str
    shapes: Sequence[str]
    doubts: Sequence[str]
    rows: Sequence[LayerRow]
    fine: Sequence[str]


def layer_kinds(model: ModelShape) -> list[LayerKind]:
    """The layers of one model, equal ones counted; empty when it was not checked."""
    groups: dict[tuple[Any, ...], int] = {}
    for layer in (model.compatibility or {}).get("layers", []):
        reasons = dict.fromkeys(
            f"{finding['requirement']} ({_ground(finding['evidence'])})" for finding in layer["findings"]
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


def matrices(models: Sequence[ModelShape], targets: Sequence[str]) -> list[Matrix]:
    """A matrix per model; shapes whose layers agree share one."""
    found: dict[tuple[Any, ...], Matrix] = {}
    for model in models:
        matrix = _matrix(model, targets)
        key = (matrix.model, tuple(map(repr, matrix.rows)), tuple(matrix.fine), tuple(matrix.doubts))
        shapes = [*found[key].shapes, model.shape] if key in found else [model.shape]
        found[key] = replace(matrix, shapes=shapes)
    return list(found.values())


def _matrix(model: ModelShape, targets: Sequence[str]) -> Matrix:
    rows, fine = [], []
    for kind in layer_kinds(model):
        name = kind.layer if kind.operator in kind.layer else f"{kind.layer} ({kind.operator})"
        statuses = [kind.status.get(target, UNDOCUMENTED) for target in targets]
        # The cells say on which targets a layer is missing: a reason that says only that is left out.
        reasons = [reason for reason in kind.reasons if not reason.startswith("not available on")]
        if set(statuses) == {AVAILABLE} and not reasons:
            fine.append(f"{kind.nodes} {name}")
        else:
            rows.append(LayerRow(name, kind.nodes, [_cell(status) for status in statuses], reasons))
    rows.sort(key=lambda row: (min(_WORST_FIRST.index(cell.status) for cell in row.cells), row.name))
    doubts = (model.compatibility or {}).get("import_reasons", [])
    return Matrix(model.model, [model.shape], doubts, rows, sorted(fine, key=lambda name: name.split()[1:]))


def compatibility_table(build: Build) -> Table:
    """One row per model, layer and target."""
    columns = (
        *OF_INPUT,
        Column("layer", "Layer"),
        Column("operator", "Operator"),
        number("nodes", "Nodes"),
        Column("target", "Target", target_title),
        Column("verdict", "Verdict"),
        Column("reasons", "Reasons"),
    )
    rows: list[Row] = [
        {
            **named(model),
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
    return Cell(_STATUSES.get(verdict, "unknown"), *_SYMBOLS.get(verdict, ("?", verdict)))


def _ground(evidence: str) -> str:
    """On what ground a statement of the layer table stands."""
    return {
        "documented_snap_code": "seen in code by Snap",
        "inferred_snap_code": "inferred from code by Snap",
        "third_party": "a third party says so",
    }.get(evidence, evidence.replace("_", " "))
