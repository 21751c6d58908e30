"""How text is read: every option of the reader once, with its default, its bounds and what it changes.

From here come the flags of the programs, the keys below `inference:`, their table in config/README.md, and
the settings of a pipeline file.
"""

from typing import Annotated, Literal

from pydantic import Field

from snapml_ocr.plan.document import Document, OneOf, Share

DETECTION, RECOGNITION, RUNNING = "detection", "recognition", "models"
"""Groups in a program's --help."""


class Normalisation(Document):
    """Mean and standard deviation of pixel values divided by 255, per channel in `channel_order`."""

    mean: Annotated[list[float], Field(min_length=3, max_length=3)]
    std: Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=3, max_length=3)]
    channel_order: Annotated[str, OneOf(("bgr", "rgb"))]


class ReaderOptions(Document):
    """The options of a reader, by the names of their flags."""

    det_db_thresh: Share = Field(
        0.3, description="probability from which a pixel is text", json_schema_extra={"group": DETECTION}
    )
    det_db_box_thresh: Share = Field(
        0.5, description="mean probability from which a box is kept", json_schema_extra={"group": DETECTION}
    )
    det_db_unclip_ratio: float = Field(
        1.5,
        ge=0,
        le=10,
        description="how far a box grows beyond the shrunken text kernel",
        json_schema_extra={"group": DETECTION},
    )
    det_db_score_mode: Literal["fast", "slow"] = Field(
        "fast",
        description="mean probability over a box's rectangle, or over the region itself",
        json_schema_extra={"group": DETECTION},
    )
    use_dilation: bool = Field(
        False, description="join text regions one pixel apart", json_schema_extra={"group": DETECTION}
    )
    tile_below: float = Field(
        0.0,
        ge=0,
        description="cut images shrunk below this scale into overlapping tiles; 0 only very long ones",
        json_schema_extra={"group": DETECTION},
    )
    drop_score: Share = Field(
        0.6,
        description="lines read with less confidence are dropped",
        json_schema_extra={"group": RECOGNITION},
    )
    retry_below: Share = Field(
        0.9,
        description="read lines with a lower score again, stretched, and take the surer reading; 0 never",
        json_schema_extra={"group": RECOGNITION, "alias": "second_look_below"},
    )
    space_recovery: bool = Field(
        True,
        description="insert spaces that the recognizer saw and did not write",
        json_schema_extra={"group": RECOGNITION},
    )
    bidi_order: Literal["unicode", "paddleocr"] = Field(
        "unicode",
        description="right-to-left lines: by the bidirectional algorithm, or as PaddleOCR writes them",
        json_schema_extra={"group": RECOGNITION},
    )
    allowed_characters: str | None = Field(
        None, description="only these are read, as 0123456789-", json_schema_extra={"group": RECOGNITION}
    )
    level: Literal["line", "word"] = Field(
        "line",
        description="boxes of whole lines, or of their words",
        json_schema_extra={"group": RECOGNITION},
    )
    threads: int = Field(2, ge=1, description="processor threads", json_schema_extra={"group": RUNNING})


DEFAULTS = ReaderOptions()
"""The values that the library's own settings begin with too."""


def options_of_task(options: ReaderOptions, task: str) -> dict[str, object]:
    """The options that decide what a model's output says once it is decoded, for the models of a task."""
    names = ReaderOptions.model_fields if task == DETECTION else {}
    return {
        name: getattr(options, name) for name in names if name.startswith("det_db_") or name == "use_dilation"
    }
