"""Give nodes new weights; other readers of the old weights keep them."""

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import Array, content_name
from snapml_ocr.snapml.helpers.weights import Edit


def apply_edits(graph: ir.Graph, edits: Sequence[Edit]) -> None:
    """Register the new constants as float32 initializers and connect them."""
    for edit in edits:
        for index, array in edit.inputs.items():
            while len(edit.node.inputs) <= index:
                edit.node.resize_inputs(index + 1)
            edit.node.replace_input_with(index, register(graph, array.astype(np.float32)))


def register(graph: ir.Graph, array: Array) -> ir.Value:
    """Return the initializer of `graph` that holds `array`, a new one when there is none."""
    name = content_name(array)
    known = graph.initializers.get(name)
    if known is not None:
        return known
    tensor = ir.tensor(array, name=name)
    value = ir.Value(
        name=name, shape=ir.Shape(array.shape), type=ir.TensorType(tensor.dtype), const_value=tensor
    )
    graph.register_initializer(value)
    return value
