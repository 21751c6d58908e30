"""The pipeline file, `results/pipelines/{pipeline}.json`: what anything that reads text needs to know.

It is the contract between the build and its readers, in Python, JavaScript or another language. Paths in it
are relative to the file. workflow/schemas/pipeline.schema.json is generated from here.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from snapml_ocr.errors import UserError
from snapml_ocr.files import read_json, sha256_of
from snapml_ocr.plan.axes import ROLES, STAGES
from snapml_ocr.plan.document import Document, OneOf, Sha256, read_document, with_keys
from snapml_ocr.plan.reader_options import Normalisation, ReaderOptions
from snapml_ocr.plan.space_rule import SpaceRule

Size = Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=2, max_length=2)]


class StageFile(Document):
    """One file of a model."""

    path: str = Field(description="relative to the pipeline file")
    sha256: Sha256
    shape: Size | None = Field(None, description="height and width of the input that it takes, if only one")


class Provenance(Document):
    """What the model was made from, as the catalogue has it."""

    format: str
    sources: list[str]
    files: dict[str, Sha256]


class PipelinePart(Document):
    """One model."""

    model: str = Field(description="its name in the catalogue")
    task: str
    normalisation: Normalisation
    shapes: list[Size] = Field(description="heights and widths of the inputs it runs at, in pixels")
    stages: dict[Annotated[str, OneOf(STAGES)], list[StageFile]] = Field(description="its files by stage")
    provenance: Provenance
    output: Literal["probabilities", "scores"] | None = Field(
        None, description="of a recognizer: probabilities of its classes, or scores that need a softmax"
    )
    dictionary: list[str] | None = Field(
        None, description="what each class of a recognizer writes, after the blank and before the space"
    )
    trained_dictionary: str | None = Field(
        None, description="file of the dictionary before it was cut: the original model has its classes"
    )
    space_class: bool | None = Field(None, description="whether a class for the space follows the dictionary")
    right_to_left: bool | None = Field(None, description="whether lines begin at the right")
    spaces: SpaceRule | None = Field(
        None, description="of a recognizer: what decides on spaces that it saw and did not write"
    )


@with_keys(dict.fromkeys(ROLES, (PipelinePart | None, ...)))
class PipelineFile(Document):
    """Models that read text together, and how."""

    version: Literal[1] = Field(alias="schema", description="version of this form")
    name: str
    shipped: Annotated[str, OneOf(STAGES)] = Field(
        description="the stage that is read with unless another is asked for"
    )
    level: Literal["line", "word"] = Field(description="what the boxes are of")
    settings: ReaderOptions = Field(description="options of the reader, by the names of their flags")

    def parts(self) -> Iterator[tuple[str, PipelinePart]]:
        """The roles that are filled, in the order in which they run."""
        for role in ROLES:
            if part := getattr(self, role):
                yield role, part


def read_pipeline_file(path: Path) -> PipelineFile:
    """Read and check a pipeline file; raises `UserError` with the first mistake."""
    checked: PipelineFile = read_document(PipelineFile, read_json(path), str(path))
    return checked


def files_of(path: Path, part: PipelinePart, stage: str) -> list[Path]:
    """Where the files of a part at a stage lie, verified; `path` is the pipeline file.

    The models may have been copied elsewhere: beside the file, or in a folder of their stage beside it.
    `stage` may name any original stage for the model's own. Raises `UserError` for a stage that the
    file lacks, and for a model file that is missing or another one.
    """
    own = (
        next((name for name in part.stages if STAGES[name].original), stage)
        if STAGES[stage].original
        else stage
    )
    if own not in part.stages:
        raise UserError(f"{path}: has no stage '{stage}' of {part.model}; it has {', '.join(part.stages)}")
    return [verified(path, file) for file in part.stages[own]]


def verified(path: Path, file: StageFile) -> Path:
    """Where a file lies; raises `UserError` when it is not there or not the one meant."""
    found = locate(path, file.path)
    if sha256_of(found) != file.sha256:
        raise UserError(f"{found}: is not the file that {path} was made with; build again, or copy both")
    return found


def locate(path: Path, relative: str) -> Path:
    """The file that a pipeline file at `path` names; raises `UserError` when it is nowhere."""
    steps = Path(relative).parts
    inside = Path(*[step for step in steps if step != ".."])
    candidates: Sequence[Path] = (
        Path(os.path.normpath(path.parent / relative)),
        path.parent / inside,
        path.parent / inside.name,
    )
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise UserError(f"{candidates[0]}: no such file, which {path} names; copy it along, or build again")
