"""Read and write ONNX models that may come from anywhere: complete, self-contained, valid, the same bytes.

It also runs beside the exporters, in environments with an older onnx package.
"""

from collections.abc import Mapping
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError, EncodeError  # type: ignore[import-untyped]

from snapml_ocr.errors import UserError
from snapml_ocr.file_kinds import SNIFFED_BYTES, kind_of, missing_bytes
from snapml_ocr.files import write_bytes

MAX_MODEL_BYTES = 2**31 - 1
"""Protocol buffers hold no more, and Lens Studio takes a hundredth of it."""

STANDARD_DOMAINS = frozenset({"", "ai.onnx"})
"""Both spellings of the domain of the standard operators."""

MAX_NODES = 20_000
"""With those of subgraphs. PP-OCR models have fewer than 1000; tools take minutes for more than this."""


def read_model(path: Path) -> onnx.ModelProto:
    """Read a model with all its weights; raises `UserError` when it is no complete ONNX file of usable size.

    Weights in separate files are read when they lie in the model's folder, and refused anywhere else.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such file")
    size = path.stat().st_size
    if size > MAX_MODEL_BYTES:
        raise UserError(f"{path}: {size} bytes, an ONNX file holds at most {MAX_MODEL_BYTES}")
    model = parse_model(path.read_bytes(), str(path))
    refuse_very_many_nodes(model, str(path))
    try:
        onnx.load_external_data_for_model(model, str(path.parent))
    except (onnx.checker.ValidationError, OSError, ValueError) as error:
        reason = first_line(error).replace(f"{path.parent}/", "").rstrip(".")
        raise UserError(
            f"{path}: weights in a separate file cannot be read: {reason}; save the model as one file"
        ) from None
    return model


def parse_model(content: bytes, label: str) -> onnx.ModelProto:
    """Return the model in `content`; raises `UserError` that begins with `label` when there is none."""
    try:
        model = onnx.load_from_string(content)
    except (DecodeError, ValueError):
        raise UserError(f"{label}: {_why_not(content)}") from None
    if not content:
        raise UserError(f"{label}: {_why_not(content)}")
    if not model.graph.node or not model.graph.output:
        raise UserError(f"{label}: not an ONNX model, or one with no nodes or no outputs")
    if model.ir_version > onnx.IR_VERSION:
        raise UserError(
            f"{label}: written for ONNX IR version {model.ir_version}, the newest that is read here is"
            f" {onnx.IR_VERSION}; export it for an older one"
        )
    if not opset_of(model):
        raise UserError(f"{label}: the model names no opset of the standard operators")
    return model


def _why_not(content: bytes) -> str:
    """Say why there is no model in bytes that cannot be parsed."""
    if kind := kind_of(content[:SNIFFED_BYTES]):
        return f"not an ONNX model, but {kind}"
    if missing := missing_bytes(content):
        return f"not a complete ONNX model: {missing} of its bytes are missing at the end; fetch it again"
    return "not an ONNX model, or a damaged one"


def opset_of(model: onnx.ModelProto) -> int:
    """Return the version of the standard operators that a model imports; 0 for none."""
    return next((entry.version for entry in model.opset_import if entry.domain in STANDARD_DOMAINS), 0)


def graph_inputs(graph: onnx.GraphProto) -> list[onnx.ValueInfoProto]:
    """Return the inputs that a run has to feed: old exporters list weights among the inputs as well."""
    weights = {tensor.name for tensor in graph.initializer}
    weights |= {tensor.values.name for tensor in graph.sparse_initializer}
    return [value for value in graph.input if value.name not in weights]


def write_model(model: onnx.ModelProto, path: Path) -> None:
    """Write `model` atomically; equal models give equal bytes."""
    try:
        content = model.SerializeToString(deterministic=True)
    except (EncodeError, ValueError) as error:
        raise UserError(f"{path}: the model cannot be written: {first_line(error)}") from None
    write_bytes(path, content)


def require_valid(model: onnx.ModelProto, label: str) -> None:
    """Run the full ONNX checker; raises `UserError` that begins with `label` and names what is not valid."""
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError, ValueError) as error:
        raise UserError(f"{label}: not a valid ONNX model: {first_line(error)}") from None


def metadata_of(model: onnx.ModelProto) -> dict[str, str]:
    """Return the metadata entries by key."""
    return {entry.key: entry.value for entry in model.metadata_props}


def set_metadata(model: onnx.ModelProto, values: Mapping[str, str]) -> None:
    """Set metadata entries, keep all others, and sort them by key; our own begin with `snapml_ocr.`."""
    entries = metadata_of(model) | dict(values)
    del model.metadata_props[:]
    for key in sorted(entries):
        model.metadata_props.add(key=key, value=entries[key])


def refuse_very_many_nodes(model: onnx.ModelProto, label: str) -> None:
    """Raise `UserError` that begins with `label` for a model with more than `MAX_NODES` nodes."""
    if _has_more_nodes_than(MAX_NODES, model.graph):
        raise UserError(f"{label}: has more than {MAX_NODES} nodes, which is no model for a Lens")


def _has_more_nodes_than(most: int, graph: onnx.GraphProto) -> bool:
    """Count nodes with those of subgraphs, without recursion and no further than needed."""
    count = 0
    waiting = [graph]
    while waiting and count <= most:
        current = waiting.pop()
        count += len(current.node)
        attributes = (attribute for node in current.node for attribute in node.attribute)
        for attribute in attributes if count <= most else ():
            waiting.extend(attribute.graphs)
            if attribute.HasField("g"):
                waiting.append(attribute.g)
    return count > most


def first_line(error: Exception) -> str:
    """Return the first line of an error's text that says something."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
