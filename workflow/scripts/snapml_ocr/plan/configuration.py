"""The configuration of a build and the model catalogue as typed documents: what each key is and means.

The JSON schemas in workflow/schemas/ and the tables of config/README.md are generated from here.
"""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from snapml_ocr.errors import UserError
from snapml_ocr.plan import paths
from snapml_ocr.plan.axes import (
    CONVERTED,
    FORMATS,
    MEASURES,
    ORIGINAL,
    ROLES,
    SHIPPED,
    STAGES,
    TARGETS,
    TASKS,
)
from snapml_ocr.plan.document import (
    Count,
    Document,
    Name,
    OneOf,
    Sha256,
    Tolerance,
    read_document,
    suggestion,
    with_keys,
)
from snapml_ocr.plan.reader_options import Normalisation, ReaderOptions
from snapml_ocr.plan.shape import Shape
from snapml_ocr.plan.space_rule import TRAINED_LIKELY, SpaceRule
from snapml_ocr.plan.training_options import Training
from snapml_ocr.plan.yaml_file import read_yaml
from snapml_ocr.weights.sources import SOURCE_FORMS, SOURCE_START

ONNX = "onnx"
SHAPE_PATTERN = r"^[1-9][0-9]{0,3}x[1-9][0-9]{0,3}$"
PLAIN_PATH = r"^[^\s'\"$`\\]+$"
MODEL_PATH = r"^[A-Za-z0-9][^\s'\"$`\\]*$"


def _shape(value: Any) -> Shape:
    if isinstance(value, Shape):
        return value
    try:
        return Shape.parse(value)
    except (AttributeError, TypeError, UserError):
        raise PydanticCustomError(
            "mistake", "{text}", {"text": f"{value!r} found, expected HEIGHTxWIDTH in pixels, as 640x640"}
        ) from None


def _unique(values: list[Any]) -> list[Any]:
    for index, value in enumerate(values):
        if value in values[:index]:
            raise PydanticCustomError("mistake", "{text}", {"text": f"{value} is there twice"})
    return values


class Unique:
    """Metadata of a list without repetitions."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(_unique, handler(source))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        return {**handler(schema), "uniqueItems": True}


ShapeText = Annotated[
    Shape,
    PlainValidator(_shape),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "pattern": SHAPE_PATTERN}),
]
Shapes = Annotated[list[ShapeText], Field(min_length=1), Unique]
Names = Annotated[list[Name], Field(min_length=1), Unique]
PlainPath = Annotated[str, Field(pattern=PLAIN_PATH)]
ModelPath = Annotated[str, Field(pattern=MODEL_PATH)]
Sources = Annotated[list[Annotated[str, Field(pattern=SOURCE_START.pattern)]], Field(min_length=1)]
Opset = Annotated[int, Field(ge=7, le=20)]
StageName = Annotated[str, OneOf(STAGES)]
TargetName = Annotated[str, OneOf(TARGETS)]
TaskName = Annotated[str, OneOf(TASKS)]
FormatName = Annotated[str, OneOf(FORMATS)]
Targets = Annotated[list[TargetName], Unique]
Number = Annotated[float, Field(allow_inf_nan=False)]


class Charset(Document):
    """The characters that a recognizer is cut down to: those of a file of the project, or listed."""

    file: ModelPath | None = Field(None, description="a file of the project with one character per line")
    characters: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="the characters themselves"
    )

    @model_validator(mode="after")
    def _require_one(self) -> "Charset":
        if (self.file is None) == (self.characters is None):
            raise PydanticCustomError("mistake", "'characters' is a required property", {})
        return self


def _as_file(value: Any) -> Any:
    return {"file": value} if isinstance(value, str) else value


def _as_named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


CharsetEntry = Annotated[Charset, BeforeValidator(_as_file)]


class DictionaryFile(Document):
    """Where the characters of a recognizer come from: a file of the project, or one fetched and verified."""

    name: ModelPath = Field(description="a file of the project, or of the source")
    sha256: Sha256 | Literal[""] = Field("", description="of a file that is fetched")
    sources: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        (), description="where it is fetched from"
    )

    @property
    def is_fetched(self) -> bool:
        """Whether the file comes from `sources` and not from the project's folder."""
        return bool(self.sources)


class Model(Document):
    """One entry of the catalogue; its key there is the `name`."""

    name: str = Field("", exclude=True)
    trained_as: str = Field("", exclude=True)
    """The entry that a model is trained as; a pipeline's charset gives the model another name."""
    base: Name | None = Field(
        None,
        description="a recognizer of the catalogue to train from; what the entry does not say is the base's",
    )
    training: Training | None = Field(None, description="how it is trained; needs `base`")
    task: TaskName = Field(
        description="`detection`, `recognition` or `classification` (text upright or upside down)"
    )
    format: FormatName = Field(
        description="`pdmodel` (`inference.pdmodel`), `pir` (`inference.json`) or `onnx`"
    )
    sources: Sources = Field(
        description=f"where the files come from, tried in order: {SOURCE_FORMS}."
        " Paths are relative to the folder that builds run in, or absolute"
    )
    files: dict[str, Sha256] = Field(
        default_factory=dict,
        description="SHA-256 of each file of the format; the archive around them may differ",
    )
    normalisation: Normalisation = Field(
        description="`mean` and `std` per channel of pixel values divided by 255, and `channel_order`,"
        " `bgr` or `rgb`"
    )
    dictionary: Annotated[DictionaryFile, BeforeValidator(_as_named)] | None = Field(
        None,
        description="recognizers: a file of the project, or `name`, `sha256` and `sources` of a file to"
        " fetch; one character per line",
    )
    charset: CharsetEntry | None = Field(
        None,
        description="recognizers: the characters to cut the model down to, as a file of the project with"
        " one per line, or listed after `characters`; a pipeline's part may say it instead",
    )
    use_space_char: bool = Field(
        True, description="recognizers: whether a space follows the dictionary's characters"
    )
    right_to_left: bool = Field(
        False,
        description="recognizers: whether lines begin at the right, as in Arabic. The text is then written in"
        " the order in which it is read, as PaddleOCR does it: characters from the right end on, runs of"
        " Latin letters, digits and ` :*./%+-` in their own order",
    )
    spaces: SpaceRule = Field(
        default_factory=SpaceRule,
        description="recognizers: what decides on spaces that the model saw and did not write, as"
        " `{likely: 0.7}`; the default was fitted to three recognizers ([spaces](../docs/ocr.md#spaces)), and"
        f" trained ones take their base's with `likely: {TRAINED_LIKELY}`",
    )
    output: Literal["probabilities", "scores"] = Field(
        "probabilities",
        description="recognizers: what the SnapML model gives; `scores` leaves the Softmax to whoever reads"
        " them and keeps the head in the layout of convolutions, which every target has",
    )
    gelu: Literal["tanh", "native"] = Field(
        "tanh",
        description="what GELU becomes in the SnapML model: documented layers, or with `native` Snap's own"
        " GeluSnap, which nothing but Lens Studio runs; such a model is rewritten and checked layer by layer,"
        " but neither compared, read with, timed nor bundled, and the report says so",
    )
    opset: Opset | None = Field(None, description="overrides `convert.opset` for this model")
    shapes: Shapes = Field(
        description="fixed input shapes, `HxW` in pixels, that the model is built at unless a pipeline says"
        " otherwise"
    )

    @property
    def runs_outside_lens_studio(self) -> bool:
        """Whether the shipped model has operators that ONNX Runtime knows."""
        return self.gelu != "native"

    @model_validator(mode="after")
    def _require_what_belongs_together(self) -> "Model":
        expected = FORMATS[self.format].files
        if self.training and self.base:
            if self.files:
                raise _mistake("files: what is trained has no checksums to know beforehand")
        elif self.training or self.base:
            raise _mistake(f"'{'base' if self.training else 'training'}' is a required property")
        elif not self.files:
            raise _mistake("'files' is a required property")
        elif set(self.files) != set(expected):
            raise _mistake(
                f"files: format {self.format} has {' and '.join(expected)},"
                f" found {', '.join(sorted(self.files))}"
            )
        if TASKS[self.task].has_dictionary and self.dictionary is None:
            raise _mistake(f"'dictionary' is a required property of a model for {self.task}")
        if self.charset and not self.dictionary:
            raise _mistake("'dictionary' is a dependency of 'charset'")
        return self


class PartEntry(Document):
    """One model of a pipeline."""

    model: Name = Field(description="a model of the catalogue")
    shapes: Shapes | None = Field(None, description="its input shapes, `HxW`; default: the catalogue's")
    charset: CharsetEntry | None = Field(
        None,
        description="of a recognizer: the characters to cut it down to, a file of the project or"
        " `{characters: …, name: …}`",
    )


@with_keys({role: (PartEntry | None, Field(None, description=task.purpose)) for role, task in ROLES.items()})
class PipelineEntry(Document):
    """Models that read text together; a role may be empty."""

    gates: "Gates | None" = Field(
        None, description="limits that take the place of those under `gates` for this pipeline alone"
    )
    inference: ReaderOptions | None = Field(
        None,
        description="settings that take the place of those under `inference` for this pipeline alone;"
        " parity decodes by the common ones, as pipelines share models",
    )

    @model_validator(mode="after")
    def _require_one(self) -> "PipelineEntry":
        if not self.model_fields_set & ROLES.keys():
            raise _mistake(f"a pipeline has at least one of {', '.join(ROLES)}")
        return self


class Dataset(Document):
    """Labelled images."""

    path: Annotated[str, Field(min_length=1)] = Field(description="a folder of images")
    labels: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="label file in the folder; default: found by name"
    )
    level: Literal["line", "word"] = Field("line", description="what the labels are by")


PerFormat = dict[FormatName, Opset]
PerTask = dict[TaskName, Tolerance]


class Tolerances(Document):
    """Largest differences of outputs that conversion steps may make, by task."""

    simplify: PerTask = Field(default_factory=dict, description="of simplification, by task")
    snapml: PerTask = Field(default_factory=dict, description="of the SnapML fixes, by task")


class Convert(Document):
    """From Paddle to SnapML."""

    opset: PerFormat = Field(
        default_factory=dict,
        description="ONNX opset of the export, by format; the fixes bring every model to 11",
    )
    probe_images: Annotated[list[PlainPath], Field(min_length=1)] = Field(
        description="real input on which simplification and fixes are compared"
    )
    max_abs_diff: Tolerances = Field(
        default_factory=Tolerances, description="largest allowed difference of outputs per step and task"
    )


class Evaluate(Document):
    """What is measured."""

    datasets: Names = Field(description="datasets to measure accuracy on")
    stages: Annotated[list[StageName], Field(min_length=1), Unique] = Field(
        default=[ORIGINAL, *CONVERTED],
        description="stages to measure; `paddle` stands for the original, whatever its format",
    )
    shard_size: Count = Field(100, description="images a job; a changed image repeats its shard only")
    parity_dataset: Name = Field(
        description="the dataset, among `evaluate.datasets`, whose images the stages are compared on"
    )
    parity_samples: Count = Field(
        64, description="inputs per model and shape for the comparison with the original model"
    )

    @model_validator(mode="after")
    def _require_what_belongs_together(self) -> "Evaluate":
        if SHIPPED not in self.stages:
            raise _mistake(f"stages: {self.stages} does not contain '{SHIPPED}'")
        if self.parity_dataset not in self.datasets:
            raise _mistake(
                f"parity_dataset: dataset '{self.parity_dataset}' is not among evaluate.datasets"
                f"{suggestion(self.parity_dataset, self.datasets)}"
            )
        return self


class Latency(Document):
    """How times are measured."""

    threads: Annotated[list[Count], Field(min_length=1), Unique] = Field(
        default=[1, 2], description="numbers of threads to time"
    )
    seconds: float = Field(
        1.2, gt=0, le=3600, description="time of timed runs per stage, all numbers of threads together"
    )


class AccuracyGates(Document):
    """Limits of accuracy."""

    max_loss: Number | None = Field(None, description="largest loss of any score against the original model")
    same_texts: Number | None = Field(
        None, description="smallest share of images that every stage reads alike"
    )
    minimum: dict[str, dict[Annotated[str, OneOf(MEASURES)], Number]] = Field(
        default_factory=dict,
        description="smallest scores of the shipped stage, by dataset or `dataset/category` and measure:"
        f" {', '.join(f'`{measure}`' for measure in MEASURES)}",
    )


class Float16Gates(Document):
    """Limits of what float16 may do."""

    max_share_of_limit: Number | None = Field(
        None, description="largest activation as a share of the largest float16 number"
    )
    max_loss: Number | None = Field(
        None, description="largest loss of a score with rounded weights or activations"
    )


@with_keys(
    {
        task.name: (
            Targets,
            Field(default_factory=list, description=f"targets that need every layer of a {task.role}"),
        )
        for task in TASKS.values()
    }
)
class CompatibilityGates(Document):
    """What SnapML has to take."""

    importable: bool = Field(False, description="whether every model has to be importable")


class TrainingGates(Document):
    """Limits of what training may cost."""

    max_added_error: Number | None = Field(
        None,
        description="largest rise of the character error rate on the validation lines of a training, from its"
        " base to what was trained",
    )


class SizeGates(Document):
    """Limits of size."""

    model_megabytes: Number | None = Field(None, description="largest file, in MB")
    pipeline_stored_megabytes: Number | None = Field(
        None, description="of a pipeline with one shape of each model, in MB as Lens Studio stores them"
    )


class Gates(Document):
    """Limits that end a build."""

    enforce: bool = Field(True, description="`false` reports failed gates and goes on")
    parity: dict[TaskName, dict[str, Number]] = Field(
        default_factory=dict,
        description="differences from the original model, by task:"
        " `max_abs`, `mean_abs`, `max_log` (at most), `argmax_equal`, `equal_decoded` (at least)",
    )
    accuracy: AccuracyGates = Field(default_factory=AccuracyGates, description="scores")
    float16: Float16Gates = Field(default_factory=Float16Gates, description="float16")
    compatibility: CompatibilityGates = Field(default_factory=CompatibilityGates, description="layers")
    size: SizeGates = Field(default_factory=SizeGates, description="size")
    training: TrainingGates = Field(default_factory=TrainingGates, description="trained recognizers")

    @model_validator(mode="after")
    def _require_known_measures(self) -> "Gates":
        for task, limits in self.parity.items():
            for measure in limits:
                if measure not in TASKS[task].parity:
                    raise _mistake(
                        f"parity.{task}: unknown key '{measure}'{suggestion(measure, TASKS[task].parity)}"
                    )
        return self


class Configuration(Document):
    """The configuration of a build."""

    build: Names = Field(description="which pipelines are built (`make build PIPELINES=a,b` sets it)")
    pipelines: dict[Name, PipelineEntry] = Field(description="pipelines by name")
    catalogue: PlainPath = Field("config/models.yaml", description="the file of model entries")
    mirror: str = Field(
        "",
        description="folder or URL prefix to fetch weights from before the entries' own sources; the"
        " environment variable `SNAPML_OCR_MIRROR` does the same. Changing it reruns nothing",
    )
    compare: str = Field(
        "",
        description="results folder of an older build; the report then shows what changed"
        " (`make report COMPARE=folder`)",
    )
    convert: Convert = Field(description="conversion")
    targets: Annotated[list[TargetName], Field(min_length=1), Unique] = Field(
        default=list(TARGETS), description="devices to check and rewrite for"
    )
    datasets: dict[Name, Dataset] = Field(description="labelled images by name")
    inference: ReaderOptions = Field(
        default_factory=ReaderOptions,
        description="how text is read; the same names as the flags of `inference.py`",
    )
    evaluate: Evaluate = Field(description="what is measured")
    latency: Latency = Field(default_factory=Latency, description="times")
    gates: Gates = Field(
        default_factory=Gates,
        description="limits that fail the build; see [docs/evaluation.md](../docs/evaluation.md)",
    )

    @functools.cached_property
    def opsets(self) -> Mapping[str, int]:
        """Opset of the export, by format, of those formats that are exported."""
        given = self.convert.opset
        return {name: given.get(name, one.opset) for name, one in FORMATS.items() if one.opset is not None}

    def tolerance(self, step: str, task: str) -> float:
        """Largest difference that a conversion step may make in the outputs of a task's models."""
        given: PerTask = getattr(self.convert.max_abs_diff, step)
        return given.get(task, TASKS[task].tolerance)


def read_configuration(document: Any, source: str = "configuration") -> Configuration:
    """Check a configuration; raises `UserError` with the key of the first mistake."""
    checked: Configuration = read_document(Configuration, document, source)
    return checked


def read_gates(document: Any, source: str) -> Gates:
    """Check the limits of a file or a command line."""
    checked: Gates = read_document(Gates, document, source)
    return checked


def read_catalogue(path: Path) -> dict[str, Model]:
    """Read and check the catalogue; raises `UserError` with the file and the key of the first mistake."""
    entries = read_yaml(path)
    if isinstance(entries, dict):
        entries = {name: _completed(name, entry, entries, str(path)) for name, entry in entries.items()}
    checked: dict[str, Model] = read_document(dict[Name, Model], entries, str(path))
    return {
        name: entry.model_copy(update={"name": name, "trained_as": name if entry.base else ""})
        for name, entry in checked.items()
    }


def _completed(name: Any, entry: Any, entries: Mapping[Any, Any], source: str) -> Any:
    """An entry with what it takes from its base; where it has none, as it is.

    The files of a trained model are those that its training leaves: a Paddle model like the base's, or ONNX
    when characters are added, since Paddle's graph holds their number.
    """
    if not isinstance(entry, dict) or not isinstance(entry.get("base"), str):
        return entry
    base = entries.get(entry["base"])
    if not isinstance(base, dict) or "base" in base or base.get("task") != "recognition":
        raise UserError(
            f"{source}: {name}.base: '{entry['base']}' is no recognizer of the catalogue"
            f"{suggestion(entry['base'], [str(one) for one in entries])}"
        )
    training, folder = entry.get("training"), paths.TRAINING.format(model=name)
    added = isinstance(training, dict) and training.get("characters")
    kept = {key: value for key, value in base.items() if key != "files"}
    kept["sources"] = [f"folder:{folder}weights"]
    if isinstance(kept.get("spaces", {}), dict):
        kept["spaces"] = {**kept.get("spaces", {}), "likely": TRAINED_LIKELY}
    if added or kept.get("format") == ONNX:
        kept |= {"format": ONNX, "dictionary": f"{folder}dictionary.txt"}
        kept.pop("charset", None)  # the trained model has the classes that it left
    return {**kept, **entry}


def _mistake(text: str) -> PydanticCustomError:
    return PydanticCustomError("mistake", "{text}", {"text": text})
