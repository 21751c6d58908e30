"""Small models for the tests, with constants stored in every way ONNX allows."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from snapml_ocr.runtime.feeds import largest_difference, random_feeds
from snapml_ocr.snapml.fixer import fix
from snapml_ocr.snapml.options import FixOptions

STORAGES = ("raw", "typed", "node")
storages = st.sampled_from(STORAGES)


def weights(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def stored(name: str, array: np.ndarray, storage: str) -> onnx.TensorProto:
    if storage == "typed":
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        return helper.make_tensor(name, kind, array.shape, array.reshape(-1).tolist())
    return numpy_helper.from_array(array, name)


def node(operator: str, inputs: Sequence[str], outputs: Sequence[str] | str = "y", **attributes: Any):
    names = [outputs] if isinstance(outputs, str) else list(outputs)
    return helper.make_node(operator, list(inputs), names, name=f"{operator}_{names[0]}", **attributes)


def model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Mapping[str, Sequence[int]],
    outputs: Sequence[str] = ("y",),
    *,
    constants: Mapping[str, np.ndarray] | None = None,
    storage: str = "raw",
    opset: int = 11,
    output_type: int = TensorProto.FLOAT,
    **options: Any,
) -> onnx.ModelProto:
    """Return a checked model; output shapes are inferred."""
    constants = constants or {}
    tensors = {name: stored(name, np.asarray(array), storage) for name, array in constants.items()}
    constant_nodes, initializers = [], list(tensors.values())
    if storage == "node":
        constant_nodes = [node("Constant", [], name, value=tensor) for name, tensor in tensors.items()]
        initializers = []
    graph = helper.make_graph(
        [*constant_nodes, *nodes],
        "test",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, output_type, None) for name in outputs],
        initializers,
    )
    versions = {11: 6, 12: 7, 13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 23: 10}
    proto = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=versions.get(opset, 5), **options
    )
    inferred = onnx.shape_inference.infer_shapes(proto, strict_mode=True, data_prop=True)
    onnx.checker.check_model(inferred)
    return inferred


def operators(proto: onnx.ModelProto) -> list[str]:
    """Return the operators in order, Constants left out."""
    return [one.op_type for one in proto.graph.node if one.op_type != "Constant"]


def fixed(
    proto: onnx.ModelProto, options: FixOptions | None = None, max_abs_diff: float = 1e-5
) -> onnx.ModelProto:
    """Fix `proto` and hold the result to what every result must fulfil."""
    result = fix(proto, options, max_abs_diff=max_abs_diff).model
    onnx.checker.check_model(result, full_check=True)
    assert largest_difference(proto, result, [random_feeds(proto, seed) for seed in (7, 8)]) <= max_abs_diff
    assert [value.name for value in result.graph.output] == [value.name for value in proto.graph.output]
    assert [value.name for value in result.graph.input] == [value.name for value in proto.graph.input]
    again = fix(result, options)
    assert not again.log.changes
    assert again.model.SerializeToString(deterministic=True) == result.SerializeToString(deterministic=True)
    return result
