"""The layer table: what SnapML is known to have, where it runs, and on what evidence."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from snapml_ocr.snapml.options import TARGETS

TABLE = Path(__file__).with_name("layers.yaml")


@dataclass(frozen=True)
class Constraint:
    """What a layer asks for, and what follows (`otherwise`) on `targets` where it is not met."""

    check: str
    says: str
    otherwise: str
    targets: tuple[str, ...]
    evidence: str
    source: tuple[str, ...]
    cure: str | None


@dataclass(frozen=True)
class Row:
    """One layer: the operators that become it, when it is this one of several, and where it runs."""

    layer: str
    operators: tuple[str, ...]
    when: str | None
    available: tuple[str, ...]
    evidence: str
    source: tuple[str, ...]
    constraints: tuple[Constraint, ...]
    cure: str | None


@dataclass(frozen=True)
class OtherOperator:
    """An operator outside the table about which something is known."""

    operator: str
    refused: bool
    says: str
    evidence: str
    source: tuple[str, ...]
    cure: str | None


@dataclass(frozen=True)
class Limit:
    """A number the documentation or a report names, with its ground."""

    value: Any
    says: str
    evidence: str
    source: tuple[str, ...]


@dataclass(frozen=True)
class Message:
    """A message of Lens Studio: the constraint that foresees it, its cause and its cure."""

    message: str
    check: str
    cause: str
    cure: str
    evidence: str
    source: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Everything in layers.yaml."""

    sources: dict[str, dict[str, str]]
    limits: dict[str, Limit]
    every_layer: tuple[Constraint, ...]
    rows: tuple[Row, ...]
    others: dict[str, OtherOperator]
    messages: tuple[Message, ...]

    def rows_of(self, operator: str) -> tuple[Row, ...]:
        """Return the rows an ONNX operator can become, in the table's order."""
        return tuple(row for row in self.rows if operator in row.operators)


@cache
def layer_table() -> Table:
    """Read the table that ships with this module."""
    document = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return Table(
        sources=document["sources"],
        limits={
            name: Limit(entry["value"], entry["says"], entry["evidence"], tuple(entry["source"]))
            for name, entry in document["limits"].items()
        },
        every_layer=tuple(_constraint(entry) for entry in document["every_layer"]),
        rows=tuple(_row(entry) for entry in document["layers"]),
        others={
            entry["operator"]: OtherOperator(
                entry["operator"],
                entry["refused"],
                entry["says"],
                entry["evidence"],
                tuple(entry["source"]),
                entry.get("cure"),
            )
            for entry in document["other_operators"]
        },
        messages=tuple(
            Message(
                entry["message"],
                entry["check"],
                entry["cause"],
                entry["cure"],
                entry["evidence"],
                tuple(entry["source"]),
            )
            for entry in document["messages"]
        ),
    )


def _row(entry: dict[str, Any]) -> Row:
    return Row(
        layer=entry["layer"],
        operators=tuple(entry["operators"]),
        when=entry.get("when"),
        available=tuple(entry["available"]),
        evidence=entry["evidence"],
        source=tuple(entry["source"]),
        constraints=tuple(_constraint(one) for one in entry.get("constraints", ())),
        cure=entry.get("cure"),
    )


def _constraint(entry: dict[str, Any]) -> Constraint:
    return Constraint(
        check=entry["check"],
        says=entry["says"],
        otherwise=entry["otherwise"],
        targets=tuple(entry.get("targets", TARGETS)),
        evidence=entry["evidence"],
        source=tuple(entry["source"]),
        cure=entry.get("cure"),
    )
