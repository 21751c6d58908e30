"""Put a pipeline into a folder that is dropped into a Lens project, and into an archive of the same bytes."""

import json
import shutil
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from numpy.typing import NDArray

from snapml_ocr.errors import CheckFailedError, UserError
from snapml_ocr.files import atomic_path, sha256_of, write_json, write_text
from snapml_ocr.lens.import_record import import_record, placeholder
from snapml_ocr.lens.pixel_input import padding_colour, pixel_difference, with_pixel_input
from snapml_ocr.ocr.images import read_image
from snapml_ocr.ocr.normalisation import Normalisation
from snapml_ocr.ocr.opening import normalisations_of, options_of
from snapml_ocr.onnx_files.model_file import read_model, write_model
from snapml_ocr.plan.axes import ROLES
from snapml_ocr.plan.pipeline_file import PipelineFile, files_of, read_pipeline_file
from snapml_ocr.plan.space_rule import SpaceRule
from snapml_ocr.snapml.layers import layer_table
from snapml_ocr.snapml.stored_size import LENS_MEGABYTES

SOURCES = Path(__file__).resolve().parents[3] / "lens"
"""The hand-written files of the bundle: workflow/lens."""

SCRIPTS = ("OcrCore.js", "OcrTypes.ts", "TextReader.ts", "Example.ts")
PAGE = ("index.html", "page.css", "page.mjs", "models.mjs")
MIN_ZIP_DATE = (1980, 1, 1, 0, 0, 0)

RUNTIME_OPTIONS = frozenset({"threads"})
"""Options of the pipeline that mean something to the Python reader alone."""


@dataclass(frozen=True)
class ShippedModel:
    """A model in the bundle; `stored_megabytes` is what Lens Studio is reported to make of it."""

    role: str
    file: str
    shape: tuple[int, int]
    source: str
    megabytes: float
    stored_megabytes: float
    difference: float
    normalisation: Normalisation


@dataclass(frozen=True)
class Budget:
    """Stored sizes against what a Lens may hold, and the files to leave out until they fit."""

    total: float
    limit: float
    leave_out: tuple[str, ...]
    remaining: float


def make_bundle(
    pipeline_file: Path,
    output: Path,
    *,
    archive: Path,
    probes: Sequence[Path],
    samples: Sequence[Path],
    max_abs_diff: float,
) -> list[ShippedModel]:
    """Write the bundle of a pipeline file to the folder `output` and to `archive`; the same files give the
    same bytes.

    Every model is compared with the unchanged one on `probes`, pictures, and `CheckFailedError` raised when
    they differ by more than `max_abs_diff`. `samples` are the pictures that the page offers.
    """
    pipeline = read_pipeline_file(pipeline_file)
    normalisations = normalisations_of(pipeline)
    scripts = output / "OCR"
    if output.exists():
        shutil.rmtree(output)
    scripts.mkdir(parents=True)
    models: list[ShippedModel] = []
    names: dict[str, list[dict[str, Any]]] = {}
    for role, part in pipeline.parts():
        files = zip(
            files_of(pipeline_file, part, pipeline.shipped), part.stages[pipeline.shipped], strict=True
        )
        shaped = [(path, (file.shape[0], file.shape[1])) for path, file in files if file.shape]
        if not shaped:
            raise UserError(f"{pipeline_file}: the models of stage {pipeline.shipped} have no fixed shape")
        for path, shape in sorted(shaped, key=lambda one: (one[1][0] * one[1][1], one[1][0])):
            model, entry = _ship(
                role,
                path,
                shape,
                normalisation=normalisations[role],
                folder=scripts,
                probes=probes,
                max_abs_diff=max_abs_diff,
            )
            models.append(model)
            names.setdefault(role, []).append(entry)
    settings = bundle_settings(pipeline, names)
    write_text(scripts / "OcrSettings.js", _settings_module(settings))
    for script in SCRIPTS:
        shutil.copyfile(SOURCES / script, scripts / script)
    demo = output / "demo"
    (demo / "samples").mkdir(parents=True)
    for page in PAGE:
        shutil.copyfile(SOURCES / "demo" / page, demo / page)
    for sample in samples:
        shutil.copyfile(sample, demo / "samples" / sample.name)
    write_json(demo / "samples.json", [sample.name for sample in samples])
    root = SOURCES.parents[1]
    for notice in ("LICENSE", "NOTICE"):
        shutil.copyfile(root / notice, output / notice)
    budget = budget_of(models)
    write_text(output / "README.md", _readme(pipeline, settings, models, budget))
    write_manifest(output, pipeline.name, models, budget)
    write_archive(output, archive)
    return models


def bundle_settings(pipeline: PipelineFile, files: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return what OcrSettings.js exports, from a pipeline file and the entries of the shipped files."""
    settings: dict[str, Any] = {"schema": 1, "pipeline": pipeline.name} | dict.fromkeys(ROLES)
    normalisations = normalisations_of(pipeline)
    for role, part in pipeline.parts():
        colour = [0.0, 0.0, 0.0] if role == "detector" else padding_colour(normalisations[role])
        settings[role] = {
            "models": files[role],
            "shapes": [entry["shape"] for entry in files[role]],
            "padding": colour,
        }
        if part.dictionary is not None:
            settings[role] |= {
                "output": part.output or "probabilities",
                "spaces": (part.spaces or SpaceRule()).model_dump(),
                "rightToLeft": bool(part.right_to_left),
                "directions": directions(part.dictionary) if part.right_to_left else {},
                "characters": ["", *part.dictionary, *([" "] if part.space_class is not False else [])],
            }
    options = options_of(pipeline, {}).model_dump()
    settings["options"] = {key: value for key, value in options.items() if key not in RUNTIME_OPTIONS}
    return settings


def directions(dictionary: Sequence[str]) -> dict[str, str]:
    """Return the characters of each bidirectional class but L, which JavaScript does not know of."""
    found: dict[str, str] = {}
    for character in sorted(set("".join(dictionary))):
        kind = unicodedata.bidirectional(character)
        if kind != "L":
            found[kind] = found.get(kind, "") + character
    return found


def budget_of(models: Sequence[ShippedModel]) -> Budget:
    """Return the sum of stored sizes and which shapes to leave out until it is within a Lens's limit."""
    return budget_of_files({model.file: model.stored_megabytes for model in models})


def budget_of_files(stored: Mapping[str, float]) -> Budget:
    """Return the same for megabytes by file name, `{role}_{H}x{W}.onnx`.

    One shape of each model stays. Wide recognizers go first, since a line that is too long is split at gaps,
    then detectors from the largest on.
    """

    def role_and_area(name: str) -> tuple[str, int]:
        role, _, shape = name.removesuffix(".onnx").rpartition("_")
        height, _, width = shape.partition("x")
        return role, int(height) * int(width) if height.isdecimal() and width.isdecimal() else 0

    order = ("recognizer", "detector")
    candidates = [name for name in stored if role_and_area(name)[0] in order]
    candidates.sort(key=lambda name: (order.index(role_and_area(name)[0]), -role_and_area(name)[1]))
    kept = dict(stored)
    for name in candidates:
        if sum(kept.values()) <= LENS_MEGABYTES:
            break
        if sum(role_and_area(other)[0] == role_and_area(name)[0] for other in kept) > 1:
            del kept[name]
    left_out = tuple(name for name in candidates if name not in kept)
    return Budget(sum(stored.values()), LENS_MEGABYTES, left_out, sum(kept.values()))


def write_manifest(folder: Path, name: str, models: Sequence[ShippedModel], budget: Budget) -> None:
    """Write manifest.json, with a checksum of every file, and SHA256SUMS, which `sha256sum --check` reads."""
    files = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in {"manifest.json", "SHA256SUMS"}
    }
    sums = {name: sha256_of(path) for name, path in files.items()}
    document = {
        "schema": 1,
        "pipeline": name,
        "stored_megabytes": round(budget.total, 3),
        "limit_megabytes": budget.limit,
        "leave_out": list(budget.leave_out),
        "models": [
            {
                "file": f"OCR/{model.file}",
                "role": model.role,
                "shape": list(model.shape),
                "made_from": model.source,
                "stored_megabytes": round(model.stored_megabytes, 3),
                "max_abs_diff": model.difference,
            }
            for model in models
        ],
        "files": {name: {"sha256": sums[name], "bytes": path.stat().st_size} for name, path in files.items()},
    }
    write_json(folder / "manifest.json", document)
    write_text(folder / "SHA256SUMS", "".join(f"{digest}  {name}\n" for name, digest in sums.items()))


def write_archive(folder: Path, archive: Path) -> None:
    """Write the files of a folder as a ZIP archive of the same bytes each time: sorted, undated, not
    compressed.

    Weights compress by a twelfth only, and a compressor's next version writes other bytes.
    """
    with atomic_path(archive) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as target:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", MIN_ZIP_DATE)
            entry.external_attr = 0o644 << 16
            target.writestr(entry, path.read_bytes())


def _ship(
    role: str,
    source: Path,
    shape: tuple[int, int],
    *,
    normalisation: Normalisation,
    folder: Path,
    probes: Sequence[Path],
    max_abs_diff: float,
) -> tuple[ShippedModel, dict[str, Any]]:
    """Write one model and its import record; return what is known of it and its entry in the settings."""
    model = read_model(source)
    plain = with_pixel_input(model, normalisation, label=str(source))
    pictures = [_probe(path, shape) for path in probes]
    difference = pixel_difference(model, plain, normalisation, pictures)
    if not difference <= max_abs_diff:
        raise CheckFailedError(
            f"{source}: with its normalisation built in, outputs differ by {difference:.3g},"
            f" at most {max_abs_diff:g} is allowed"
        )
    name = f"{role}_{shape[0]}x{shape[1]}.onnx"
    target = folder / name
    write_model(plain, target)
    inputs, outputs = _placeholders(plain, plain.graph.input), _placeholders(plain, plain.graph.output)
    record = import_record(
        sha256_of(target),
        [placeholder(*one) for one in inputs],
        [placeholder(*one) for one in outputs],
        is_line=role != "detector",
    )
    write_text(folder / f"{name}.meta", record)
    megabytes = target.stat().st_size / 1e6
    stored = megabytes * float(layer_table().limits["stored_fraction"].value)
    entry = {
        "file": name,
        "shape": list(shape),
        "input": {"name": inputs[0][0]},
        "output": {"name": outputs[0][0], "shape": outputs[0][1]},
    }
    return ShippedModel(role, name, shape, source.name, megabytes, stored, difference, normalisation), entry


def _placeholders(model: onnx.ModelProto, values: Any) -> list[tuple[str, list[int]]]:
    weights = {one.name for one in model.graph.initializer}
    return [
        (one.name, [dim.dim_value for dim in one.type.tensor_type.shape.dim])
        for one in values
        if one.name not in weights
    ]


def _probe(path: Path, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a picture, simply resized to a model's input, as (H, W, 3) uint8 BGR."""
    return cv2.resize(read_image(path), shape[::-1], interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def _settings_module(settings: Mapping[str, Any]) -> str:
    """Return OcrSettings.js: JSON is JavaScript, but for two line separators before ES2019."""
    text = json.dumps(settings, indent=1, ensure_ascii=False, allow_nan=False)
    head = (
        "// Generated from the pipeline file; another build writes it anew. OcrCore.js says what it means.\n"
    )
    return f"{head}module.exports = {text};\n".replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _readme(
    pipeline: PipelineFile, settings: Mapping[str, Any], models: Sequence[ShippedModel], budget: Budget
) -> str:
    environment = Environment(
        loader=FileSystemLoader(SOURCES), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, autoescape=False,
    )  # fmt: skip
    template = environment.get_template("README.md.j2")
    return template.render(
        pipeline=pipeline, settings=settings, models=models, budget=budget, unchanged=_import_settings
    )


def _import_settings(normalisation: Normalisation) -> dict[str, str]:
    """Return scale and bias for the unchanged file, per channel in the model's own order."""
    pairs = list(zip(normalisation.mean, normalisation.std, strict=True))
    return {
        "order": ", ".join(normalisation.channel_order.upper()),
        "scale": ", ".join(f"{1 / (255 * std):.7f}" for _, std in pairs),
        "bias": ", ".join(f"{-mean / std:.7f}" for mean, std in pairs),
    }
