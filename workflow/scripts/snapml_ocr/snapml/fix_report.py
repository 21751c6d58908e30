"""What the fixer did to a model, as a document."""

from importlib.metadata import version
from typing import Any

from snapml_ocr.snapml.checker import AVAILABLE, check
from snapml_ocr.snapml.fixer import Fixed
from snapml_ocr.snapml.options import FixOptions

TOOLS = ("onnx", "onnx-ir", "onnxscript", "onnxruntime", "numpy")
"""Packages whose version can change the result."""


def as_document(fixed: Fixed, options: FixOptions) -> dict[str, Any]:
    """Return the report: changes and refusals by node, what remains, differences, counts, versions."""
    return {
        "targets": list(options.targets),
        "stride_form": str(options.chosen_stride_form),
        "largest_difference": {
            "random_input": fixed.random_difference,
            "probe_input": fixed.probe_difference,
            "approximations": fixed.approximation_difference,
        },
        "gelu": str(options.gelu),
        "output": str(options.output),
        "approximations": fixed.log.approximations,
        "runs_in_onnx_runtime": not fixed.unrunnable,
        "nodes": {
            "before": _without_constants(fixed.operators_before),
            "after": _without_constants(fixed.operators_after),
        },
        "operators": {"before": fixed.operators_before, "after": fixed.operators_after},
        "rounds": fixed.log.rounds,
        "changes": [
            {
                "rule": change.rule,
                "node": change.node,
                "before": list(change.before),
                "after": list(change.after),
            }
            for change in fixed.log.changes
        ],
        "refusals": [
            {
                "rule": refusal.rule,
                "node": refusal.node,
                "operator": refusal.operator,
                "reason": refusal.reason,
            }
            for refusal in fixed.log.refusals
        ],
        "remaining": _remaining(fixed, options),
        "tools": {tool: version(tool) for tool in TOOLS},
    }


def _remaining(fixed: Fixed, options: FixOptions) -> dict[str, list[dict[str, Any]]]:
    """Return, for each target, the layers that still do not run there and the constraints behind it."""
    verdict = check(fixed.model, options.targets)
    return {
        target: [
            {
                "node": layer.node,
                "operator": layer.operator,
                "status": layer.status[target],
                "reasons": [
                    f"{finding.requirement}: {finding.found} ({finding.evidence})"
                    for finding in layer.findings
                    if target in finding.targets and finding.severity != "caveat"
                ],
            }
            for layer in verdict.layers
            if layer.status[target] != AVAILABLE
        ]
        for target in options.targets
    }


def _without_constants(operators: dict[str, int]) -> int:
    return sum(count for operator, count in operators.items() if operator != "Constant")
