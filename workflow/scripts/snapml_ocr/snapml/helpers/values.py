"""Reading shapes, constants and attributes of graph values, and making constants."""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx_ir as ir
from numpy.typing import NDArray

Array = NDArray[Any]

FLOAT_TYPES = (ir.DataType.FLOAT,)
"""SnapML's documented data type; every rule that touches numbers keeps to it."""


CONSTANT_PREFIX = "constant_"


def shape_of(value: ir.Value | None) -> tuple[int, ...] | None:
    """Return the static shape of `value`, None where any dimension is unknown."""
    if value is None or value.shape is None:
        return None
    sizes = [dim for dim in value.shape if isinstance(dim, int)]
    return tuple(sizes) if len(sizes) == len(value.shape) else None


def array_of(value: ir.Value | None) -> Array | None:
    """Return the array behind a constant value (initializer or Constant node), None for any other."""
    if value is None or value.const_value is None or value.is_graph_input():
        return None
    return np.asarray(value.const_value.numpy())


def float_array_of(value: ir.Value | None) -> NDArray[np.float64] | None:
    """Return a float32 constant as float64, so that folding rounds once; None for anything else."""
    array = array_of(value)
    return array.astype(np.float64) if array is not None and array.dtype == np.float32 else None


def is_float(value: ir.Value | None) -> bool:
    """Whether `value` is float32; a value of unknown type counts as float32."""
    return value is not None and (value.dtype is None or value.dtype in FLOAT_TYPES)


def content_name(array: Array) -> str:
    """Return a name for a constant that only its content decides, so that equal ones are shared."""
    contiguous = np.ascontiguousarray(array)
    digest = hashlib.sha256(f"{array.dtype}{array.shape}".encode() + contiguous.tobytes())
    return f"{CONSTANT_PREFIX}{digest.hexdigest()[:16]}"


def constant(op: Any, array: Array) -> ir.Value:
    """Return an initializer that holds `array`."""
    name = content_name(array)
    value: ir.Value = op.initializer(ir.tensor(array, name=name), name)
    return value


def float_constant(op: Any, array: Any) -> ir.Value:
    """Return a float32 initializer of `array`."""
    return constant(op, np.asarray(array, dtype=np.float32))


def int_constant(op: Any, entries: Any) -> ir.Value:
    """Return an int64 initializer of `entries`."""
    return constant(op, np.asarray(entries, dtype=np.int64))


def input_of(node: ir.Node, index: int) -> ir.Value | None:
    """Return input `index` of `node`, None where it is absent."""
    return node.inputs[index] if index < len(node.inputs) else None


def data_of(node: ir.Node) -> ir.Value:
    """Return the first input; for operators that cannot be without one."""
    value = node.inputs[0]
    assert value is not None
    return value


def output_of(node: ir.Node) -> ir.Value:
    """Return the first output."""
    return node.outputs[0]


def ints(node: ir.Node, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
    """Return a list attribute of integers, `default` where it is absent."""
    attribute = node.attributes.get(name)
    return tuple(int(entry) for entry in attribute.as_ints()) if attribute is not None else default


def integer(node: ir.Node, name: str, default: int) -> int:
    """Return an integer attribute, `default` where it is absent."""
    return int(node.attributes.get_int(name, default))


def real(node: ir.Node, name: str, default: float) -> float:
    """Return a float attribute, `default` where it is absent."""
    return float(node.attributes.get_float(name, default))


def text(node: ir.Node, name: str, default: str) -> str:
    """Return a string attribute, `default` where it is absent."""
    return str(node.attributes.get_string(name, default))


def sole_consumer(value: ir.Value) -> ir.Node | None:
    """Return the one node that reads `value` once; None where there are more readers or it is an output."""
    uses = value.uses()
    return next(iter(uses)).node if len(uses) == 1 and not value.is_graph_output() else None


def like(value: ir.Value, model: ir.Value) -> ir.Value:
    """Give `value` the type and shape of `model`, for rules that go on building; returns `value`."""
    value.type, value.shape = model.type, model.shape
    return value


def sized(value: ir.Value, sizes: Sequence[int]) -> ir.Value:
    """Give `value` float32 and `sizes`, so that rules go on behind it in the same run; returns `value`."""
    value.type, value.shape = ir.TensorType(ir.DataType.FLOAT), ir.Shape(sizes)
    return value
