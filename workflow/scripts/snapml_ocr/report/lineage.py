"""What was built from what, with checksums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from snapml_ocr.plan.axes import CONVERTED, SHIPPED, SIMPLIFIED, stage_title
from snapml_ocr.report.build import ModelShape
from snapml_ocr.report.numbers import megabytes

SHOWN_DIGITS = 12
"""Of a checksum: enough to compare by eye; CSV files have all."""


@dataclass(frozen=True)
class Box:
    """One artifact: what it is, and lines about it."""

    title: str
    lines: Sequence[str]


def lineage(model: ModelShape) -> list[Box]:
    """The artifacts of one model at one shape, in the order in which each was made from the one before."""
    boxes = [_weights(model)]
    for stage in CONVERTED:
        graph = model.graph(stage)
        lines = _graph_lines(graph) if graph else ["not made"]
        if stage == SIMPLIFIED:
            lines.insert(0, f"fixed to {model.shape}")
        if stage == SHIPPED and model.fixes:
            lines.insert(0, _fix_line(model.fixes))
        boxes.append(Box(stage_title(stage), lines))
    return boxes


def _weights(model: ModelShape) -> Box:
    if not model.provenance:
        return Box("Weights", ["origin unknown"])
    lines = [_source(model.provenance["source"])]
    lines += [
        f"{file['name']}, {megabytes(file['bytes'])}, {file['sha256'][:SHOWN_DIGITS]}"
        for file in model.provenance["files"]
    ]
    return Box("Weights", lines)


def _source(source: Mapping[str, Any]) -> str:
    if source["kind"] == "wheel":
        return f"Python package {source['package']} {source['version']}"
    if "url" in source:
        return str(source["url"])
    return f"{source['kind']} {source.get('name', '')}".strip()


def _graph_lines(graph: Mapping[str, Any]) -> list[str]:
    return [
        f"{graph['nodes']} nodes, opset {graph['opset']}",
        f"{megabytes(graph['size_bytes'])}, {graph['sha256'][:SHOWN_DIGITS]}",
    ]


def _fix_line(fixes: Mapping[str, Any]) -> str:
    count = len(fixes.get("changes", []))
    return f"{count} fixes" if count != 1 else "1 fix"
