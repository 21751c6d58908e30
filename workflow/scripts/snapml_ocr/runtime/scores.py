"""Recognizers that end in scores: the last Softmax is left to whoever reads them."""

from collections.abc import Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from snapml_ocr.runtime.model import OUTPUT_KEY, SCORES, RunnableModel, Shape, probabilities_of

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


class WithSoftmax:
    """A `RunnableModel` that gives the softmax of another's scores: see `probabilities_of`."""

    def __init__(self, model: RunnableModel) -> None:
        self._model = model

    @property
    def input_shape(self) -> Shape:
        """See `RunnableModel`."""
        return self._model.input_shape

    @property
    def output_names(self) -> tuple[str, ...]:
        """See `RunnableModel`."""
        return self._model.output_names

    @property
    def metadata(self) -> Mapping[str, str]:
        """See `RunnableModel`."""
        return self._model.metadata

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `RunnableModel`."""
        return probabilities_of(self._model.run(batch))


def with_softmax(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` with the reader's part in it: (1, T, C) probabilities under the same output name.

    Any other model comes back as it is; for comparing a recognizer with what it was made from.
    """
    if not any(entry.key == OUTPUT_KEY and entry.value == SCORES for entry in model.metadata_props):
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
    graph.output[0].CopyFrom(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, steps, classes]))
    for entry in copy.metadata_props:
        if entry.key == OUTPUT_KEY:
            entry.value = PROBABILITIES
    return copy
