"""What `inference.yml` says, the file that PaddleOCR 3 and PaddleX write beside an inference model."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from snapml_ocr.errors import UserError

NAME = "inference.yml"

MAX_BYTES = 4 * 2**20
"""A dictionary of 20,000 characters takes a tenth of it."""

DECODERS = {"DBPostProcess": "detection", "CTCLabelDecode": "recognition", "Topk": "classification"}
"""Names of `PostProcess` and the task whose output is decoded so."""

_FRACTIONS = {"1./255.": 1 / 255, "1.0/255.0": 1 / 255, "1/255": 1 / 255}
"""Ways in which PaddleOCR writes the factor of pixel values as text."""


@dataclass(frozen=True)
class InferenceYml:
    """The parts that decide how a model is used; None where the file is silent."""

    model_name: str | None = None
    decoder: str | None = None
    height: int | None = None
    width: int | None = None
    size_from: str = ""
    """The operation that the size comes from."""
    channel_order: str | None = None
    mean: tuple[float, float, float] | None = None
    std: tuple[float, float, float] | None = None
    resizes_for_recognition: bool = False
    """Whether `RecResizeImg` is used, which normalises to [-1, 1] by itself."""
    characters: tuple[str, ...] | None = None
    characters_from: str = "inference.yml: character_dict"
    """Where the characters are declared."""


def read_inference_yml(path: Path) -> InferenceYml:
    """Read the file; raises `UserError` when it is not YAML or has a value that cannot be used."""
    document = _load(path)
    steps = _operations(document)
    post = _mapping(document.get("PostProcess"))
    decoder = post.get("name") or next((name for name in post if name in DECODERS), None)
    height, width, size_from = _size(steps, path)
    normalise = _mapping(steps.get("NormalizeImage"))
    _require_scale(normalise.get("scale"), path)
    return InferenceYml(
        model_name=_text(_mapping(document.get("Global")).get("model_name")),
        decoder=_text(decoder),
        height=height,
        width=width,
        size_from=size_from,
        channel_order=_channel_order(steps, path),
        mean=_numbers(normalise.get("mean"), path),
        std=_numbers(normalise.get("std"), path),
        resizes_for_recognition="RecResizeImg" in steps,
        characters=_characters(post.get("character_dict"), path),
    )


def _load(path: Path) -> dict[str, Any]:
    """Parse with every scalar as text: a dictionary has entries such as `no`, `1` and `~`."""
    if path.stat().st_size > MAX_BYTES:
        raise UserError(f"{path.name}: larger than {MAX_BYTES // 2**20} MiB")
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    except UnicodeDecodeError:
        raise UserError(f"{path.name}: not UTF-8 text") from None
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise UserError(f"{path.name}{line}: not YAML; leave the file out to go on without it") from None
    return _mapping(document)


def _operations(document: dict[str, Any]) -> dict[str, Any]:
    """Settings of each operation of `PreProcess.transform_ops`, by name."""
    listed = _mapping(document.get("PreProcess")).get("transform_ops")
    steps: dict[str, Any] = {}
    for step in listed if isinstance(listed, list) else []:
        steps.update(_mapping(step))
    return steps


def _size(steps: dict[str, Any], path: Path) -> tuple[int | None, int | None, str]:
    """Height and width that pictures are resized to; detectors resize by a rule and have none."""
    if "RecResizeImg" in steps:
        shape = _numbers(_mapping(steps["RecResizeImg"]).get("image_shape"), path)
        if shape is not None and shape[0] == 3:
            return int(shape[1]), int(shape[2]), "RecResizeImg"
    if "ResizeImage" in steps:
        size = _mapping(steps["ResizeImage"]).get("size")
        if isinstance(size, list) and len(size) == 2:
            width, height = (int(_number(side, path)) for side in size)
            return height, width, "ResizeImage"
    return None, None, ""


def _channel_order(steps: dict[str, Any], path: Path) -> str | None:
    decode = _mapping(steps.get("DecodeImage"))
    order = decode.get("img_mode") or {"True": "RGB", "true": "RGB", "False": "BGR", "false": "BGR"}.get(
        decode.get("to_rgb", "")
    )
    if order is None:
        return None
    if str(order).lower() not in {"bgr", "rgb"}:
        raise UserError(f"{path.name}: DecodeImage gives {order} pictures, expected BGR or RGB")
    return str(order).lower()


def _require_scale(scale: Any, path: Path) -> None:
    """The catalogue's mean and std are of pixel values divided by 255."""
    if scale is None:
        return
    value = _FRACTIONS[scale] if scale in _FRACTIONS else _number(scale, path)
    if abs(value * 255 - 1) > 1e-3:
        raise UserError(f"{path.name}: NormalizeImage.scale is {scale}, expected 1/255")


def _characters(listed: Any, path: Path) -> tuple[str, ...] | None:
    if listed is None:
        return None
    if not isinstance(listed, list) or not all(isinstance(entry, str) for entry in listed):
        raise UserError(f"{path.name}: PostProcess.character_dict is no list of characters")
    return tuple(listed)


def _numbers(listed: Any, path: Path) -> tuple[float, float, float] | None:
    if listed is None:
        return None
    if not isinstance(listed, list) or len(listed) != 3:
        raise UserError(f"{path.name}: {listed!r} found where three numbers were expected")
    first, second, third = (_number(entry, path) for entry in listed)
    return first, second, third


def _number(text: Any, path: Path) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):
        raise UserError(f"{path.name}: {text!r} found where a number was expected") from None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
