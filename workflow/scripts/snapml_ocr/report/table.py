"""A table whose numbers a page shows and a CSV file holds."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from snapml_ocr.report.numbers import UNKNOWN

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """A column: its `key` in rows and in the CSV file (with the unit), its `title` and form on the page."""

    key: str
    title: str
    show: Callable[[Any], str] = str
    number: bool = False


@dataclass(frozen=True)
class Table:
    """Rows by column key; a value that is None is unknown: a dash on the page, empty in the CSV file."""

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row] = field(default_factory=list)

    def as_csv(self) -> str:
        """The rows as CSV with a header line; numbers unrounded."""
        target = io.StringIO()
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(column.key for column in self.columns)
        for row in self.rows:
            writer.writerow("" if row.get(c.key) is None else row[c.key] for c in self.columns)
        return target.getvalue()

    def shown(self, row: Row, column: Column) -> str:
        """The text of one cell."""
        value = row.get(column.key)
        return UNKNOWN if value is None else column.show(value)

    def where(self, **wanted: Any) -> "Table":
        """The rows in which every column named has the value given."""
        rows = [row for row in self.rows if all(row.get(key) == value for key, value in wanted.items())]
        return Table(self.name, self.caption, self.columns, rows)

    def without(self, *keys: str) -> "Table":
        """The same rows without some columns, for a page that says them elsewhere."""
        columns = [column for column in self.columns if column.key not in keys]
        return Table(self.name, self.caption, columns, self.rows)


def number(key: str, title: str, show: Callable[[Any], str] = str) -> Column:
    """A column of numbers."""
    return Column(key, title, show, number=True)


def words(key: str, title: str) -> Column:
    """A column of names with underscores, shown as words."""
    return Column(key, title, lambda name: name.replace("_", " "))
