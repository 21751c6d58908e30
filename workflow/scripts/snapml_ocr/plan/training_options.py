"""How a recognizer is trained: every option once, with its default, its bounds and what it changes.

From here come the flags of train.py, the keys below `training:` in the catalogue, and their documentation.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from snapml_ocr.plan.document import Count, Document, Share

WIDTH_STEP = 32


class TrainingSettings(Document):
    """Options by the names of their flags; the defaults suit some hundred to some thousand lines."""

    part: Literal["head", "neck", "all"] = Field(
        "neck", description="what is trained: the last layer, the sequence part and it, or every weight"
    )
    steps: Count = Field(800, description="batches to train with")
    epochs: int = Field(0, ge=0, description="instead of `steps`, how often every line is seen; 0 leaves it")
    batch_size: Annotated[int, Field(ge=1, le=1024)] = Field(16, description="lines in a batch")
    learning_rate: Share = Field(0.0, description="0 takes 0.003 with an LSTM and 0.0005 without")
    warm_up: Share = Field(0.05, description="share of the steps in which the learning rate rises")
    weight_decay: Share = Field(0.01, description="of AdamW")
    clip_norm: float = Field(5.0, gt=0, description="largest norm of the gradients")
    evaluate_every: Count = Field(50, description="steps between two evaluations")
    patience: Count = Field(20, description="evaluations without improvement after which training ends")
    views: Annotated[int, Field(ge=1, le=64)] = Field(2, description="augmented versions of every line")
    augmentation: bool = Field(True, description="change lines at random")
    rehearsal: float = Field(
        1.0, ge=0, description="weight of the distance to the base model on other lines, 0 for none"
    )
    rehearsal_lines: int = Field(
        4800, ge=0, description="words rendered as on signs, for rehearsal beside `rehearsal_data`"
    )
    validation_share: float = Field(
        0.125, gt=0, lt=1, description="share of the lines, by whole images, that is held back"
    )
    characters: str = Field("", description="characters to add to the dictionary")
    width: int = Field(
        0, ge=0, le=4096, description="input width in pixels; 0 takes what nine of ten lines fit in"
    )
    bad_lines: Annotated[float, Field(ge=0, le=100)] = Field(
        2.0, description="percent of unusable lines that are skipped and listed"
    )
    device: Literal["cpu", "gpu"] = Field("cpu", description="what trains; `gpu` needs paddlepaddle-gpu")
    seed: int = Field(0, ge=0, lt=2**32, description="of everything random")

    @model_validator(mode="after")
    def _require_sense(self) -> "TrainingSettings":
        if len(set(self.characters)) != len(self.characters):
            raise _mistake(f"characters: {self.characters!r} names a character twice")
        if self.width % WIDTH_STEP:
            raise _mistake(f"width: {self.width} found, expected 0 or a multiple of {WIDTH_STEP}")
        return self


class Synthetic(Document):
    """Lines to render for characters or languages without labelled crops."""

    words: str = Field(description="a text file whose words are used")
    lines: Count = Field(1000, description="how many are rendered")
    fonts: list[str] = Field(
        default_factory=list, description="faces of tools/sample_images/lettering.py; all of them"
    )


class Training(TrainingSettings):
    """`training:` of a catalogue entry."""

    data: list[str] = Field(
        default_factory=list,
        description="labelled lines or images: `FOLDER`, or `FOLDER:LABELS` where the label file has no usual"
        " name",
    )
    synthetic: Synthetic | None = Field(None, description="lines to render")
    validation: list[str] = Field(
        default_factory=list, description="data to validate with, in place of a share of the lines"
    )
    rehearsal_data: list[str] = Field(
        default_factory=list,
        description="more lines for rehearsal: labels are not looked at, and may be missing",
    )

    @model_validator(mode="after")
    def _require_data(self) -> "Training":
        if not (self.data or self.synthetic):
            raise _mistake("'data' is a required property")
        return self

    def changed(self) -> dict[str, Any]:
        """The options that differ from their defaults, by the names of their flags."""
        fields = TrainingSettings.model_fields
        values = {name: getattr(self, name) for name in fields}
        return {name: value for name, value in values.items() if value != fields[name].default}


def _mistake(text: str) -> PydanticCustomError:
    return PydanticCustomError("mistake", "{text}", {"text": text})
