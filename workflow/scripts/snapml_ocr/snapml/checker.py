"""Whether Lens Studio will import a model, and which of its layers run on which target."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import onnx

from snapml_ocr.errors import UserError
from snapml_ocr.onnx_files.macs import multiply_adds_by_node
from snapml_ocr.onnx_files.model_file import graph_inputs, metadata_of, opset_of
from snapml_ocr.snapml.accelerated_part import Part, accelerated_part
from snapml_ocr.snapml.constraints import predicate, static
from snapml_ocr.snapml.layer_view import LayerView, shape_of_info, views_of
from snapml_ocr.snapml.layers import Constraint, Limit, Row, Severity, Table, layer_table
from snapml_ocr.snapml.options import APPROXIMATIONS_KEY, TARGETS

AVAILABLE, NOT_AVAILABLE, UNDOCUMENTED = "available", "not available", "undocumented"

MEGABYTE = 1_000_000
"""As Lens Studio and the documentation count: 10 MB."""


@dataclass(frozen=True)
class Finding:
    """A requirement that is not met: what was found, what is asked for, on what ground, what helps."""

    severity: Severity
    found: str
    requirement: str
    evidence: str = UNDOCUMENTED
    source: tuple[str, ...] = ()
    fix: str | None = None
    targets: tuple[str, ...] = TARGETS


@dataclass(frozen=True)
class LayerReport:
    """One layer: the row of the table it belongs to, its status on each target, and what decided."""

    node: str
    operator: str
    layer: str | None
    status: Mapping[str, str]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Compatibility:
    """The verdict on a model."""

    layers: tuple[LayerReport, ...]
    model_findings: tuple[Finding, ...]
    targets: tuple[str, ...]
    opset: int
    float32_megabytes: float
    stored_megabytes: float
    other_megabytes: float = 0.0
    parts: Mapping[str, Part | None] = field(default_factory=dict)
    """By target: the contiguous part that runs there."""
    approximations: Mapping[str, Any] = field(default_factory=dict)
    """What the fixer wrote into the metadata about rewrites that are not exact."""
    import_reasons: tuple[str, ...] = field(default=())

    @property
    def importable(self) -> bool:
        """Whether no reason against the import is known and nothing in the model is undocumented."""
        return not self.import_reasons

    def count(self, target: str, status: str = AVAILABLE) -> int:
        """Return how many layers have `status` on `target`."""
        return sum(layer.status[target] == status for layer in self.layers)


def check(model: onnx.ModelProto, targets: Sequence[str] = TARGETS, *, other_bytes: int = 0) -> Compatibility:
    """Compare every layer of `model` with the layer table.

    `other_bytes` is the size of further models in the same Lens, which share its budget. Raises `UserError`
    for something that is no valid ONNX model.
    """
    inferred = _inferred(model)
    table = layer_table()
    layers = tuple(_layer(view, table, tuple(targets)) for view in views_of(inferred))
    findings = tuple(_model_findings(inferred, table))
    work = [
        count or 0
        for node, count in zip(inferred.graph.node, multiply_adds_by_node(inferred), strict=True)
        if node.op_type != "Constant"
    ]
    names = [layer.node for layer in layers]
    size = model.ByteSize() / MEGABYTE
    stored = size * float(table.limits["stored_fraction"].value)
    others = other_bytes / MEGABYTE
    return Compatibility(
        layers=layers,
        model_findings=(*findings, *_size_findings(size + others, table)),
        targets=tuple(targets),
        opset=opset_of(model),
        float32_megabytes=size,
        stored_megabytes=stored,
        other_megabytes=others,
        parts={
            target: accelerated_part(names, [one.status[target] == AVAILABLE for one in layers], work)
            for target in targets
        },
        approximations=_approximations(model),
        import_reasons=tuple(_import_reasons(layers, findings)),
    )


def _approximations(model: onnx.ModelProto) -> dict[str, Any]:
    text = metadata_of(model).get(APPROXIMATIONS_KEY, "{}")
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    wanted = {"places", "largest_error"}
    entries = found.items() if isinstance(found, dict) else ()
    return {rule: entry for rule, entry in entries if isinstance(entry, dict) and set(entry) == wanted}


def _inferred(model: onnx.ModelProto) -> onnx.ModelProto:
    if not model.graph.node:
        raise UserError("the model has no nodes: there is nothing to import")
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        if "No Op registered" not in str(error):
            raise UserError(f"not a valid ONNX model: {_line(error)}") from None
    try:
        inferred: onnx.ModelProto = onnx.shape_inference.infer_shapes(model, data_prop=True)
    except onnx.shape_inference.InferenceError as error:
        raise UserError(f"the shapes of the model contradict each other: {_line(error)}") from None
    return inferred


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


def _layer(view: LayerView, table: Table, targets: tuple[str, ...]) -> LayerReport:
    common = [finding for constraint in table.every_layer if (finding := _finding(view, constraint))]
    row = _row(view, table)
    if row is None:
        return _other(view, table, common, targets)
    own = [finding for constraint in row.constraints if (finding := _finding(view, constraint))]
    findings = [*common, *own]
    status = {target: _status(row, findings, target) for target in targets}
    missing = tuple(target for target in targets if target not in row.available)
    if missing:
        findings.append(
            Finding(
                severity="not_available",
                found=f"layer {row.layer}",
                requirement=f"not available on {', '.join(missing)}",
                targets=missing,
                **row.model_dump(include={"evidence", "source", "fix"}),
            )
        )
    return LayerReport(view.label, view.operator, row.layer, status, tuple(findings))


def _row(view: LayerView, table: Table) -> Row | None:
    if view.node.domain not in ("", "ai.onnx"):
        return None
    for row in table.rows_of(view.operator):
        if row.when is None or predicate(row.when)(view) is None:
            return row
    return None


def _finding(view: LayerView, constraint: Constraint) -> Finding | None:
    found = predicate(constraint.check)(view)
    return None if found is None else _unmet(constraint, found)


def _unmet(constraint: Constraint, found: str) -> Finding:
    return Finding(found=found, **constraint.model_dump(exclude={"check"}))


def _status(row: Row, findings: Sequence[Finding], target: str) -> str:
    severities = {finding.severity for finding in findings if target in finding.targets}
    if target not in row.available or severities & {"not_available", "refused"}:
        return NOT_AVAILABLE
    return UNDOCUMENTED if "undocumented" in severities else AVAILABLE


def _other(view: LayerView, table: Table, common: Sequence[Finding], targets: tuple[str, ...]) -> LayerReport:
    known = table.others.get(view.operator) if view.node.domain in ("", "ai.onnx") else None
    if known is not None:
        severity: Severity = "refused" if known.refused else "undocumented"
        finding = Finding(
            severity=severity, found=view.operator, **known.model_dump(exclude={"operator", "refused"})
        )
    else:
        operator = f"{view.node.domain}.{view.operator}" if view.node.domain else view.operator
        finding = Finding("undocumented", operator, "nothing is documented about this operator")
    findings = (*common, finding)
    is_refused = any(one.severity == "refused" for one in findings)
    status = dict.fromkeys(targets, NOT_AVAILABLE if is_refused else UNDOCUMENTED)
    return LayerReport(view.label, view.operator, None, status, findings)


def _model_findings(model: onnx.ModelProto, table: Table) -> list[Finding]:
    """What concerns the whole model: opset, inputs, outputs, subgraphs."""
    findings: list[Finding] = []
    limits = table.limits

    def add(severity: Severity, found: str, limit: str, fix: str | None = None) -> None:
        findings.append(_beyond(limits[limit], severity, found, fix))

    if opset_of(model) not in limits["known_opsets"].value:
        add("undocumented", f"opset {opset_of(model)}", "known_opsets", "lower_opset")
    graph = model.graph
    read = {name for node in graph.node for name in node.input}
    placeholders = graph_inputs(graph)
    defaults = len(graph.input) - len(placeholders)
    if defaults:
        found = f"{defaults} weights are listed among the inputs"
        requirement = "weights are not listed among the inputs"
        findings.append(Finding("caveat", found, requirement, fix="snapml_fix.py"))
    for value in [*placeholders, *graph.output]:
        role = "input" if value in placeholders else "output"
        shape = shape_of_info(value)
        sizes = static(shape)
        name = f"{role} {value.name}"
        if sizes is None or any(size < 1 for size in sizes):
            findings.append(_static_finding(name, shape, table))
            continue
        if len(sizes) > int(limits["tensor_rank"].value):
            add("refused", f"{name} has rank {len(sizes)}", "tensor_rank")
        elif role == "input" and len(sizes) == 4 and sizes[0] != limits["batch"].value:
            add("undocumented", f"{name} has batch {sizes[0]}", "batch", "simplify.py with batch 1")
        if len(sizes) == 4 and sizes[1] > int(limits["texture_channels"].value):
            add("caveat", f"{name} has {sizes[1]} channels", "texture_channels")
        if value.type.tensor_type.elem_type != onnx.TensorProto.FLOAT:
            found = f"{name} is not float32"
            findings.append(Finding("undocumented", found, "data is float32", "documented", ("D6",)))
        if role == "input" and value.name not in read:
            findings.append(Finding("caveat", f"{name} is read by no layer", "every input is used"))
    return findings


def _beyond(limit: Limit, severity: Severity, found: str, fix: str | None = None) -> Finding:
    return Finding(severity, found, limit.requirement, limit.evidence, limit.source, fix)


def _static_finding(name: str, shape: object, table: Table) -> Finding:
    constraint = next(one for one in table.every_layer if one.check == "static_shapes")
    return _unmet(constraint, f"{name} has shape {shape}")


def _size_findings(megabytes: float, table: Table) -> list[Finding]:
    limit, fraction = table.limits["model_megabytes"], table.limits["stored_fraction"]
    stored = megabytes * float(fraction.value)
    if stored > float(limit.value):
        found = f"{megabytes:.1f} MB float32, about {stored:.1f} MB stored"
        return [_beyond(limit, "caveat", found)]
    if megabytes > float(limit.value):
        found = f"{megabytes:.1f} MB float32, but about {stored:.1f} MB stored"
        return [_beyond(fraction, "caveat", found)]
    return []


def _import_reasons(layers: Sequence[LayerReport], findings: Sequence[Finding]) -> list[str]:
    """Everything that speaks against the import or leaves it unknown; caveats do not."""
    reasons: dict[str, int] = {}
    for finding in findings:
        if finding.severity in ("refused", "undocumented"):
            reasons[f"{finding.found}: {finding.requirement} ({finding.evidence})"] = 1
    for layer in layers:
        on_all = [one for one in layer.findings if set(one.targets) >= {"cpu"}]
        for finding in on_all:
            if finding.severity in ("refused", "undocumented", "not_available"):
                reason = f"{layer.operator}: {finding.requirement} ({finding.evidence})"
                reasons[reason] = reasons.get(reason, 0) + 1
    return [reason if count == 1 else f"{count} x {reason}" for reason, count in reasons.items()]
