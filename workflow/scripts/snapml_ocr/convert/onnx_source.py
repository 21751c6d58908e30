"""A model that comes as ONNX, brought into the form that an export from Paddle has."""

from pathlib import Path

import onnx

from snapml_ocr.convert.input_shape import image_input
from snapml_ocr.errors import UserError
from snapml_ocr.files import sha256_of
from snapml_ocr.onnx_files.model_file import read_model, require_valid, set_metadata
from snapml_ocr.onnx_files.normal_form import drop_unread, normal_form, trial_run
from snapml_ocr.plan.axes import EXPORTED, STAGE_KEY
from snapml_ocr.runtime.score_output import add_softmax, gives_scores

ADDED = "snapml_ocr.added"
"""Metadata entry that names what the model was given."""

_RECOGNIZER, _CLASSIFIER = 3, 2
"""Ranks of the outputs that hold class probabilities: (N, steps, classes) and (N, classes)."""


def import_onnx(path: Path, *, name: str) -> onnx.ModelProto:
    """Return the model of an ONNX file in its normal form, with its first output alone, as probabilities.

    The opset stays. A recognizer or classifier that ends in scores gets the Softmax that it lacks, which the
    metadata entry `ADDED` notes. The metadata says which model this is (`name`) and which file it
    came from; the same file gives the same bytes. Raises `UserError` that names what is in the way.
    """
    try:
        model = normal_form(read_model(path))
        image_input(model, str(path))
        _require_float(model.graph.output[0])
        output = model.graph.output[0].name
        del model.graph.output[1:]
        drop_unread(model.graph)
        if is_scores := _ends_in_scores(model, output):
            add_softmax(model)
    except UserError as error:
        raise UserError(str(error) if str(path) in str(error) else f"{path}: {error}") from None
    set_metadata(
        model,
        {
            "snapml_ocr.model": name,
            "snapml_ocr.source_sha256": sha256_of(path),
            STAGE_KEY: EXPORTED,
            **({ADDED: "Softmax"} if is_scores else {}),
        },
    )
    require_valid(model, str(path))
    return model


def _require_float(output: onnx.ValueInfoProto) -> None:
    kind = onnx.TensorProto.DataType.Name(output.type.tensor_type.elem_type)
    if kind != "FLOAT":
        raise UserError(
            f"its first output, {output.name}, is {kind}, expected a FLOAT probability map or probabilities"
        )


def _ends_in_scores(model: onnx.ModelProto, output: str) -> bool:
    rank = len(model.graph.output[0].type.tensor_type.shape.dim)
    return rank in {_RECOGNIZER, _CLASSIFIER} and gives_scores(trial_run(model, output))
