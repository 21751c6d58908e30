"""One model of a pipeline file, for readers and for programs that run it alone."""

from dataclasses import dataclass
from pathlib import Path

from snapml_ocr.errors import UserError
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.plan.axes import CONVERTED, STAGES, TASKS
from snapml_ocr.plan.pipeline_file import PipelineFile, PipelinePart, files_of, locate, read_pipeline_file


@dataclass(frozen=True)
class PipelineModel:
    """The model that does a task in the pipeline file at `path`."""

    path: Path
    file: PipelineFile
    part: PipelinePart

    @classmethod
    def open(cls, path: Path, task: str) -> "PipelineModel":
        """Raises `UserError` when the pipeline has no model for the task."""
        file = read_pipeline_file(path)
        part = dict(file.parts()).get(TASKS[task].role)
        if part is None:
            raise UserError(f"{path}: {file.name} has no {TASKS[task].role}")
        return cls(path, file, part)

    @property
    def original(self) -> str:
        """The stage that was fetched; raises `UserError` when the file does not have it."""
        found = next((name for name in self.part.stages if STAGES[name].original), None)
        if found is None:
            raise UserError(f"{self.path}: has no original of {self.part.model}")
        return found

    @property
    def dictionaries(self) -> tuple[Dictionary, Dictionary] | None:
        """Of a model that was cut: what it was trained with, and what is kept."""
        kept = dictionary_of(self.part)
        if kept is None or self.part.trained_dictionary is None:
            return None
        file = locate(self.path, self.part.trained_dictionary)
        return Dictionary.read(file, space=self.part.space_class is not False), kept

    def at(self, stage: str, shape: tuple[int, int]) -> Path:
        """What is opened of a stage for an input of (height, width); `UserError` when there is none."""
        models = models_of(self.path, self.part, stage)
        if not STAGES[stage].is_per_shape:
            return models[0]
        shapes = [file.shape for file in self.part.stages[stage]]
        if list(shape) not in shapes:
            known = ", ".join(f"{one[0]}x{one[1]}" for one in shapes if one)
            raise UserError(f"{self.path}: has no {self.part.model} at {shape[0]}x{shape[1]}; it has {known}")
        return models[shapes.index(list(shape))]

    def converted(self, shape: tuple[int, int]) -> dict[str, Path]:
        """The converted stages that the file has, in order."""
        return {stage: self.at(stage, shape) for stage in CONVERTED if stage in self.part.stages}


def dictionary_of(part: PipelinePart) -> Dictionary | None:
    """What the classes of a recognizer write; None for the other tasks."""
    if part.dictionary is None:
        return None
    name = f"the dictionary of {part.model}"
    return Dictionary(tuple(part.dictionary), part.space_class is not False, bool(part.right_to_left), name)


def models_of(path: Path, part: PipelinePart, stage: str) -> list[Path]:
    """A Paddle model of several files is opened by its folder."""
    files = files_of(path, part, stage)
    return [files[0].parent] if len(files) > 1 and STAGES[stage].original else files
