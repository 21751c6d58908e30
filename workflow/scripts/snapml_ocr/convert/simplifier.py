"""Fix a model's input shape, fold what has become constant, and prove that its outputs stayed the same."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from snapml_ocr.convert.input_shape import fixed_input_shape
from snapml_ocr.convert.static_shapes import (
    dynamic_tensors,
    infer_all_shapes,
    largest_tensor,
    with_input_shape,
)
from snapml_ocr.errors import CheckFailedError, UserError
from snapml_ocr.onnx_files.model_file import first_line, require_valid, set_metadata
from snapml_ocr.onnx_files.normal_form import normal_form
from snapml_ocr.plan.axes import SIMPLIFIED, STAGE_KEY
from snapml_ocr.runtime.feeds import largest_difference, random_feeds

MAX_FOLDED_TENSOR = "256MB"
"""What folding may turn into a constant; a model that needs more cannot be used in a Lens anyway."""

MAX_TENSOR_ELEMENTS = 2**28
"""A gigabyte as float32; the largest tensor of a PP-OCR model at the largest shape in use is 1/30 of it."""

RANDOM_SEED = 0


def simplify(model: onnx.ModelProto, *, height: int, width: int, label: str) -> onnx.ModelProto:
    """Return `model` for one `(1, 3, height, width)` input: every tensor of fixed shape, constants folded.

    The opset stays. Raises `UserError` that begins with `label` when the model does not allow this shape or
    is not valid, and `CheckFailedError` when a tensor stays dynamic.
    """
    try:
        model = normal_form(model)
    except UserError as error:
        raise UserError(f"{label}: {error}") from None
    name, shape = fixed_input_shape(model, height, width, label)
    asked = f"{label} at {height}x{width}"
    require_valid(model, label)
    try:
        _refuse_huge_tensors(with_input_shape(model, name, shape))  # before folding computes them
        simplified = infer_all_shapes(_folded(model, name, shape))
        _refuse_huge_tensors(simplified)
    except UserError as error:
        raise UserError(f"{asked}: {error} (was it exported for another shape?)") from None
    dynamic = dynamic_tensors(simplified)
    if dynamic:
        count, first = len(dynamic), dynamic[0]
        raise CheckFailedError(f"{asked}: {count} tensors have no fixed shape, the first is {first!r}")
    del simplified.metadata_props[:]  # onnxsim's diary; what the model itself says comes back
    simplified.metadata_props.extend(model.metadata_props)
    set_metadata(simplified, {STAGE_KEY: SIMPLIFIED})
    require_valid(simplified, asked)
    return simplified


def _folded(model: onnx.ModelProto, name: str, shape: list[int]) -> onnx.ModelProto:
    import onnxsim  # takes a second: not before the model is known to be usable

    folded: onnx.ModelProto
    try:
        folded, _ = onnxsim.simplify(
            model,
            overwrite_input_shapes={name: shape},
            tensor_size_threshold=MAX_FOLDED_TENSOR,
            certify=False,  # depends on which packages happen to be installed, and leaves a note in the model
        )
    except MemoryError:
        raise
    except Exception as error:  # the C++ core raises what it likes
        raise UserError(f"cannot be simplified: {first_line(error)}") from None
    return folded


def _refuse_huge_tensors(model: onnx.ModelProto) -> None:
    name, elements = largest_tensor(model)
    if elements > MAX_TENSOR_ELEMENTS:
        raise UserError(f"tensor {name!r} would have {elements} elements, at most {MAX_TENSOR_ELEMENTS}")


def difference(
    model: onnx.ModelProto,
    simplified: onnx.ModelProto,
    probes: Iterable[NDArray[np.float32]],
    *,
    label: str,
) -> float:
    """Return the largest absolute difference of any output on random input and on `probes`.

    `probes` are inputs of the simplified model's shape made from real images: models behave differently on
    them than on noise. ONNX Runtime's optimisations are off. Raises `CheckFailedError` when outputs cannot be
    compared and `UserError` when a model does not run at this shape.
    """
    name = simplified.graph.input[0].name
    feeds: list[Mapping[str, NDArray[Any]]] = [random_feeds(simplified, RANDOM_SEED)]
    feeds += [{name: probe} for probe in probes]
    try:
        return largest_difference(model, simplified, feeds)
    except CheckFailedError as error:
        raise CheckFailedError(f"{label}: {error}") from None
    except UserError as error:
        raise UserError(f"{label}: {error} (was it exported for another shape?)") from None
