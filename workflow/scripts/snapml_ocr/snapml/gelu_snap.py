"""GeluSnap, Snap's own operator, is in no ONNX registry: it has a definition while models are worked on.

With the definition the checker, shape inference and ONNX Runtime take a model that holds it; the written
file has the bare operator, as Snap's script leaves it (evidence: layer table, GeluSnap), and nothing but
Lens Studio reads it. Which form of GELU it computes there is not documented; the definition is the exact one.
"""

import onnx
from onnx import parser

GELU_SNAP = "GeluSnap"
DOMAIN = "snapml_ocr"
FUNCTION_IR_VERSION = 8
"""The first format version with functions in a model."""

DEFINITION = """
<domain: "%s", opset_import: ["" : %d]>
%s (x) => (y)
{
    slope = Constant <value = float {0.7071067811865476}> ()
    one = Constant <value = float {1.0}> ()
    half = Constant <value = float {0.5}> ()
    u = Mul (x, slope)
    e = Erf (u)
    s = Add (e, one)
    p = Mul (x, s)
    y = Mul (p, half)
}
"""
"""x (1 + erf(x / sqrt 2)) / 2."""


def holds_gelu_snap(model: onnx.ModelProto) -> bool:
    """Whether a bare GeluSnap is in the main graph."""
    return any(node.op_type == GELU_SNAP and node.domain in ("", "ai.onnx") for node in model.graph.node)


def defined(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` with a definition of GeluSnap, which every bare one in it refers to."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for node in copy.graph.node:
        if node.op_type == GELU_SNAP:
            node.domain = DOMAIN
    version = next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
    copy.functions.append(parser.parse_function(DEFINITION % (DOMAIN, version, GELU_SNAP)))
    copy.opset_import.append(onnx.helper.make_opsetid(DOMAIN, 1))
    copy.ir_version = max(copy.ir_version, FUNCTION_IR_VERSION)
    return copy


def bare(model: onnx.ModelProto, ir_version: int) -> onnx.ModelProto:
    """Return `model` as Lens Studio reads it: GeluSnap without domain and definition."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    del copy.functions[:]
    for node in copy.graph.node:
        if node.domain == DOMAIN:
            node.domain = ""
    kept = [entry for entry in copy.opset_import if entry.domain != DOMAIN]
    del copy.opset_import[:]
    copy.opset_import.extend(kept)
    copy.ir_version = ir_version
    return copy
