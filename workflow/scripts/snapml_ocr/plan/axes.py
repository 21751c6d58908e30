"""The axes of a build: stages, source formats, tasks, roles and targets, each value declared once.

Rules, programs, gates and report iterate these tables; docs/architecture.md says what a new value needs.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """A form of a model on its way to SnapML."""

    name: str
    title: str
    artifact: str
    """Where it lies, with the wildcards {model} and {shape}; a folder for models of several files."""
    original: bool = False
    """The model as it was fetched: what all other stages are compared with."""
    precision: str = "float32"
    """Of a lower one, gates bound what its scores lose (`float16.max_loss`), not its numbers."""

    @property
    def is_exact(self) -> bool:
        """Whether it has to give the numbers and texts of the original, within the limits of the gates."""
        return self.precision == "float32"

    @property
    def is_per_shape(self) -> bool:
        """Whether there is a file for each input shape, or one that takes any shape."""
        return "{shape}" in self.artifact


@dataclass(frozen=True)
class Format:
    """A form in which models are fetched."""

    name: str
    files: tuple[str, ...]
    """Names of a model's files: the graph, then the weights beside it, if any."""
    stage: str
    """The stage that the fetched files are."""
    environment: str
    """The lock in `envs/` in whose environment they become ONNX."""
    opset: int | None
    """ONNX opset of the export unless configuration or entry say otherwise; None keeps the file's."""
    needs_paddle: bool = True
    """Whether running the original needs Paddle's environment."""


@dataclass(frozen=True)
class Task:
    """What a model is for."""

    name: str
    role: str
    purpose: str
    prefix: str
    """Of the reader's flags for the models of this task, as in `--det_model_dir`."""
    several: bool
    """Whether a pipeline runs it at several shapes, a model for each, or at one alone."""
    has_dictionary: bool
    tolerance: float
    """Largest difference of outputs that a conversion step may make, by default."""
    output_rank: int
    """Of the first output: a map, steps of classes, or classes."""
    parity: dict[str, str]
    """Measures of a parity file that gates can limit, and in which direction."""
    score: tuple[str, str]
    """Of a model on its own on the evaluation inputs: the measure (`evaluate.input_scores`) and its title."""


@dataclass(frozen=True)
class Target:
    """A device that SnapML runs on, a column of Snap's compatibility table."""

    name: str
    title: str


STAGES = {
    stage.name: stage
    for stage in (
        Stage("paddle", "Paddle", "results/weights/{model}", original=True),
        Stage("source", "Source", "results/weights/{model}/inference.onnx", original=True),
        Stage("onnx", "ONNX", "results/onnx/{model}.onnx"),
        Stage("simplified", "Simplified", "results/simplified/{model}_{shape}.onnx"),
        Stage("snapml", "SnapML", "results/snapml/{model}_{shape}.onnx"),
    )
}
"""In the order of the build; a model has one of the original stages, by its format."""


STAGE_KEY = "snapml_ocr.stage"
"""Entry of a model's metadata with its stage; what else a model says of itself stays as it is."""


def is_exact(name: str) -> bool:
    """Whether a stage has to give the original's numbers; so has one that this version does not know."""
    return name not in STAGES or STAGES[name].is_exact


def stage_title(name: str) -> str:
    """What people call a stage; the name itself of one that this version does not know."""
    return STAGES[name].title if name in STAGES else name


EXPORTED = "onnx"
"""The stage with dynamic shapes."""

SIMPLIFIED = "simplified"
"""The stage with fixed shapes that the fixes begin with."""

SHIPPED = "snapml"
"""The stage that Lens Studio imports, on which float16, layers, size and accuracy are judged."""

ORIGINAL = "paddle"
"""The original stage, by the name under which a configuration speaks of it whatever the format is."""

CONVERTED = tuple(name for name, stage in STAGES.items() if not stage.original)
"""The stages that this project makes, in order; each is compared with the original and the one before."""

FORMATS = {
    one.name: one
    for one in (
        Format("pdmodel", ("inference.pdmodel", "inference.pdiparams"), "paddle", "export-pdmodel", 11),
        Format("pir", ("inference.json", "inference.pdiparams"), "paddle", "paddle", 14),
        Format("onnx", ("inference.onnx",), "source", "pipeline", None, needs_paddle=False),
    )
}

_DIFFERENCES = {
    "max_abs": "at most",
    "mean_abs": "at most",
    "argmax_equal": "at least",
    "equal_decoded": "at least",
}
_OF_PROBABILITIES = {**_DIFFERENCES, "max_log": "at most"}

TASKS = {
    task.name: task
    for task in (
        Task(
            name="detection",
            role="detector",
            purpose="finds the lines of text",
            prefix="det",
            several=True,
            has_dictionary=False,
            tolerance=1e-4,
            output_rank=4,
            parity=_DIFFERENCES,
            score=("detection_hmean", "detection hmean"),
        ),
        Task(
            name="classification",
            role="classifier",
            purpose="says whether a line is upside down",
            prefix="cls",
            several=False,
            has_dictionary=False,
            tolerance=5e-5,
            output_rank=2,
            parity=_OF_PROBABILITIES,
            score=("orientation", "right orientations"),
        ),
        Task(
            name="recognition",
            role="recognizer",
            purpose="reads a line",
            prefix="rec",
            several=True,
            has_dictionary=True,
            tolerance=1e-4,
            output_rank=3,
            parity=_OF_PROBABILITIES,
            score=("alphanumeric", "word accuracy, alphanumeric"),
        ),
    )
}
"""In the order in which they run in a pipeline."""


def default_tolerance(output_rank: int) -> float:
    """The tolerance of a conversion step for a model of which only the rank of the output is known."""
    ranks = {task.output_rank: task.tolerance for task in TASKS.values()}
    return ranks.get(output_rank, min(ranks.values()))


ROLES = {task.role: task for task in TASKS.values()}
"""The parts of a pipeline, in the order in which they run, and the task that each model must have."""

TARGETS = {
    target.name: target
    for target in (
        Target("cpu", "CPU"),
        Target("iphone_gpu", "iPhone GPU"),
        Target("iphone_npu", "iPhone NPU"),
        Target("android_gpu", "Android GPU"),
    )
}


def target_title(name: str) -> str:
    """What people call a target."""
    return TARGETS[name].title if name in TARGETS else name


COMPARISONS = ("strict", "alphanumeric", "without_spaces")
"""Forms in which a text that was read is compared with the label, see `evaluate.texts`."""

MEASURES = (
    "detection_hmean",
    *(f"end_to_end_hmean_{comparison}" for comparison in COMPARISONS),
    *COMPARISONS,
    "one_minus_ned",
    "one_minus_ned_alphanumeric",
)
"""Scores that a gate can bound: of whole images, then of crops."""
