"""The plan of a build: pipelines with their models, shapes and files, from configuration and catalogue."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from snapml_ocr.errors import UserError
from snapml_ocr.plan import paths
from snapml_ocr.plan.axes import CONVERTED, FORMATS, ROLES, SHIPPED, STAGES, TASKS
from snapml_ocr.plan.configuration import (
    Charset,
    Configuration,
    Dataset,
    Model,
    PartEntry,
    read_catalogue,
    read_configuration,
)
from snapml_ocr.plan.document import suggestion
from snapml_ocr.plan.reader_options import ReaderOptions
from snapml_ocr.plan.shape import Shape


@dataclass(frozen=True)
class Part:
    """One model of a pipeline at the input shapes this pipeline runs it at."""

    role: str
    model: Model
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Pipeline:
    """Models that read text together, in the order in which they run; a role may be empty."""

    name: str
    parts: tuple[Part, ...]

    @property
    def models(self) -> tuple[Model, ...]:
        """Its models, in the order in which they run."""
        return tuple(part.model for part in self.parts)

    def part(self, role: str) -> Part | None:
        """The part that plays a role, if any does."""
        return next((part for part in self.parts if part.role == role), None)


@dataclass(frozen=True)
class Plan:
    """What a build makes; everything else is looked up here."""

    configuration: Configuration
    catalogue: Mapping[str, Model]
    """Models by name: the entries, and those that a pipeline cuts to a charset."""
    pipelines: Mapping[str, Pipeline]

    @cached_property
    def models(self) -> dict[str, Model]:
        """The models of the build, by name."""
        return {
            part.model.name: part.model for pipeline in self.pipelines.values() for part in pipeline.parts
        }

    @cached_property
    def shapes(self) -> list[tuple[str, Shape]]:
        """(model, shape) of everything that is built at a fixed shape, sorted."""
        parts = [part for pipeline in self.pipelines.values() for part in pipeline.parts]
        return sorted({(part.model.name, shape) for part in parts for shape in part.shapes})

    def trained(self, format_name: str) -> list[str]:
        """Names of the entries whose training leaves files of a format."""
        return [name for name in self.of_format(format_name) if self.catalogue[name].trained_as == name]

    def of_format(self, name: str) -> list[str]:
        """Names of the models that are fetched in a format."""
        return [model.name for model in self.catalogue.values() if model.format == name]


def gates_of(plan: Plan, pipeline: str) -> dict[str, Any]:
    """The limits that a pipeline is held to: those of the build, and in their place its own."""
    limits = plan.configuration.gates.model_dump(exclude={"enforce"}, exclude_none=True)
    own = plan.configuration.pipelines[pipeline].gates
    return _laid_over(limits, own.model_dump(exclude_unset=True, exclude_none=True)) if own else limits


def reader_options(plan: Plan, pipeline: str) -> ReaderOptions:
    """How a pipeline reads: as the build says, and in its place as the pipeline's own entry does."""
    common = plan.configuration.inference
    own = plan.configuration.pipelines[pipeline].inference
    return common.model_copy(update=own.model_dump(exclude_unset=True)) if own else common


def _laid_over(values: dict[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(values)
    for key, value in others.items():
        deeper = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _laid_over(merged[key], value) if deeper else value
    return merged


def make_plan(document: Mapping[str, Any], catalogue: Mapping[str, Model] | None = None) -> Plan:
    """Check a configuration and its catalogue; raises `UserError` with the first mistake."""
    configuration = read_configuration(document)
    if catalogue is None:
        catalogue = read_catalogue(Path(paths.located(configuration.catalogue)))
    derived: dict[str, Model] = dict(catalogue)
    pipelines = {}
    for name in configuration.build:
        entry = _lookup(name, configuration.pipelines, "build: pipeline")
        parts = [
            _part(role, part, f"pipelines.{name}.{role}", catalogue, derived)
            for role in ROLES
            if (part := getattr(entry, role))
        ]
        pipelines[name] = Pipeline(name, tuple(parts))
    for name in configuration.evaluate.datasets:
        _lookup(name, configuration.datasets, "evaluate.datasets: dataset")
    for gates in (configuration.gates, *(configuration.pipelines[name].gates for name in pipelines)):
        for limited in gates.accuracy.minimum if gates else ():
            dataset, _, _ = limited.partition("/")
            _lookup(dataset, configuration.datasets, "gates.accuracy.minimum: dataset")
    return Plan(configuration, derived, pipelines)


def stage_of(model: Model, stage: str) -> str:
    """A model's own name of a stage: its format says what the original is."""
    return FORMATS[model.format].stage if STAGES[stage].original else stage


def running_stages(models: Iterable[Model], stages: Iterable[str] = CONVERTED) -> list[str]:
    """Those of `stages` at which all of `models` run in ONNX Runtime (or Paddle), and not in a Lens alone."""
    runs = all(model.runs_outside_lens_studio for model in models)
    return [stage for stage in stages if stage != SHIPPED or runs]


def stage_to_read_with(pipeline: Pipeline) -> str:
    """The shipped stage, or the one before where nothing but a Lens runs the shipped models."""
    return running_stages(pipeline.models)[-1]


def stage_files(part: Part, stage: str) -> list[str]:
    """The files that a part is at a stage: of its original, or one for each shape, or one for any shape."""
    one = STAGES[stage_of(part.model, stage)]
    if one.original:
        return weight_files(part.model)
    shapes = part.shapes if one.is_per_shape else part.shapes[:1]
    return [one.artifact.format(model=part.model.name, shape=shape) for shape in shapes]


def weight_files(model: Model) -> list[str]:
    """The fetched files of a model, the graph first."""
    return [paths.WEIGHTS.format(model=model.name) + name for name in FORMATS[model.format].files]


def trained_files(model: Model) -> list[str]:
    """What a training leaves in the place of fetched weights; nothing for a model that is fetched."""
    if not model.training:
        return []
    folder = paths.TRAINING.format(model=model.trained_as)
    return [f"{folder}weights/{name}" for name in FORMATS[model.format].files]


def trained_dictionary(model: Model) -> str | None:
    """The dictionary that a recognizer was trained with: a file of the project, or the fetched one."""
    if model.dictionary is None:
        return None
    if not model.dictionary.is_fetched:
        return paths.located(model.dictionary.name)
    return paths.DICTIONARIES.format(model=model.name) + model.dictionary.name


def dictionary_of(model: Model) -> str | None:
    """The dictionary of the recognizer that is built: its trained one, or what a charset leaves of that."""
    return charset_file(model) or trained_dictionary(model)


def charset_file(model: Model) -> str | None:
    """The dictionary that a charset leaves, if there is one."""
    return paths.CHARSET.format(model=model.name) if model.charset else None


def dictionaries_of(model: Model) -> list[str]:
    """Both, or one; nothing for the other tasks."""
    return sorted({path for path in (trained_dictionary(model), dictionary_of(model)) if path})


def files_of_stage(pipeline: Pipeline, stage: str) -> list[str]:
    """All that a pipeline reads with at a stage: models, and dictionaries of those that carry none."""
    found = [path for part in pipeline.parts for path in stage_files(part, stage)]
    for part in pipeline.parts:
        dictionary = dictionary_of(part.model)
        found += dictionaries_of(part.model) if STAGES[stage].original else [dictionary] if dictionary else []
    return found


def needs_paddle(pipeline: Pipeline, stage: str) -> bool:
    """Whether a pipeline's models of a stage run in Paddle."""
    return STAGES[stage].original and any(FORMATS[part.model.format].needs_paddle for part in pipeline.parts)


def _part(
    role: str, entry: PartEntry, where: str, catalogue: Mapping[str, Model], derived: dict[str, Model]
) -> Part:
    model = _lookup(entry.model, catalogue, f"{where}.model: model")
    task = ROLES[role].name
    if model.task != task:
        raise UserError(f"{where}: {model.name} does {model.task}, a {role} does {task}")
    if entry.charset:
        model = _cut(model, entry.charset, where)
        known = derived.setdefault(model.name, model)
        if known != model:
            raise UserError(f"{where}.charset: another model is called {model.name}; give the charset a name")
    return Part(role, model, tuple(entry.shapes or model.shapes))


def _cut(model: Model, charset: Charset, where: str) -> Model:
    """The model with a charset of its pipeline; its artifacts carry the name of both."""
    if not TASKS[model.task].has_dictionary:
        raise UserError(f"{where}.charset: {model.name} does {model.task}, only recognizers have characters")
    if charset.file:
        suffix = PurePosixPath(charset.file).stem.removesuffix("_dict")
    else:
        suffix = hashlib.sha256((charset.characters or "").encode()).hexdigest()[:8]
    return model.model_copy(update={"name": f"{model.name}-{suffix}", "charset": charset})


def _lookup(name: str, known: Mapping[str, Any], what: str) -> Any:
    if name not in known:
        raise UserError(f"{what} '{name}' is not defined{suggestion(name, known)}")
    return known[name]


def all_files(plan: Plan) -> Iterator[str]:
    """All that the report shows and the manifest lists."""
    for model in plan.models.values():
        yield from (
            paths.PROVENANCE.format(model=model.name),
            *weight_files(model),
            paths.ONNX.format(model=model.name) + ".onnx",
        )
        yield from (path for path in dictionaries_of(model) if path.startswith(f"{paths.RESULTS}/"))
        if model.training:
            folder = paths.TRAINING.format(model=model.trained_as)
            yield from (folder + name for name in TRAINED)
            yield paths.COMPARISON.format(model=model.name) + "comparison.html"
    for name, shape in plan.shapes:
        for pattern in PER_SHAPE:
            yield pattern.format(model=name, shape=shape)
        if plan.models[name].runs_outside_lens_studio:
            yield paths.FLOAT16.format(model=name, shape=shape)
    for pipeline in plan.pipelines:
        for pattern in PER_PIPELINE:
            yield pattern.format(pipeline=pipeline)
        if has_bundle(plan.pipelines[pipeline]):
            yield paths.LENS_ARCHIVE.format(pipeline=pipeline)
        for dataset in plan.configuration.evaluate.datasets:
            yield paths.ACCURACY.format(pipeline=pipeline, dataset=dataset)


def has_bundle(pipeline: Pipeline) -> bool:
    """Whether a bundle for a Lens can be made and shown: it reads text, and outside of a Lens too."""
    is_complete = {"detector", "recognizer"} <= {part.role for part in pipeline.parts}
    return is_complete and stage_to_read_with(pipeline) == SHIPPED


TRAINED = ("model.onnx", "summary.json", "metrics.csv", "curves.svg", "augmentation.png")
"""What a training shows, beside the files that take the place of fetched weights."""

PER_SHAPE = (
    *(STAGES[stage].artifact for stage in CONVERTED if STAGES[stage].is_per_shape),
    f"{paths.SIMPLIFIED}.json",
    paths.FIXES,
    paths.COMPATIBILITY,
    paths.INSPECTION,
    f"{paths.PARITY}.json",
    paths.LATENCY,
)
PER_PIPELINE = (paths.PIPELINE, f"{paths.READ_SAMPLES}predictions.jsonl", paths.SPEED, paths.GATES)


SAMPLES = Dataset(path="images")
"""The sample images as a dataset: the pictures of the report are made of them, with what was read."""


def predictions_of(plan: Plan, pipeline: str, dataset: str, shards: Iterable[str]) -> dict[str, list[str]]:
    """What was read in a dataset at each stage, shard by shard; of the sample images when they were drawn."""
    names = {"pipeline": pipeline, "dataset": dataset}
    settings, shards = plan.configuration, list(shards)
    stages = running_stages(plan.pipelines[pipeline].models, settings.evaluate.stages)
    found = {
        stage: [paths.PREDICTIONS.format(**names, stage=stage, shard=shard) for shard in shards]
        for stage in stages
    }
    drawn = stage_to_read_with(plan.pipelines[pipeline])
    if (
        drawn in stages
        and settings.datasets[dataset] == SAMPLES
        and reader_options(plan, pipeline).level == SAMPLES.level
    ):
        found[drawn] = [f"{paths.READ_SAMPLES.format(**names)}predictions.jsonl"]
    return found


def description(plan: Plan, pipeline: Pipeline, stage: str) -> dict[str, Any]:
    """What a pipeline file says of one stage, before its files are there: paths from the project's folder.

    `make_pipeline.py` adds what the files hold. This is all of the plan that reading depends on.
    """
    options = reader_options(plan, pipeline.name)
    return {
        "schema": 1,
        "name": pipeline.name,
        "shipped": stage_to_read_with(pipeline),
        "level": options.level,
        **dict.fromkeys(ROLES),
        **{part.role: _described(part, stage) for part in pipeline.parts},
        "settings": options.model_dump(exclude={"level"}),
    }


def _described(part: Part, stage: str) -> dict[str, Any]:
    model, own = part.model, stage_of(part.model, stage)
    files = stage_files(part, stage)
    sizes = [list(shape) for shape in part.shapes]
    shapes = sizes if STAGES[own].is_per_shape else [None] * len(files)
    described: dict[str, Any] = {
        "model": model.name,
        "task": model.task,
        "normalisation": model.normalisation.model_dump(),
        "shapes": sizes,
        "stages": {own: [{"path": path, "shape": shape} for path, shape in zip(files, shapes, strict=True)]},
        "provenance": {"format": model.format, "sources": model.sources, "files": model.files},
    }
    if model.dictionary:
        described |= {
            "dictionary": dictionary_of(model),
            "trained_dictionary": trained_dictionary(model)
            if model.charset and STAGES[own].original
            else None,
            "space_class": model.use_space_char,
            "right_to_left": model.right_to_left,
            "spaces": model.spaces.model_dump(),
        }
    return described
