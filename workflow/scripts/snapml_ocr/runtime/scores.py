"""Recognizers that give scores and leave the Softmax to the reader (metadata `output: scores`)."""

import numpy as np
import onnx
from onnx import helper, numpy_helper

OUTPUT_KEY, SCORES = "output", "scores"


def gives_scores(model: onnx.ModelProto) -> bool:
    """Whether `model` says of itself that its output is (1, C, 1, T) scores."""
    return any(entry.key == OUTPUT_KEY and entry.value == SCORES for entry in model.metadata_props)


def with_softmax(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` with the reader's part in it: (1, T, C) probabilities under the same output name.

    Any other model comes back as it is; for comparing a recognizer with what it was made from.
    """
    if not gives_scores(model):
        return model
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    output = graph.output[0]
    _, classes, _, steps = (dim.dim_value for dim in output.type.tensor_type.shape.dim)
    name, inner = output.name, f"{output.name}.scores"
    for node in graph.node:
        for names in (node.input, node.output):
            for index, one in enumerate(names):
                if one == name:
                    names[index] = inner
    sizes = f"{name}.sizes"
    graph.initializer.append(numpy_helper.from_array(np.array([1, steps, classes], np.int64), sizes))
    graph.node.extend(
        [
            helper.make_node("Transpose", [inner], [f"{name}.steps"], perm=[0, 2, 3, 1]),
            helper.make_node("Reshape", [f"{name}.steps", sizes], [f"{name}.rows"]),
            helper.make_node("Softmax", [f"{name}.rows"], [name], axis=2),
        ]
    )
    graph.output[0].CopyFrom(
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, steps, classes])
    )
    for entry in copy.metadata_props:
        if entry.key == OUTPUT_KEY:
            entry.value = "probabilities"
    return copy
