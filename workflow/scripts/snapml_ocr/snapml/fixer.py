"""Rewrite a model into the form SnapML takes, and prove that its outputs stayed the same."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import onnx_ir as ir
from numpy.typing import NDArray

from snapml_ocr.errors import CheckFailedError, UserError
from snapml_ocr.runtime.compare import largest_difference, random_feeds
from snapml_ocr.snapml.canonical import finish, lift_constants
from snapml_ocr.snapml.options import FixOptions
from snapml_ocr.snapml.passes import Log, refresh, run_to_fixed_point
from snapml_ocr.snapml.rule_list import all_passes, last_passes

OPSET = 11
"""Named in Snap's documentation, and the newest that none of its published models exceeds by more than one."""

IR_VERSION = 6
"""The version that ONNX published together with opset 11 (ONNX 1.6)."""

SEEDS = (0, 1)
"""Random inputs the outputs are compared on."""

Feeds = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Fixed:
    """A rewritten model and what is known about it."""

    model: onnx.ModelProto
    log: Log
    operators_before: dict[str, int]
    operators_after: dict[str, int]
    random_difference: float
    probe_difference: float | None


def fix(
    model: onnx.ModelProto,
    options: FixOptions | None = None,
    probes: Sequence[Feeds] = (),
    max_abs_diff: float = 1e-4,
) -> Fixed:
    """Rewrite `model` for the targets of `options`.

    `probes` are further inputs, by input name, on which the outputs are compared besides random ones. Raises
    `UserError` for a model that cannot be worked on (no ONNX, dynamic shapes, subgraphs) and
    `CheckFailedError` when outputs differ by more than `max_abs_diff`, which is a defect of a rule.
    """
    options = options or FixOptions()
    graph_model = ir.from_proto(model)
    lift_constants(graph_model)
    log = Log()
    passes = all_passes(options)
    run_to_fixed_point(graph_model, passes, log)
    run_to_fixed_point(graph_model, [*last_passes(options), *passes], log)
    refresh(graph_model, "the last rule")
    fixed = finish(graph_model)
    onnx.checker.check_model(fixed, full_check=True)
    random_difference = largest_difference(model, fixed, [random_feeds(model, seed) for seed in SEEDS])
    probe_difference = largest_difference(model, fixed, probes) if probes else None
    worst = max(random_difference, probe_difference or 0.0)
    if not worst <= max_abs_diff:
        raise CheckFailedError(f"outputs moved by {worst:.3g}, allowed are {max_abs_diff:g}")
    return Fixed(
        fixed, log, count_operators(model), count_operators(fixed), random_difference, probe_difference
    )


def count_operators(model: onnx.ModelProto) -> dict[str, int]:
    """Return how many nodes of each operator the main graph has, most frequent first."""
    counts = Counter(node.op_type for node in model.graph.node)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


__all__ = ["Fixed", "UserError", "count_operators", "fix", "np"]
