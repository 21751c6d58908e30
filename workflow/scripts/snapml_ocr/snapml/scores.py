"""A recognizer that gives scores in rank 4 and leaves the Softmax to its reader."""

import onnx_ir as ir

from snapml_ocr.errors import UserError
from snapml_ocr.runtime.model import OUTPUT_KEY, SCORES
from snapml_ocr.snapml.helpers.node_builder import NodeBuilder
from snapml_ocr.snapml.helpers.values import data_of, int_constant, integer, shape_of
from snapml_ocr.snapml.passes import insert_nodes, refresh


def leave_softmax_to_the_reader(model: ir.Model) -> None:
    """Make the output of a recognizer (1, C, 1, T) scores instead of (1, T, C) probabilities.

    The layout of convolutions: with the head in 1x1 convolutions nothing is left to transpose. Raises
    `UserError` for a model that does not end in a Softmax over the classes of each step.
    """
    if model.metadata_props.get(OUTPUT_KEY) == SCORES:
        return
    outputs = model.graph.outputs
    found = _softmax_behind(outputs[0]) if len(outputs) == 1 else None
    shape = shape_of(outputs[0]) if outputs else None
    if found is None or shape is None or len(shape) != 3 or shape[0] != 1:
        raise UserError(
            "--output scores: the model does not end in a Softmax over the classes of (1, steps, classes)"
        )
    _, steps, classes = shape
    node = outputs[0].producer()
    assert node is not None
    op = NodeBuilder()
    rows = op.Reshape(data_of(found), int_constant(op, [1, 1, steps, classes]))
    scores = op.Transpose(rows, perm=[0, 3, 1, 2])
    insert_nodes(
        model.graph, node, [node], new_nodes=op.nodes, initializers=op.initializers, outputs=[scores]
    )
    outputs[0].shape = ir.Shape([1, classes, 1, steps])
    model.metadata_props[OUTPUT_KEY] = SCORES
    refresh(model, "leaving the Softmax to the reader")


def _softmax_behind(value: ir.Value) -> ir.Node | None:
    """Return the Softmax over the last axis that gives `value`, maybe through Reshapes."""
    node = value.producer()
    while node is not None and node.op_type in ("Reshape", "Squeeze", "Unsqueeze", "Identity"):
        node = data_of(node).producer()
    if node is None or node.op_type != "Softmax":
        return None
    classes, shape = shape_of(value), shape_of(node.outputs[0])
    axis = integer(node, "axis", 1)
    if classes is None or shape is None or shape[-1] != classes[-1] or axis not in (-1, len(shape) - 1):
        return None
    return node
