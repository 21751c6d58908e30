"""The layer table: what SnapML is known to have, where it runs, and on what evidence."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from snapml_ocr.snapml.options import TARGETS

TABLE = Path(__file__).with_name("layers.yaml")

Severity = Literal["refused", "not_available", "undocumented", "caveat"]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Statement(_Entry):
    """Something said about SnapML, and on what ground."""

    evidence: str
    source: tuple[str, ...]


class Constraint(Statement):
    """What a layer asks for, and what follows (`severity`) on `targets` where it is not met."""

    check: str
    requirement: str
    severity: Severity
    targets: tuple[str, ...] = TARGETS
    fix: str | None = None


class Row(Statement):
    """One layer: the operators that become it, when it is this one of several, and where it runs."""

    layer: str
    operators: tuple[str, ...]
    when: str | None = None
    available: tuple[str, ...]
    constraints: tuple[Constraint, ...] = ()
    fix: str | None = None


class OtherOperator(Statement):
    """An operator outside the table about which something is known."""

    operator: str
    refused: bool
    requirement: str
    fix: str | None = None


class Limit(Statement):
    """A number the documentation or a report names, with its ground."""

    value: Any
    requirement: str


class Message(Statement):
    """A message of Lens Studio: the constraint that foresees it, its cause and its fix."""

    message: str
    check: str
    cause: str
    fix: str


class Table(_Entry):
    """Everything in layers.yaml."""

    sources: dict[str, dict[str, str]]
    limits: dict[str, Limit]
    every_layer: tuple[Constraint, ...]
    rows: tuple[Row, ...] = Field(alias="layers")
    other_operators: tuple[OtherOperator, ...]
    messages: tuple[Message, ...]

    @property
    def others(self) -> dict[str, OtherOperator]:
        """Operators outside the table, by name."""
        return {one.operator: one for one in self.other_operators}

    def rows_of(self, operator: str) -> tuple[Row, ...]:
        """Return the rows an ONNX operator can become, in the table's order."""
        return tuple(row for row in self.rows if operator in row.operators)


@cache
def layer_table() -> Table:
    """Read the table that ships with this module."""
    return Table.model_validate(yaml.safe_load(TABLE.read_text(encoding="utf-8")))
