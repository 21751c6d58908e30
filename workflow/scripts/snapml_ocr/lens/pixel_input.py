"""Build a model's normalisation into it, so that its input is R, G, B from 0 to 255 at scale 1 and bias 0.

Lens Studio hands over a texture's channels as R, G, B and computes value * scale + bias by import settings
that nobody checks. Two changes leave nothing to set: the first convolution's input channels are permuted,
which is exact, and (pixel - 255 mean) / (255 std) becomes a leading BatchNormalization. Folding the shift
into the convolution instead would be wrong at the border, where a convolution pads with the zero of
normalised pixels.
"""

from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from snapml_ocr.errors import UserError
from snapml_ocr.ocr.normalisation import Normalisation
from snapml_ocr.onnx_files.model_file import require_valid, set_metadata
from snapml_ocr.runtime.feeds import OpenedModel

EPSILON = 1e-5
"""Of BatchNormalization, its default; the variance written is 1 - EPSILON, so that the divisor is 1."""

INPUT = "snapml_ocr.input"
"""Metadata key that says what the input takes."""

NORMALISED = "pixels_normalised"
"""Name of the tensor behind the leading BatchNormalization."""


def padding_colour(normalisation: Normalisation) -> list[float]:
    """Return R, G, B from 0 to 255 that become zero, the padding of recognizers and classifiers."""
    colour = [255.0 * mean for mean in normalisation.mean]
    return colour if normalisation.channel_order == "rgb" else colour[::-1]


def with_pixel_input(model: onnx.ModelProto, normalisation: Normalisation, *, label: str) -> onnx.ModelProto:
    """Return a copy of a (1, 3, H, W) float32 model that takes R, G, B from 0 to 255 instead.

    Raises `UserError` that begins with `label` when the input is no such picture.
    """
    result = onnx.ModelProto()
    result.CopyFrom(model)
    graph = result.graph
    weights = {one.name: one for one in graph.initializer}
    inputs = [value for value in graph.input if value.name not in weights]
    if len(inputs) != 1 or [dim.dim_value for dim in inputs[0].type.tensor_type.shape.dim][:2] != [1, 3]:
        raise UserError(f"{label}: expected one input of shape 1x3xHEIGHTxWIDTH")
    name = inputs[0].name
    readers = [node for node in graph.node if name in node.input]
    source = name
    added: list[onnx.NodeProto] = []
    if normalisation.channel_order == "bgr":
        shared = {w for w in weights if sum(list(node.input).count(w) for node in graph.node) > 1}
        if all(_is_plain_convolution(node, name, weights, shared) for node in readers):
            for node in readers:
                _permute_input_channels(weights[node.input[1]])
        else:
            exchange = np.eye(3, dtype=np.float32)[::-1].reshape(3, 3, 1, 1)
            graph.initializer.append(numpy_helper.from_array(exchange.copy(), "rgb_to_bgr"))
            added.append(
                helper.make_node("Conv", [NORMALISED, "rgb_to_bgr"], ["pixels_bgr"], name="rgb_to_bgr")
            )
            source = "pixels_bgr"
    for key, values in _batch_normalisation(normalisation).items():
        graph.initializer.append(numpy_helper.from_array(values, f"pixels_{key}"))
    operands = [name, *(f"pixels_{key}" for key in _batch_normalisation(normalisation))]
    added.insert(
        0, helper.make_node("BatchNormalization", operands, [NORMALISED], name="pixels", epsilon=EPSILON)
    )
    target = source if source != name else NORMALISED
    for node in readers:
        node.input[:] = [target if one == name else one for one in node.input]
    nodes = [*added, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    shape = [dim.dim_value for dim in inputs[0].type.tensor_type.shape.dim]
    for tensor in dict.fromkeys((NORMALISED, target)):
        graph.value_info.append(helper.make_tensor_value_info(tensor, TensorProto.FLOAT, shape))
    set_metadata(result, {INPUT: "R, G, B from 0 to 255"})
    require_valid(result, label)
    return result


def pixel_difference(
    model: onnx.ModelProto,
    with_pixels: onnx.ModelProto,
    normalisation: Normalisation,
    pictures: Sequence[NDArray[np.uint8]],
) -> float:
    """Return the largest difference of any output between a model on normalised pixels and `with_pixel_input`
    of it.

    `pictures` are (H, W, 3) uint8 BGR of the input's size. ONNX Runtime's optimisations are off.
    """
    normal, plain = OpenedModel(model), OpenedModel(with_pixels)
    largest = 0.0
    for picture in pictures:
        pixels = np.ascontiguousarray(picture[:, :, ::-1].transpose(2, 0, 1)[None], np.float32)
        expected = normal.run({normal.input_names[0]: normalisation.tensor(picture)})
        found = plain.run({plain.input_names[0]: pixels})
        for name, values in expected.items():
            largest = max(largest, float(np.abs(values - found[name]).max(initial=0.0)))
    return largest


def _batch_normalisation(normalisation: Normalisation) -> dict[str, NDArray[np.float32]]:
    """Return the operands of BatchNormalization after its input, in R, G, B order."""
    step = 1 if normalisation.channel_order == "rgb" else -1
    mean, std = (255.0 * np.array(values)[::step] for values in (normalisation.mean, normalisation.std))
    zero, unit = np.zeros(3), np.full(3, 1.0 - EPSILON)
    operands = {"scale": 1.0 / std, "bias": zero, "mean": mean, "variance": unit}
    return {key: np.ascontiguousarray(values, np.float32) for key, values in operands.items()}


def _is_plain_convolution(
    node: onnx.NodeProto, name: str, weights: dict[str, onnx.TensorProto], shared: set[str]
) -> bool:
    groups = next((attribute.i for attribute in node.attribute if attribute.name == "group"), 1)
    return (
        node.op_type == "Conv"
        and list(node.input).count(name) == 1
        and node.input[0] == name
        and groups == 1
        and node.input[1] in weights
        and node.input[1] not in shared
    )


def _permute_input_channels(weight: onnx.TensorProto) -> None:
    """Reverse the order of the input channels of a (out, 3, h, w) weight, in place."""
    values = numpy_helper.to_array(weight)[:, ::-1]
    weight.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(values), weight.name))
