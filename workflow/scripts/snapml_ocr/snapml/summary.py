"""The checker's verdict as text for people and as a document for programs."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from snapml_ocr.snapml.accelerated_part import Part
from snapml_ocr.snapml.checker import AVAILABLE, NOT_AVAILABLE, UNDOCUMENTED, Compatibility, Finding

MAX_NODES = 8
"""Node names printed for one reason; the JSON document has all of them."""


def as_text(name: str, verdict: Compatibility) -> str:
    """Return the verdict on the model called `name`, a few lines where all is well."""
    return "\n".join(_lines(name, verdict)) + "\n"


def as_document(verdict: Compatibility) -> dict[str, Any]:
    """Return the verdict as a JSON document: summary per target, size, then every layer with what decided."""
    return {
        "schema": 1,
        "importable": verdict.importable,
        "import_reasons": list(verdict.import_reasons),
        "opset": verdict.opset,
        "size": {
            "float32_megabytes": round(verdict.float32_megabytes, 3),
            "stored_megabytes": round(verdict.stored_megabytes, 3),
            "other_models_megabytes": round(verdict.other_megabytes, 3),
            "stored_evidence": "reported",
        },
        "targets": {
            target: {
                "layers": len(verdict.layers),
                "available": verdict.count(target),
                "not_available": verdict.count(target, NOT_AVAILABLE),
                "undocumented": verdict.count(target, UNDOCUMENTED),
                "part": _part(verdict.parts.get(target)),
            }
            for target in verdict.targets
        },
        "approximations": dict(verdict.approximations),
        "model": [_finding(finding) for finding in verdict.model_findings],
        "layers": [
            {
                "node": layer.node,
                "operator": layer.operator,
                "layer": layer.layer,
                "status": dict(layer.status),
                "findings": [_finding(finding) for finding in layer.findings],
            }
            for layer in verdict.layers
        ],
    }


def _part(part: Part | None) -> dict[str, Any] | None:
    """Return the contiguous part of a target with its share of the multiply-adds, from 0 to 1."""
    return None if part is None else {**asdict(part), "share": round(part.share, 4)}


def _finding(finding: Finding) -> dict[str, Any]:
    document = asdict(finding)
    return {**document, "source": list(finding.source), "targets": list(finding.targets)}


def _lines(name: str, verdict: Compatibility) -> Iterator[str]:
    yield f"{name}: {'importable' if verdict.importable else 'not known to be importable'}"
    for reason in verdict.import_reasons:
        yield f"  {reason}"
    yield (
        f"opset {verdict.opset}, {verdict.float32_megabytes:.1f} MB float32, "
        f"about {verdict.stored_megabytes:.1f} MB as Lens Studio stores it (reported)"
    )
    for finding in verdict.model_findings:
        yield f"  {finding.severity}: {finding.found}; {finding.requirement} ({finding.evidence})"
    total = len(verdict.layers)
    for target in verdict.targets:
        rest = [
            f"{count} {status}"
            for status in (NOT_AVAILABLE, UNDOCUMENTED)
            if (count := verdict.count(target, status))
        ]
        part = verdict.parts.get(target)
        if rest and part is not None:
            rest.append(f"{part.share:.1%} of the multiply-adds in {part.layers} layers on end")
        yield f"{verdict.count(target)} of {total} layers run on {target}" + (
            f" ({', '.join(rest)})" if rest else ""
        )
    for rule, entry in verdict.approximations.items():
        yield f"not exact: {rule} in {entry['places']} places, each within {entry['largest_error']:g}"
    yield from _groups(verdict)


def _groups(verdict: Compatibility) -> Iterator[str]:
    """Group offending layers by operator and reason."""
    groups: dict[tuple[str, str, str, str], list[tuple[str, str]]] = {}
    for layer in verdict.layers:
        for finding in layer.findings:
            targets = [target for target in verdict.targets if target in finding.targets]
            if not targets:
                continue
            where = "everywhere" if len(targets) == len(verdict.targets) else f"on {', '.join(targets)}"
            key = (finding.severity, layer.operator, f"{finding.requirement} ({finding.evidence})", where)
            fixed = f"; fixed by {finding.fix}" if finding.fix else ""
            groups.setdefault((*key[:2], key[2] + fixed, where), []).append((layer.node, finding.found))
    order = ("refused", "not_available", "undocumented", "caveat")
    for (severity, operator, requirement, where), nodes in sorted(
        groups.items(), key=lambda item: order.index(item[0][0])
    ):
        yield ""
        yield f"{severity.replace('_', ' ')} {where}: {len(nodes)} x {operator}: {requirement}"
        for node, found in nodes[:MAX_NODES]:
            yield f"  {node}: {found}"
        if len(nodes) > MAX_NODES:
            yield f"  and {len(nodes) - MAX_NODES} more"


__all__ = ["AVAILABLE", "as_document", "as_text"]
