"""Everything a build left behind, read from its results folder; what is missing is noted, never a failure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from snapml_ocr.errors import UserError
from snapml_ocr.files import read_json
from snapml_ocr.plan import build_plan, paths
from snapml_ocr.plan.shape import Shape

Document = Mapping[str, Any]

COMPATIBILITY_KEYS = ("schema", "importable", "import_reasons", "size", "layers")
LATENCY_KEYS = ("threads", "stages", "ratios", "operators", "noise", "machine")
ACCURACY_KEYS = ("kind", "images", "lines", "baseline", "stages")
"""What the report reads; a file without it was made by another version of the program."""

NOT_MADE = "was not made"


@dataclass(frozen=True)
class Missing:
    """A part of the report that could not be shown, and why."""

    what: str
    path: str
    reason: str


@dataclass(frozen=True)
class ModelShape:
    """One model at one fixed shape and all that is known of it; a part that was not made is None."""

    role: str
    task: str
    model: str
    height: int
    width: int
    provenance: Document | None
    inspection: Document | None
    fixes: Document | None
    compatibility: Document | None
    parity: Document | None
    float16: Document | None
    latency: Document | None
    training: Document | None

    @property
    def shape(self) -> str:
        """`HxW`."""
        return f"{self.height}x{self.width}"

    @property
    def key(self) -> str:
        """The stem of its files."""
        return f"{self.model}_{self.shape}"

    @property
    def runs_outside_lens_studio(self) -> bool:
        """Whether ONNX Runtime has every operator of its SnapML model."""
        return bool((self.fixes or {}).get("runs_in_onnx_runtime", True))

    def graph(self, stage: str) -> Document | None:
        """Facts of the ONNX file of a stage."""
        return (self.inspection or {}).get(stage)


@dataclass(frozen=True)
class Pipeline:
    """One pipeline: its models at their shapes, in the order in which they run."""

    name: str
    models: Sequence[ModelShape]
    accuracy: Mapping[str, Document]
    gates: Document | None
    speed: Document | None
    pictures: Path
    predictions: Sequence[Document]

    @property
    def compatibility(self) -> dict[str, Document]:
        """The layer checks of its models by `{model}_{H}x{W}`, of those that were checked."""
        return {model.key: model.compatibility for model in self.models if model.compatibility}


@dataclass
class Build:
    """A results folder, read. `missing` lists what the report has to do without."""

    pipelines: list[Pipeline] = field(default_factory=list)
    targets: Sequence[str] = ()
    missing: list[Missing] = field(default_factory=list)

    @property
    def models(self) -> list[ModelShape]:
        """Every model and shape once, in the order of the pipelines."""
        return list({model.key: model for pipeline in self.pipelines for model in pipeline.models}.values())


def read_build(
    results: Path, pipelines: Iterable[build_plan.Pipeline], datasets: Sequence[str], targets: Sequence[str]
) -> Build:
    """Read what was planned below `results`.

    A file that is missing, is no JSON or says that its step failed becomes a note in `Build.missing`.
    """
    build = Build(targets=tuple(targets))
    reader = _Reader(results, build.missing)
    known: dict[str, ModelShape] = {}
    for plan in pipelines:
        models = []
        for part in plan.parts:
            for shape in part.shapes:
                key = f"{part.model.name}_{shape}"
                if key not in known:
                    known[key] = _read_model(reader, part, shape)
                models.append(known[key])
        build.pipelines.append(_read_pipeline(reader, plan.name, models, datasets))
    return build


def _read_model(reader: "_Reader", part: build_plan.Part, shape: Shape) -> ModelShape:
    names = {"model": part.model.name, "shape": shape}
    key = f"{part.model.name}_{shape}"

    def read(pattern: str, what: str, *needs: str) -> Document | None:
        return reader.document(pattern.format(**names), what, *needs)

    return ModelShape(
        role=part.role,
        task=part.model.task,
        model=part.model.name,
        height=shape.height,
        width=shape.width,
        provenance=read(paths.PROVENANCE, f"origin of {part.model.name}", "source", "files"),
        inspection=read(paths.INSPECTION, f"operators of {key}"),
        fixes=read(paths.FIXES, f"SnapML fixes of {key}", "changes", "refusals"),
        compatibility=read(paths.COMPATIBILITY, f"compatibility of {key}", *COMPATIBILITY_KEYS),
        parity=read(f"{paths.PARITY}.json", f"parity of {key}", "schema", "stages"),
        float16=reader.optional(paths.FLOAT16.format(**names)),
        latency=read(paths.LATENCY, f"latency of {key}", *LATENCY_KEYS),
        training=reader.optional(paths.COMPARISON.format(**names) + "comparison.json"),
    )


def _read_pipeline(
    reader: "_Reader", name: str, models: Sequence[ModelShape], datasets: Sequence[str]
) -> Pipeline:
    accuracy: dict[str, Document] = {}
    for dataset in datasets:
        path = paths.ACCURACY.format(pipeline=name, dataset=dataset)
        if document := reader.document(path, f"accuracy of {name} on {dataset}", *ACCURACY_KEYS):
            accuracy[dataset] = document
    read_samples = paths.READ_SAMPLES.format(pipeline=name)
    return Pipeline(
        name=name,
        models=models,
        accuracy=accuracy,
        gates=reader.document(paths.GATES.format(pipeline=name), f"gates of {name}", "checks"),
        speed=reader.document(
            paths.SPEED.format(pipeline=name), f"end-to-end speed of {name}", "stages", "machine"
        ),
        pictures=reader.path_of(read_samples),
        predictions=reader.lines(f"{read_samples}predictions.jsonl", f"what {name} read"),
    )


class _Reader:
    """Reads artifacts of the results folder `root`, and notes those that it cannot."""

    def __init__(self, root: Path, missing: list[Missing]) -> None:
        self.root, self._missing = root, missing

    def path_of(self, path: str) -> Path:
        """Where an artifact of the plan lies in this folder."""
        return self.root / Path(path).relative_to(paths.RESULTS)

    def document(self, path: str, what: str, *needs: str) -> Document | None:
        """A JSON object that has the keys in `needs`, or None and a note."""
        if not self.path_of(path).exists():
            self._note(what, path, NOT_MADE)
            return None
        try:
            document = read_json(self.path_of(path))
        except UserError as error:
            self._note(what, path, str(error).removeprefix(f"{self.path_of(path)}"))
            return None
        if not isinstance(document, dict):
            self._note(what, path, "is not a JSON object")
            return None
        absent = [key for key in needs if key not in document]
        if absent:
            self._note(what, path, f"has no {', '.join(map(repr, absent))}; made by another version?")
            return None
        return document

    def optional(self, path: str) -> Document | None:
        """A JSON object that a build need not have."""
        return self.document(path, path) if self.path_of(path).exists() else None

    def lines(self, path: str, what: str) -> list[Document]:
        """The objects of a JSON lines file; empty and a note when it cannot be read."""
        try:
            text = self.path_of(path).read_text(encoding="utf-8")
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        except FileNotFoundError:
            self._note(what, path, NOT_MADE)
        except (json.JSONDecodeError, UnicodeDecodeError):
            self._note(what, path, "is not JSON, line by line")
        return []

    def _note(self, what: str, path: str, reason: str) -> None:
        self._missing.append(Missing(what, path, reason.lstrip(", :")))
