"""The pass manager: runs rewrites to a fixed point, checks the model after each, keeps what happened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import onnx
import onnx_ir as ir
import onnx_ir.passes.common as common_passes
from onnxscript.rewriter import MatchingTracer, pattern

from snapml_ocr.errors import CheckFailedError
from snapml_ocr.snapml.helpers.node_builder import NodeBuilder
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule, Rule

STANDARD_DOMAINS = ("", "ai.onnx")

MAX_ROUNDS = 50
"""A model of 365 nodes settles within eight rounds; more than this is a rule that undoes another."""

LARGE_CONSTANT = 1024
"""Bytes. What shapes depend on (the sizes of a Reshape, the pads of a Pad) is far smaller."""


@dataclass(frozen=True)
class Change:
    """One application of a rule: the nodes it took (name, operator) and the operators it put there."""

    rule: str
    node: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Refusal:
    """A node that a rule is about and left alone."""

    rule: str
    node: str
    operator: str
    reason: str


@dataclass
class Log:
    """What the passes did, and what they refused when they ran for the last time."""

    changes: list[Change] = field(default_factory=list)
    rounds: int = 0
    approximations: dict[str, dict[str, float]] = field(default_factory=dict)
    """By rule: how many places it approximated, and the largest error of one."""
    _refusals: dict[str, list[Refusal]] = field(default_factory=dict)

    def start(self, rule: str) -> None:
        """Forget what `rule` refused before; the model may have changed since."""
        self._refusals[rule] = []

    def change(self, rule: str, node: str, before: Sequence[str], after: Sequence[str]) -> None:
        """Note that `rule` replaced `before` by `after` at `node`."""
        self.changes.append(Change(rule, node, tuple(before), tuple(after)))

    def refuse(self, rule: str, node: ir.Node, reason: str) -> None:
        """Note why `rule` leaves `node` alone."""
        self._refusals.setdefault(rule, []).append(
            Refusal(rule, label_of(node), node.op_type, reason),
        )

    def approximate(self, rule: str, bound: float) -> None:
        """Count one place where `rule` put an approximation whose largest error is `bound`."""
        entry = self.approximations.setdefault(rule, {"places": 0, "largest_error": bound})
        entry["places"] += 1

    @property
    def refusals(self) -> list[Refusal]:
        """All refusals of the last round, by rule in the order in which rules ran."""
        return [refusal for refusals in self._refusals.values() for refusal in refusals]


class Pass(Protocol):
    """One step over the whole model."""

    name: str
    explanation: Explanation

    def run(self, model: ir.Model, log: Log) -> bool:
        """Change `model` in place; return whether anything changed."""


class NodePass:
    """Tries a rule on every node of its operators, in graph order."""

    def __init__(self, name: str, rule: NodeRule) -> None:
        self.name = name
        self.explanation = rule.explanation
        self._rule = rule

    def run(self, model: ir.Model, log: Log) -> bool:
        """Rewrite each node that the rule does not refuse."""
        log.start(self.name)
        names = Names(model.graph)
        changed = False
        for node in tuple(model.graph):
            if node.op_type not in self._rule.op_types or node.domain not in STANDARD_DOMAINS:
                continue
            op = NodeBuilder()
            outcome = self._rule.rewrite(op, node)
            if isinstance(outcome, str):
                if outcome != NOTHING_TO_DO:
                    log.refuse(self.name, node, outcome)
                continue
            log.change(self.name, label_of(node), [node.op_type], [new.op_type for new in op.nodes])
            if self.explanation.bound:
                log.approximate(self.name, self.explanation.bound)
            insert_nodes(
                model.graph,
                node,
                [node],
                new_nodes=op.nodes,
                initializers=op.initializers,
                outputs=[outcome] if isinstance(outcome, ir.Value) else outcome,
                names=names,
            )
            changed = True
        return changed


class PatternPass:
    """Tries pattern rules on every node, in graph order."""

    def __init__(self, name: str, explanation: Explanation, rules: Sequence[Rule]) -> None:
        self.name = name
        self.explanation = explanation
        self._rules: dict[str, list[Any]] = {}
        for rule in rules:
            compiled = pattern.RewriteRule(rule.pattern, rule.rewrite, rule.check, name=name)
            self._rules.setdefault(rule.root, []).append(compiled)

    def run(self, model: ir.Model, log: Log) -> bool:
        """Apply each rule wherever it matches and does not refuse."""
        log.start(self.name)
        names = Names(model.graph)
        changed = False
        for node in tuple(model.graph):
            for rule in self._rules.get(node.op_type, ()):
                if node.graph is not model.graph:  # an earlier match took it
                    break
                changed |= self._try(rule, model, node, names, log)
        return changed

    def _try(self, rule: Any, model: ir.Model, node: ir.Node, names: "Names", log: Log) -> bool:
        tracer = _Reason()
        delta = rule.try_rewrite(model, model.graph, node, tracer=tracer)
        if delta is None:
            if tracer.reason != NOTHING_TO_DO:
                log.refuse(self.name, node, tracer.reason)
            return False
        taken = set(delta.match.nodes)
        matched = [old for old in model.graph if old in taken]
        log.change(
            self.name,
            label_of(node),
            [old.op_type for old in matched],
            [new.op_type for new in delta.new_nodes],
        )
        insert_nodes(
            model.graph,
            node,
            matched,
            new_nodes=delta.new_nodes,
            initializers=delta.new_initializers,
            outputs=delta.new_outputs,
            names=names,
        )
        return True


def run_to_fixed_point(model: ir.Model, passes: Sequence[Pass], log: Log) -> None:
    """Run `passes` in order, again and again, until none of them changes `model`.

    After every change the model is tidied, its shapes are inferred anew and the ONNX checker runs. Raises
    `CheckFailedError` when a rule leaves an invalid model or when the rules reach no fixed point.
    """
    refresh(model, "the input")
    for _ in range(MAX_ROUNDS):
        log.rounds += 1
        changed = False
        for one in passes:
            if one.run(model, log):
                changed = True
                refresh(model, f"rule {one.name}")
        if not changed:
            return
    raise CheckFailedError(
        f"the rules reached no fixed point within {MAX_ROUNDS} rounds: a defect, please report"
    )


def refresh(model: ir.Model, after: str) -> None:
    """Drop what nothing reads, infer shapes strictly, run the ONNX checker; `after` is the last step."""
    # onnx_ir's ShapeInferencePass goes on after a contradiction, and reads the whole model back each time.
    remove_identities(model.graph)
    common_passes.RemoveUnusedNodesPass()(model)
    proto = _without_weights(ir.to_proto(model))
    try:
        inferred = onnx.shape_inference.infer_shapes(proto, check_type=True, strict_mode=True, data_prop=True)
        onnx.checker.check_model(inferred)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise CheckFailedError(f"after {after} the model is not valid ONNX: {str(error).strip()}") from None
    shapes = {info.name: info.type for info in inferred.graph.value_info}
    for node in model.graph:
        for output in node.outputs:
            if output.name in shapes:
                _set_type(output, shapes[output.name])


def _without_weights(proto: onnx.ModelProto) -> onnx.ModelProto:
    """`proto` with its large constants as inputs: no shape depends on them, and copying them takes long."""
    graph = proto.graph
    given = {value.name for value in graph.input}
    small = []
    for tensor in graph.initializer:
        if tensor.ByteSize() <= LARGE_CONSTANT:
            small.append(tensor)
        elif tensor.name not in given:
            graph.input.append(onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims))
    kept = [onnx.TensorProto.FromString(tensor.SerializeToString()) for tensor in small]
    del graph.initializer[:]  # frees the tensors, so only their copies may be used from here
    graph.initializer.extend(kept)
    return proto


def remove_identities(graph: ir.Graph) -> None:
    """Take out every Identity; one stays between two outputs of the model, or an input and an output."""
    # onnx_ir's IdentityEliminationPass gives a value that is an output already the name of the other one too.
    for node in tuple(graph):
        if node.op_type != "Identity" or node.domain not in ("", "ai.onnx") or node.inputs[0] is None:
            continue
        source, output = node.inputs[0], node.outputs[0]
        if not output.is_graph_output():
            ir.convenience.replace_all_uses_with(output, source)
            graph.remove(node, safe=True)
        elif source.producer() is not None and not source.is_graph_output():
            name = output.name
            ir.convenience.replace_all_uses_with(output, source, replace_graph_outputs=True)
            graph.remove(node, safe=True)
            source.name = name


def label_of(node: ir.Node) -> str:
    """Name a node for people: its own name, or what it computes."""
    return node.name or f"{node.op_type} of {node.outputs[0].name}"


def _set_type(value: ir.Value, proto: onnx.TypeProto) -> None:
    value.type = ir.serde.deserialize_type_proto_for_type(proto)
    value.shape = ir.serde.deserialize_type_proto_for_shape(proto)


class _Reason(MatchingTracer):  # type: ignore[misc]
    """Catches why a matched pattern was not rewritten; a pattern that does not match gives no reason."""

    def __init__(self) -> None:
        super().__init__()
        self.reason = NOTHING_TO_DO

    def log(self, rule: Any, container: Any, node: Any, match_result: Any, status: Any) -> None:
        if status.name in ("CONDITION_FAILED", "REPLACEMENT_FAILED"):
            self.reason = match_result.reason


class Names:
    """Names for new values: the name of the value they lead to, and a number."""

    def __init__(self, graph: ir.Graph) -> None:
        self._graph = graph

    @cached_property
    def _taken(self) -> set[str | None]:
        """Looked up for the first name only: most passes over a model find nothing to rewrite."""
        return {value.name for value in _values(self._graph)}

    def derive(self, stem: str) -> str:
        """Return a name that begins with `stem` and that no value has."""
        number = 1
        while f"{stem}.{number}" in self._taken:
            number += 1
        self._taken.add(f"{stem}.{number}")
        return f"{stem}.{number}"


def _values(graph: ir.Graph) -> Iterator[ir.Value]:
    yield from graph.inputs
    yield from graph.initializers.values()
    for node in graph:
        yield from node.outputs


def insert_nodes(
    graph: ir.Graph,
    node: ir.Node,
    old_nodes: Sequence[ir.Node],
    *,
    new_nodes: Sequence[ir.Node],
    initializers: Sequence[ir.Value],
    outputs: Sequence[ir.Value],
    names: "Names | None" = None,
) -> None:
    """Put `new_nodes` behind `node` in place of `old_nodes`; `outputs` take over the outputs of `node`.

    Equal new constants are shared; new values are named after the first output.
    """
    names = names or Names(graph)
    for initializer in initializers:
        known = graph.initializers.get(initializer.name or "")
        if known is None:
            graph.register_initializer(initializer)
        elif known is not initializer:
            ir.convenience.replace_all_uses_with(initializer, known)
    final = {id(new): old.name for new, old in zip(outputs, node.outputs, strict=True)}
    stem = node.outputs[0].name or node.op_type
    for new in new_nodes:
        for output in new.outputs:
            output.name = final[id(output)] if id(output) in final else names.derive(stem)
        new.name = f"{new.op_type}.{new.outputs[0].name}"
    ir.convenience.replace_nodes_and_values(graph, node, old_nodes, new_nodes, node.outputs, outputs)
