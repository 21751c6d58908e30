"""Reading one ONNX file with clear errors."""

from pathlib import Path

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from snapml_ocr.convert.model_file import refuse_very_many_nodes
from snapml_ocr.errors import UserError


def read_model(path: Path) -> onnx.ModelProto:
    """Read `path`, external data included. Raises `UserError` when there is no ONNX model."""
    if not path.is_file():
        raise UserError(f"{path}: no such file")
    try:
        model = onnx.load(path)
    except DecodeError:
        raise UserError(f"{path}: not an ONNX model") from None
    except (FileNotFoundError, onnx.checker.ValidationError) as error:
        raise UserError(f"{path}: its external data cannot be read: {error}") from None
    if not model.HasField("graph") or not model.opset_import:
        raise UserError(f"{path}: not an ONNX model (no graph in it)")
    refuse_very_many_nodes(model, str(path))
    return model
