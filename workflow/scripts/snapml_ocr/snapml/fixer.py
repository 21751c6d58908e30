"""Rewrite a model into the form SnapML takes, and prove that its outputs stayed the same."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import onnx
import onnx_ir as ir
from numpy.typing import NDArray

from snapml_ocr.errors import CheckFailedError, UserError
from snapml_ocr.onnx_files.model_file import require_valid
from snapml_ocr.onnx_files.normal_form import normal_form
from snapml_ocr.plan.axes import SHIPPED, STAGE_KEY
from snapml_ocr.runtime.feeds import OpenedModel, largest_difference, random_feeds
from snapml_ocr.runtime.score_output import with_softmax
from snapml_ocr.snapml.canonical import finish, lift_constants
from snapml_ocr.snapml.constraints import static
from snapml_ocr.snapml.gelu_snap import DOMAIN, FUNCTION_IR_VERSION, bare, defined, holds_gelu_snap
from snapml_ocr.snapml.layer_view import shape_of_info
from snapml_ocr.snapml.lower_opset import IR_VERSION, LowerOpset, require_float32, within_reach
from snapml_ocr.snapml.options import APPROXIMATIONS_KEY, FixOptions, GeluForm, OutputForm
from snapml_ocr.snapml.passes import Log, run_to_fixed_point
from snapml_ocr.snapml.rule_list import all_passes, approximations, last_passes, layout_passes
from snapml_ocr.snapml.rules.fold_constants import FoldConstants
from snapml_ocr.snapml.scores import leave_softmax_to_the_reader

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
    """Of the rules that are exact: to the model with nothing but the approximations, where there are any."""
    probe_difference: float | None
    approximation_difference: float
    """Of the approximations, on random and probe inputs; 0 without any."""
    unrunnable: bool
    """Whether GeluSnap is in the model, which no runtime but Lens Studio's has."""


def fix(
    model: onnx.ModelProto,
    options: FixOptions | None = None,
    probes: Sequence[Feeds] = (),
    max_abs_diff: float = 1e-4,
    max_approximation_diff: float = 0.1,
) -> Fixed:
    """Rewrite `model` for the targets of `options`.

    `probes` are further inputs, by input name, on which the outputs are compared besides random ones. Raises
    `UserError` for a model that cannot be worked on (no ONNX, dynamic shapes, subgraphs) and
    `CheckFailedError` when outputs differ by more than `max_abs_diff`, which is a defect of a rule, or when
    approximations (GELU, Erf) move them by more than `max_approximation_diff`.
    """
    options = options or FixOptions()
    plain = normal_form(model)
    if options.gelu is GeluForm.NATIVE or holds_gelu_snap(plain):
        plain = defined(plain)
        model = defined(model)
    require_workable(plain)
    reached = within_reach(plain)
    if reached is not plain and not _opens(model):
        model = reached  # newer than the runtime: what ONNX's converter made is compared instead
    graph_model = ir.from_proto(_with_fresh_shapes(reached))
    lift_constants(graph_model)
    log = Log()
    try:
        run_to_fixed_point(graph_model, [FoldConstants(options)], log)
    finally:  # a type that SnapML has not is the better reason where shapes cannot be inferred either
        require_float32(graph_model)
    LowerOpset().run(graph_model, log)
    if options.output is OutputForm.SCORES:
        leave_softmax_to_the_reader(graph_model)
    run_to_fixed_point(graph_model, approximations(options), log)
    reference = with_softmax(ir.to_proto(graph_model) if log.approximations else model)
    graph_model.ir_version = FUNCTION_IR_VERSION if graph_model.functions else IR_VERSION
    passes = all_passes(options)
    run_to_fixed_point(graph_model, passes, log)
    passes = [*layout_passes(options), *passes]
    run_to_fixed_point(graph_model, passes, log)
    run_to_fixed_point(graph_model, [*last_passes(options), *passes], log)
    if not any(node.domain == DOMAIN for node in graph_model.graph):
        if options.gelu is GeluForm.NATIVE:
            raise UserError(
                "--gelu native: the model has no GELU that GeluSnap could stand for; leave it out"
            )
        graph_model.functions.clear()
        graph_model.opset_imports.pop(DOMAIN, None)
        graph_model.ir_version = IR_VERSION
    _note(graph_model, log)
    fixed = finish(graph_model)
    onnx.checker.check_model(fixed, full_check=True)
    feeds = [random_feeds(model, seed) for seed in SEEDS]
    runnable = with_softmax(fixed)
    random_difference = largest_difference(reference, runnable, feeds)
    probe_difference = largest_difference(reference, runnable, probes) if probes else None
    worst = max(random_difference, probe_difference or 0.0)
    if not worst <= max_abs_diff:
        raise CheckFailedError(f"outputs moved by {worst:.3g}, allowed are {max_abs_diff:g}")
    moved = 0.0
    if log.approximations:
        moved = largest_difference(with_softmax(model), reference, [*feeds, *probes])
    if not moved <= max_approximation_diff:
        raise CheckFailedError(
            f"the approximations moved outputs by {moved:.3g}, allowed are {max_approximation_diff:g}"
        )
    return Fixed(
        model=bare(fixed, IR_VERSION) if graph_model.functions else fixed,
        log=log,
        operators_before=count_operators(model),
        operators_after=count_operators(fixed),
        random_difference=random_difference,
        probe_difference=probe_difference,
        approximation_difference=moved,
        unrunnable=bool(graph_model.functions),
    )


def _note(model: ir.Model, log: Log) -> None:
    """Leave the name of the step, and what was approximated, in the metadata."""
    model.metadata_props[STAGE_KEY] = SHIPPED
    if log.approximations:
        model.metadata_props[APPROXIMATIONS_KEY] = json.dumps(log.approximations, sort_keys=True)


def _opens(model: onnx.ModelProto) -> bool:
    try:
        OpenedModel(model)
    except UserError:
        return False
    return True


def require_workable(model: onnx.ModelProto) -> None:
    """Raise `UserError` for a model that cannot be worked on: invalid, empty, dynamic, with subgraphs."""
    if not model.graph.node:
        raise UserError("the model has no nodes: there is nothing to rewrite")
    require_valid(model, "the model")
    for node in model.graph.node:
        if any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute):
            raise UserError(
                f"{node.name or node.op_type}: {node.op_type} contains a subgraph, which SnapML has no "
                f"layer for"
            )
    for value in model.graph.input:
        if static(shape_of_info(value)) is None:
            raise UserError(
                f"input {value.name} has shape {shape_of_info(value)}: fix the shapes first (simplify.py)"
            )


def _with_fresh_shapes(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy whose intermediate and output shapes are inferred, not what some tool left there."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    del copy.graph.value_info[:]
    for value in copy.graph.output:
        value.type.tensor_type.ClearField("shape")
    try:
        inferred: onnx.ModelProto = onnx.shape_inference.infer_shapes(copy, data_prop=True)
    except onnx.shape_inference.InferenceError as error:
        raise UserError(
            f"the shapes of the model contradict each other: {' '.join(str(error).split())}"
        ) from None
    for fresh, given in zip(inferred.graph.output, model.graph.output, strict=True):
        if static(shape_of_info(fresh)) is None:
            fresh.CopyFrom(given)
    return inferred


def count_operators(model: onnx.ModelProto) -> dict[str, int]:
    """Return how many nodes of each operator the main graph has, most frequent first."""
    counts = Counter(node.op_type for node in model.graph.node)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
