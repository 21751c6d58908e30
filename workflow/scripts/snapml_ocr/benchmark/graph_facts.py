"""What an ONNX file holds: operators, opset, size, parameters and multiply-adds."""

from collections import Counter
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from typing import Any

import onnx

from snapml_ocr.files import sha256_of
from snapml_ocr.onnx_files.macs import multiply_adds
from snapml_ocr.onnx_files.model_file import graph_inputs, opset_of, read_model

FLOATS = {
    onnx.TensorProto.FLOAT,
    onnx.TensorProto.FLOAT16,
    onnx.TensorProto.DOUBLE,
    onnx.TensorProto.BFLOAT16,
}


@dataclass(frozen=True)
class GraphFacts:
    """Facts of one ONNX file. `macs` is None when the shapes do not tell, as in a dynamic model."""

    sha256: str
    size_bytes: int
    opset: int
    ir_version: int
    inputs: dict[str, list[int | str]]
    outputs: dict[str, list[int | str]]
    nodes: int
    operators: dict[str, int]
    parameters: int
    macs: int | None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


def describe_graph(path: Path, shape: tuple[int, ...] | None = None) -> GraphFacts:
    """Facts of the ONNX file at `path`; `shape` is set as the input's shape when it is dynamic.

    Raises `UserError` when the file is missing or is no ONNX model.
    """
    model = read_model(path)
    return GraphFacts(
        sha256=sha256_of(path),
        size_bytes=path.stat().st_size,
        opset=opset_of(model),
        ir_version=model.ir_version,
        inputs=_shapes(graph_inputs(model.graph)),
        outputs=_shapes(model.graph.output),
        nodes=sum(count for kind, count in _operators(model.graph).items() if kind != "Constant"),
        operators=dict(sorted(_operators(model.graph).items())),
        parameters=_parameters(model.graph),
        macs=multiply_adds(model, shape),
    )


def _operators(graph: onnx.GraphProto) -> Counter[str]:
    """Operators by type, those of subgraphs (If, Loop) included."""
    counts: Counter[str] = Counter()
    for node in graph.node:
        counts[node.op_type] += 1
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                counts += _operators(attribute.g)
    return counts


def _parameters(graph: onnx.GraphProto) -> int:
    """Numbers in all floating-point weights; a weight may be an initializer or a Constant node."""
    weights = list(graph.initializer)
    for node in graph.node:
        if node.op_type == "Constant":
            weights += [attribute.t for attribute in node.attribute if attribute.name == "value"]
    return sum(prod(weight.dims) for weight in weights if weight.data_type in FLOATS)


def _shapes(values: Any) -> dict[str, list[int | str]]:
    return {
        value.name: [
            size.dim_value if size.HasField("dim_value") else size.dim_param or "?"
            for size in value.type.tensor_type.shape.dim
        ]
        for value in values
    }
