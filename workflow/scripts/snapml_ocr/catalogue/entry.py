"""The text of a catalogue entry, and its place in the file, of which all else stays as it is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml

from snapml_ocr.errors import UserError
from snapml_ocr.files import atomic_path
from snapml_ocr.plan.configuration import DictionaryFile, read_catalogue
from snapml_ocr.plan.yaml_file import read_yaml

_PLAIN = re.compile(r"[A-Za-z/.][A-Za-z0-9/._:=#!@+,~?&%-]*")
"""Texts that may go without quotes in YAML; ` #` and `: `, which mean something there, cannot occur."""


class EntryText(Protocol):
    """What becomes an entry of the file."""

    def as_yaml(self, name: str) -> str:
        """The entry as block text that ends with a line end."""


@dataclass(frozen=True)
class Entry:
    """What an entry says, and by key what of it is assumed."""

    task: str
    format: str
    source: str
    files: Mapping[str, str]
    normalisation: Mapping[str, Any]
    shapes: Sequence[str]
    dictionary: DictionaryFile | None = None
    use_space_char: bool = True
    right_to_left: bool = False
    opset: int | None = None
    remarks: Mapping[str, str] | None = None

    def as_yaml(self, name: str) -> str:
        """The entry as block text that ends with a line end."""
        lines = [f"{_quoted(name)}:"]

        def put(key: str, value: str) -> None:
            if remark := (self.remarks or {}).get(key):
                lines.append(f"  # assumed: {remark}")
            lines.append(f"  {key}:{value}")

        put("task", f" {self.task}")
        put("format", f" {self.format}")
        put("sources", f"\n    - {_quoted(self.source)}")
        put("files", "".join(f"\n    {file}: {_quoted(sha256)}" for file, sha256 in self.files.items()))
        mean, std = (_numbers(self.normalisation[key]) for key in ("mean", "std"))
        order = self.normalisation["channel_order"]
        put("normalisation", f" {{mean: {mean}, std: {std}, channel_order: {order}}}")
        if self.dictionary:
            put("dictionary", _dictionary(self.dictionary))
            if not self.use_space_char:
                put("use_space_char", " false")
            if self.right_to_left:
                put("right_to_left", " true")
        if self.opset:
            put("opset", f" {self.opset}")
        put("shapes", f" [{', '.join(self.shapes)}]")
        return "\n".join(lines) + "\n"


def names_in(catalogue: Path) -> list[str]:
    """Names of the entries of a catalogue file; none when there is no such file."""
    if not catalogue.exists():
        return []
    document = read_yaml(catalogue)
    if document is None:
        return []
    if not isinstance(document, dict):
        raise UserError(f"{catalogue}: not a catalogue; expected entries by name")
    return [str(name) for name in document]


def write_entry(catalogue: Path, name: str, entry: EntryText, *, replace: bool = False) -> None:
    """Append an entry to the file, or put it in the place of the one with its name; all or nothing.

    Raises `UserError` when the name is taken and `replace` is not set, and when the result is no catalogue.
    """
    text = catalogue.read_text(encoding="utf-8") if catalogue.exists() else ""
    block = entry.as_yaml(name)
    if name in names_in(catalogue):
        if not replace:
            raise UserError(f"{catalogue}: has an entry {name} already; choose another name or say --replace")
        start, end = _lines_of(text, name)
        lines = text.splitlines(keepends=True)
        text = "".join([*lines[:start], block, *lines[end:]])
    else:
        text = f"{text.rstrip()}\n\n{block}" if text.strip() else block
    with atomic_path(catalogue) as part:
        part.write_text(text, encoding="utf-8", newline="")
        read_catalogue(part)


def _lines_of(text: str, name: str) -> tuple[int, int]:
    """First line of an entry and the line after its last; comments above the next entry belong to that."""
    document = yaml.compose(text)
    assert isinstance(document, yaml.MappingNode)
    starts = [key.start_mark.line for key, _ in document.value]
    index = next(i for i, (key, _) in enumerate(document.value) if key.value == name)
    lines = text.splitlines()
    end = starts[index + 1] if index + 1 < len(starts) else len(lines)
    while end > starts[index] + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return starts[index], end


def _dictionary(dictionary: DictionaryFile) -> str:
    if not dictionary.is_fetched:
        return f" {_quoted(dictionary.name)}"
    sources = "".join(f"\n      - {_quoted(source)}" for source in dictionary.sources)
    name, sha256 = _quoted(dictionary.name), _quoted(dictionary.sha256)
    return f"\n    name: {name}\n    sha256: {sha256}\n    sources:{sources}"


def _numbers(numbers: Sequence[float]) -> str:
    """A list as YAML wants it: `1e-05`, as JSON has it, would be text."""
    dumped: str = yaml.safe_dump([float(one) for one in numbers], default_flow_style=True)
    return dumped.strip()


def _quoted(text: str) -> str:
    """A YAML scalar that is read back as this text."""
    if _PLAIN.fullmatch(text) and yaml.safe_load(text) == text:
        return text
    if re.fullmatch(r"[0-9a-f]{64}", text) and yaml.safe_load(text) == text:
        return text
    quoted: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=2**31 - 1)
    return quoted.strip()
