"""Bring a model of opset 12 to 20 down to opset 11, or say which operator stands in the way.

An operator whose definition did not change between the two versions stays. One whose newer versions only
allow more tensor types stays as well (`TYPES_ONLY`, reviewed against the operator changelog). One that
changed its meaning or form is rewritten (`lowering_rules`). Everything else is refused: relabelling would
be a guess.
"""

from collections.abc import Mapping

import onnx
import onnx_ir as ir

from snapml_ocr.errors import UserError
from snapml_ocr.snapml.lowering_rules import LOWERINGS
from snapml_ocr.snapml.passes import Log, insert_nodes, label_of, refresh
from snapml_ocr.snapml.rules.rule import Explanation

OPSET = 11
"""Named in Snap's documentation, and at most one below anything Snap published."""

IR_VERSION = 6
"""The format version that ONNX published together with opset 11 (ONNX 1.6)."""

OLDEST, NEWEST = 7, 20
"""Below 7 ONNX's own converter does not reach; above 20 no change of an operator was reviewed here."""

TYPES_ONLY = frozenset(
    [
        "Abs",
        "Add",
        "And",
        "ArgMax",
        "ArgMin",
        "AveragePool",
        "BatchNormalization",
        "Cast",
        "Ceil",
        "Clip",
        "Concat",
        "ConstantOfShape",
        "DepthToSpace",
        "Div",
        "Equal",
        "Erf",
        "Exp",
        "Expand",
        "Flatten",
        "Floor",
        "Gather",
        "GatherElements",
        "GatherND",
        "Gemm",
        "Greater",
        "IsInf",
        "IsNaN",
        "LeakyRelu",
        "Less",
        "LSTM",
        "Log",
        "LpNormalization",
        "MatMul",
        "Max",
        "MaxPool",
        "Mean",
        "Min",
        "Mod",
        "Mul",
        "Neg",
        "NonZero",
        "Not",
        "Or",
        "PRelu",
        "Pow",
        "RNN",
        "GRU",
        "Reciprocal",
        "ReduceL1",
        "ReduceL2",
        "ReduceLogSum",
        "ReduceLogSumExp",
        "ReduceMax",
        "ReduceMean",
        "ReduceMin",
        "ReduceProd",
        "ReduceSumSquare",
        "Relu",
        "Reshape",
        "Sigmoid",
        "Sign",
        "Size",
        "Slice",
        "SpaceToDepth",
        "Sqrt",
        "Sub",
        "Sum",
        "Tanh",
        "Tile",
        "Transpose",
        "Where",
        "Xor",
    ]
)

NEUTRAL: Mapping[str, object] = {
    "allowzero": 0,
    "dilations": None,
    "layout": 0,
    "reduction": "none",
    "saturate": 1,
    "select_last_index": 0,
    "training_mode": 0,
}
"""Attributes that opset 11 does not have, with the value that means the same there; dilations: all 1."""


class LowerOpset:
    """One pass, before all rules."""

    name = "lower_opset"
    explanation = Explanation(
        title="Opset 11",
        before="a model of opset 12 to 20 (or 7 to 10)",
        after=(
            "the same model at opset 11 and IR version 6: axes as attributes, Softmax over one axis "
            "written out, "
            "HardSwish, LayerNormalization, Gelu and Mish in basic operators"
        ),
        why="Snap's documentation names opset 11, and none of its published models exceeds 12.",
        evidence="layer table: known_opsets (documented_snap_code)",
        exactness="exact; an operator without an exact opset-11 form is refused by name",
    )

    def run(self, model: ir.Model, log: Log) -> bool:
        """Lower every node, then the label. Raises `UserError` for what has no opset-11 form."""
        log.start(self.name)
        version = opset_of(model)
        if version == OPSET:
            return False
        changed = False
        for node in tuple(model.graph):
            if node.domain in ("", "ai.onnx"):
                changed |= _lower(model.graph, node, version, log, self.name)
        model.graph.opset_imports.pop("ai.onnx", None)
        model.graph.opset_imports[""] = OPSET
        for function in model.functions.values():
            function.opset_imports[""] = OPSET
        refresh(model, self.name)
        return changed


def opset_of(model: ir.Model) -> int:
    """Return the version of the standard operators."""
    imports = model.graph.opset_imports
    return imports.get("", imports.get("ai.onnx", 1))


def raised(model: onnx.ModelProto) -> onnx.ModelProto:
    """Bring opset 7 to 10 up to 11 by ONNX's converter. Raises `UserError` outside 7 to 20."""
    version = next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 1)
    if not OLDEST <= version <= NEWEST:
        raise UserError(f"opset {version}: only {OLDEST} to {NEWEST} can be brought to {OPSET}; export again")
    if version >= OPSET:
        return model
    try:
        return onnx.version_converter.convert_version(model, OPSET)
    except Exception as error:  # the converter raises RuntimeError and others without a common base
        reason = " ".join(str(error).split())
        raise UserError(f"opset {version} cannot be brought to {OPSET}: {reason}") from None


def _lower(graph: ir.Graph, node: ir.Node, version: int, log: Log, rule: str) -> bool:
    lowering = LOWERINGS.get(node.op_type)
    if lowering is not None:
        made = lowering(node, version)
        if made is not None:
            after = [new.op_type for new in made.nodes]
            log.change(rule, label_of(node), [node.op_type], after)
            insert_nodes(
                graph,
                node,
                [node],
                new_nodes=made.nodes,
                initializers=made.initializers,
                outputs=made.outputs,
            )
            return True
        return False
    try:
        now = onnx.defs.get_schema(node.op_type, version)
        then = onnx.defs.get_schema(node.op_type, OPSET)
    except onnx.defs.SchemaError:
        raise UserError(f"{label_of(node)}: {node.op_type} has no opset-{OPSET} form here") from None
    if now.since_version == then.since_version:
        return False
    if node.op_type not in TYPES_ONLY or len(node.inputs) > then.max_input:
        raise UserError(f"{label_of(node)}: {node.op_type} of opset {version} has no opset-{OPSET} form here")
    return _drop_neutral(node, then, version)


def _drop_neutral(node: ir.Node, schema: onnx.defs.OpSchema, version: int) -> bool:
    changed = False
    for name in [name for name in node.attributes if name not in schema.attributes]:
        value = node.attributes[name].value
        neutral = all(entry == 1 for entry in value) if name == "dilations" else value == NEUTRAL.get(name)
        if name not in NEUTRAL or not neutral:
            raise UserError(
                f"{label_of(node)}: attribute {name} of {node.op_type} (opset {version}) has no "
                f"opset-{OPSET} form"
            )
        del node.attributes[name]
        changed = True
    return changed
