"""The fixed shape a model's image input is to get, checked against what the model allows."""

import onnx

from snapml_ocr.errors import UserError
from snapml_ocr.onnx_files.model_file import graph_inputs

CHANNELS = 3
MAX_SIDE = 8192
"""Pixels. More is a slip of the keyboard: shapes in use have up to 1280, and memory grows with the area."""


def fixed_input_shape(model: onnx.ModelProto, height: int, width: int, label: str) -> tuple[str, list[int]]:
    """Return the name of the one image input and its shape `[1, 3, height, width]`.

    Raises `UserError` that begins with `label` when the model has another number of inputs, when the input is
    no float image, or when the model was exported with another size already fixed.
    """
    for side, size in (("height", height), ("width", width)):
        if not 1 <= size <= MAX_SIDE:
            raise UserError(f"{label}: {side} {size} is not between 1 and {MAX_SIDE} pixels")
    value = image_input(model, label)
    wanted = [1, CHANNELS, height, width]
    given = _sizes(value)
    if any(size not in {None, asked} for size, asked in zip(given, wanted, strict=True)):
        raise UserError(
            f"{label}: input {value.name} was exported as {_shown(given)}, {_shown(wanted)} was asked for;"
            " ask for a shape that fits, or export the model again with these dimensions left open"
        )
    return value.name, wanted


def image_input(model: onnx.ModelProto, label: str) -> onnx.ValueInfoProto:
    """Return the one input of a model; raises `UserError` unless it is a float colour image, (N, 3, H, W)."""
    inputs = graph_inputs(model.graph)
    if len(inputs) != 1:
        names = ", ".join(value.name for value in inputs) or "none"
        raise UserError(
            f"{label}: expected exactly one input, the image; the model has {len(inputs)} ({names})"
        )
    value = inputs[0]
    kind = onnx.TensorProto.DataType.Name(value.type.tensor_type.elem_type)
    sizes = _sizes(value)
    if kind != "FLOAT":
        raise UserError(f"{label}: input {value.name} is {kind}, expected a FLOAT image")
    if len(sizes) != 4:
        raise UserError(
            f"{label}: input {value.name} has rank {len(sizes)}, expected 4 (N, {CHANNELS}, height, width)"
        )
    if sizes[1] == 1:
        raise UserError(
            f"{label}: input {value.name} is a grey image ({_shown(sizes)}), expected {CHANNELS} channels"
        )
    return value


def _sizes(value: onnx.ValueInfoProto) -> list[int | None]:
    dims = value.type.tensor_type.shape.dim
    return [dim.dim_value if dim.HasField("dim_value") else None for dim in dims]


def _shown(shape: list[int] | list[int | None]) -> str:
    return "x".join("?" if size is None else str(size) for size in shape)
