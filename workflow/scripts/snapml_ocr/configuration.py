"""The build's configuration and model catalogue as checked, typed values."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snapml_ocr.errors import UserError
from snapml_ocr.schema import read_yaml, suggestion, validate

ROLES = {"detector": "detection", "recognizer": "recognition", "classifier": "classification"}
"""The task that a model must have to play each role of a pipeline."""


@dataclass(frozen=True, order=True)
class Shape:
    """Height and width of a model input, in pixels."""

    height: int
    width: int

    @classmethod
    def parse(cls, text: str) -> "Shape":
        """Read `HxW`, for example `48x320`."""
        height, width = text.split("x")
        return cls(int(height), int(width))

    def __str__(self) -> str:
        return f"{self.height}x{self.width}"


@dataclass(frozen=True)
class Dictionary:
    """Where the characters of a recognizer come from: a file of the project, or one fetched and verified."""

    name: str
    sha256: str = ""
    sources: tuple[str, ...] = ()

    @property
    def is_fetched(self) -> bool:
        """Whether the file comes from `sources` and not from the project's folder."""
        return bool(self.sources)


@dataclass(frozen=True)
class Charset:
    """The characters a recognizer is cut down to: those of a file of the project, or listed."""

    file: str = ""
    characters: str = ""


@dataclass(frozen=True)
class Model:
    """One entry of the catalogue."""

    name: str
    task: str
    format: str
    sources: tuple[str, ...]
    files: Mapping[str, str]
    normalisation: Mapping[str, Any]
    dictionary: Dictionary | None
    charset: Charset | None
    use_space_char: bool
    right_to_left: bool
    opset: int | None
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Part:
    """One model of a pipeline at the input shapes this pipeline runs it at."""

    model: Model
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Pipeline:
    """Models that read text together; a role may be empty."""

    name: str
    detector: Part | None
    recognizer: Part | None
    classifier: Part | None

    @property
    def parts(self) -> list[Part]:
        """The parts there are, in the order in which they run."""
        return [part for part in (self.detector, self.classifier, self.recognizer) if part]


def read_catalogue(path: Path, schema: Path) -> dict[str, Model]:
    """Read and check the catalogue; raises `UserError` with the file and the key of the first mistake."""
    document = read_yaml(path)
    validate(document, read_yaml(schema), str(path))
    return {name: _model(name, entry, str(path)) for name, entry in document.items()}


def pipelines_to_build(config: Mapping[str, Any], catalogue: Mapping[str, Model]) -> list[Pipeline]:
    """The pipelines that `config["build"]` names, with their models from the catalogue.

    Raises `UserError` for a name that nothing defines and for a model in a role its task does not fit.
    """
    pipelines = [
        _pipeline(name, _lookup(name, config["pipelines"], "build: pipeline"), catalogue)
        for name in config["build"]
    ]
    for name in config["evaluate"]["datasets"]:
        _lookup(name, config["datasets"], "evaluate.datasets: dataset")
    return pipelines


def _model(name: str, entry: Mapping[str, Any], source: str) -> Model:
    graph = {"pdmodel": "inference.pdmodel", "pir": "inference.json"}[entry["format"]]
    expected = {graph, "inference.pdiparams"}
    if set(entry["files"]) != expected:
        raise UserError(
            f"{source}: {name}.files: format {entry['format']} has {' and '.join(sorted(expected))}, "
            f"found {', '.join(sorted(entry['files']))}"
        )
    return Model(
        name=name,
        task=entry["task"],
        format=entry["format"],
        sources=tuple(entry["sources"]),
        files=entry["files"],
        normalisation=entry["normalisation"],
        dictionary=_dictionary(entry.get("dictionary")),
        charset=_charset(entry.get("charset")),
        use_space_char=entry.get("use_space_char", True),
        right_to_left=entry.get("right_to_left", False),
        opset=entry.get("opset"),
        shapes=tuple(Shape.parse(text) for text in entry["shapes"]),
    )


def _dictionary(entry: str | Mapping[str, Any] | None) -> Dictionary | None:
    if entry is None or isinstance(entry, str):
        return Dictionary(entry) if entry else None
    return Dictionary(entry["name"], entry["sha256"], tuple(entry["sources"]))


def _charset(entry: str | Mapping[str, Any] | None) -> Charset | None:
    if entry is None or isinstance(entry, str):
        return Charset(file=entry) if entry else None
    return Charset(characters=entry["characters"])


def _pipeline(name: str, roles: Mapping[str, Any], catalogue: Mapping[str, Model]) -> Pipeline:
    parts: dict[str, Part | None] = {}
    for role, task in ROLES.items():
        entry = roles.get(role)
        if entry is None:
            parts[role] = None
            continue
        where = f"pipelines.{name}.{role}"
        model = _lookup(entry["model"], catalogue, f"{where}.model: model")
        if model.task != task:
            raise UserError(f"{where}: {model.name} does {model.task}, a {role} does {task}")
        shapes = tuple(Shape.parse(text) for text in entry.get("shapes", ())) or model.shapes
        parts[role] = Part(model, shapes)
    return Pipeline(name, **parts)


def _lookup(name: str, known: Mapping[str, Any], what: str) -> Any:
    if name not in known:
        raise UserError(f"{what} '{name}' is not defined{suggestion(name, list(known))}")
    return known[name]
