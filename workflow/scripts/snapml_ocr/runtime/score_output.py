"""Recognizers that end in scores: the last Softmax is left to whoever reads them."""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from snapml_ocr.runtime.model import OUTPUT_KEY, SCORES, ChangedOutput, RunnableModel, probabilities_of

PROBABILITIES = "probabilities"
"""What the metadata says under `OUTPUT_KEY` of a recognizer that has its Softmax."""

SUM_TOLERANCE = 0.02
"""Of the probabilities of a step, which float16 rounds; scores are off by more in some step."""


def gives_scores(output: NDArray[np.float32]) -> bool:
    """Whether the (N, steps, classes) output of a recognizer is no probabilities."""
    if output.size == 0:
        return False
    sums = output.sum(axis=-1, dtype=np.float64)
    return bool(output.min() < 0 or np.abs(sums - 1).max() > SUM_TOLERANCE)


class WithSoftmax(ChangedOutput):
    """A `RunnableModel` that gives the softmax of another's scores: see `probabilities_of`."""

    def __init__(self, model: RunnableModel) -> None:
        super().__init__(model, probabilities_of)


def with_softmax(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` with the reader's part in it: (1, T, C) probabilities under the same output name.

    Any other model comes back as it is; for comparing a recognizer with what it was made from.
    """
    if not any(entry.key == OUTPUT_KEY and entry.value == SCORES for entry in model.metadata_props):
        return model
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    add_softmax(copy)
    for entry in copy.metadata_props:
        if entry.key == OUTPUT_KEY:
            entry.value = PROBABILITIES
    return copy


def add_softmax(model: onnx.ModelProto) -> None:
    """Append the softmax over the classes to a model of (N, ..., C) scores, or of (1, C, 1, T) ones.

    The output keeps its name, and becomes (1, T, C) in the second case.
    """
    graph, output = model.graph, model.graph.output[0]
    name, scores = output.name, f"{output.name}.scores"
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [scores if one == name else one for one in names]
    dims = [dim.dim_value for dim in output.type.tensor_type.shape.dim]
    if len(dims) == 4:
        _, classes, _, steps = dims
        graph.initializer.append(
            numpy_helper.from_array(np.array([1, steps, classes], np.int64), f"{name}.sizes")
        )
        graph.node.append(helper.make_node("Transpose", [scores], [f"{name}.steps"], perm=[0, 2, 3, 1]))
        scores = f"{name}.rows"
        graph.node.append(helper.make_node("Reshape", [f"{name}.steps", f"{name}.sizes"], [scores]))
        dims = [1, steps, classes]
        output.CopyFrom(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, dims))
    # Before opset 13 it works on all axes from `axis` on, which is the same for the last.
    softmax = helper.make_node("Softmax", [scores], [name], name=f"Softmax.{name}", axis=len(dims) - 1)
    graph.node.append(softmax)
