"""Name the operators of a PIR program that its exporter does not know; the exporter itself only aborts."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

_OTHER_NAMES = {
    "arange": "range",
    "divide": "elementwise_div",
    "floor_divide": "elementwise_floordiv",
    "maximum": "elementwise_max",
    "minimum": "elementwise_min",
    "multiply": "elementwise_mul",
    "nonzero": "where_index",
    "remainder": "elementwise_mod",
    "subtract": "elementwise_sub",
    "topk": "top_k_v2",
}
"""Operators whose PIR name and the exporter's name share no stem."""

_STRUCTURE = frozenset(
    {"data", "feed", "fetch", "if", "print", "while", "yield", "parameter", "shadow_output"}
)
"""What the exporter handles outside its operator table."""

_OPERATOR_DIALECT = "1."
"""In the JSON file every name begins with the number of its dialect; 1 is `pd_op`."""


def unknown_operators(graph: Path, known: Iterable[str]) -> list[str]:
    """Return the sorted operators of the PIR file `graph` that are not among the exporter's `known` names."""
    squashed = {_squashed(name) for name in known}
    used = {
        name.removeprefix(_OPERATOR_DIALECT)
        for name in _operators(json.loads(graph.read_text(encoding="utf-8")).get("program"))
        if name.startswith(_OPERATOR_DIALECT)
    }
    return sorted(name for name in used - _STRUCTURE if not _candidates(name) & squashed)


def _operators(node: Any) -> Iterator[str]:
    """Yield operator names, also those of nested regions, without recursion: files may be hostile."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, dict):
            operators = current.get("ops")
            if isinstance(operators, list):
                yield from (str(one.get("#")) for one in operators if isinstance(one, dict))
            waiting.extend(current.values())
        elif isinstance(current, list):
            waiting.extend(current)


def _candidates(name: str) -> set[str]:
    """Names the exporter may use: it keeps those of the older format, with prefixes and version suffixes."""
    base = name.removesuffix("_")
    forms = (
        base,
        f"elementwise_{base}",
        f"reduce_{base}",
        f"{base}_v2",
        f"{base}2",
        _OTHER_NAMES.get(base, base),
    )
    return {_squashed(form) for form in forms}


def _squashed(name: str) -> str:
    return name.removesuffix("_").replace("_", "")
