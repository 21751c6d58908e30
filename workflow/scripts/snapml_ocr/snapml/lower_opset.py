"""Bring a model of any opset to opset 11, or say which operator stands in the way.

ONNX's own converter brings versions below 11 up to it and versions above 20 down to 20; between, this module
decides operator by operator.

An operator whose definition did not change between the two versions stays. One whose newer versions only
allow more tensor types stays as well (`TYPES_ONLY`, reviewed against the operator changelog). One that
changed its meaning or form is rewritten (`lowering_rules`). Everything else is refused: relabelling would
be a guess.
"""

from collections.abc import Mapping

import onnx
import onnx_ir as ir

from snapml_ocr.errors import UserError
from snapml_ocr.onnx_files.model_file import opset_of as opset_number
from snapml_ocr.snapml.lowering_rules import LOWERINGS
from snapml_ocr.snapml.passes import Log, insert_nodes, label_of, refresh
from snapml_ocr.snapml.rules.rule import Explanation

OPSET = 11
"""Named in Snap's documentation, and at most one below anything Snap published."""

IR_VERSION = 6
"""The format version that ONNX published together with opset 11 (ONNX 1.6)."""

NEWEST = 20
"""Up to here every change of an operator was reviewed; ONNX's own converter brings later ones down to it."""

TYPES_ONLY = frozenset([
    "Abs", "Add", "And", "ArgMax", "ArgMin", "AveragePool", "BatchNormalization", "Cast", "Ceil", "Clip",
    "Concat", "Constant", "ConstantOfShape", "DepthToSpace", "Div", "Equal", "Erf", "Exp", "Expand",
    "Flatten", "Floor", "Gather", "GatherElements", "GatherND", "Gemm", "Greater", "IsInf", "IsNaN",
    "LeakyRelu", "Less", "LSTM", "Log", "LpNormalization", "MatMul", "Max", "MaxPool", "Mean", "Min",
    "Mod", "Mul", "Neg", "NonZero", "Not", "Or", "PRelu", "Pow", "RNN", "GRU", "Reciprocal", "ReduceL1",
    "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd",
    "ReduceSumSquare", "Relu", "Reshape", "Sigmoid", "Sign", "Size", "Slice", "SpaceToDepth", "Sqrt",
    "Sub", "Sum", "Tanh", "Tile", "Transpose", "Where", "Xor",
])  # fmt: skip

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
        before="a model of any other opset",
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


def within_reach(model: onnx.ModelProto) -> onnx.ModelProto:
    """Bring a model to opset 11 to 20 by ONNX's converter, which refuses what has no exact form there.

    Raises `UserError` that names what stands in the way.
    """
    version = opset_number(model)
    if not version:
        raise UserError("the model imports no standard operators")
    target = OPSET if version < OPSET else NEWEST
    if OPSET <= version <= NEWEST:
        return model
    try:
        return onnx.version_converter.convert_version(model, target)
    except Exception as error:  # the converter raises RuntimeError and others without a common base
        reason = " ".join(str(error).split()).split(" failed: ")[-1]
        raise UserError(f"opset {version} cannot be brought to {target}: {reason}") from None


def require_float32(model: ir.Model) -> None:
    """Raise `UserError` when a computed value is no float32; indices of ArgMax and ArgMin may be."""
    for value in model.graph.inputs:
        if not _is_fit(value):
            raise UserError(f"input {value.name} is {_type_name(value)}: SnapML computes with float32")
    for node in model.graph:
        for value in node.outputs:
            if not _is_fit(value) and node.op_type not in ("ArgMax", "ArgMin"):
                found = f"{label_of(node)}: {node.op_type} gives {_type_name(value)}"
                raise UserError(f"{found}: SnapML computes with float32")


def _is_fit(value: ir.Value) -> bool:
    is_tensor = value.type is None or isinstance(value.type, ir.TensorType)
    return is_tensor and value.dtype in (None, ir.DataType.UNDEFINED, ir.DataType.FLOAT)


def _type_name(value: ir.Value) -> str:
    return value.dtype.name.lower() if isinstance(value.type, ir.TensorType) and value.dtype else "no tensor"


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
