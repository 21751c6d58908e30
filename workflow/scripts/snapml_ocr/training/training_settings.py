"""What a training is told: the keys of `training:` in the catalogue and the options of train.py."""

from dataclasses import dataclass, fields
from typing import Any, Literal

from snapml_ocr.errors import UserError

Part = Literal["head", "neck", "all"]

LSTM_LEARNING_RATE = 3e-3
LEARNING_RATE = 5e-4
"""For recognizers with and without an LSTM: measured on receipts, see docs/training.md."""


@dataclass(frozen=True)
class TrainingSettings:
    """Defaults fine-tune the sequence part and the head on some hundred to some thousand lines."""

    part: Part = "neck"
    """What is trained: the last matrix product, the sequence part and it, or every weight."""
    steps: int = 600
    epochs: int = 0
    """Instead of `steps`, how often every line is seen; 0 leaves it to `steps`."""
    batch_size: int = 16
    learning_rate: float = 0.0
    """0 takes 3e-3 for a recognizer with an LSTM and 5e-4 for any other."""
    warm_up: float = 0.05
    weight_decay: float = 0.01
    clip_norm: float = 5.0
    evaluate_every: int = 50
    patience: int = 6
    """Evaluations without a lower character error rate, after which training ends."""
    views: int = 4
    """Augmented versions of every line whose features are computed."""
    augmentation: bool = True
    rehearsal: float = 1.0
    """Weight of the distance to the base model on unlabelled lines; 0 turns it off."""
    rehearsal_lines: int = 600
    """Lines rendered in many faces that are rehearsed beside those of `--rehearsal_data`."""
    validation_share: float = 0.125
    characters: str = ""
    """Characters that the base model does not know and the trained one will."""
    width: int = 0
    """Width of the input in pixels; 0 takes what nine of ten lines fit in, from 320 to 640."""
    bad_lines: float = 2.0
    """Percent of lines that may be unusable; they are skipped and listed."""
    seed: int = 0

    def __post_init__(self) -> None:
        for name, low, high in (
            ("steps", 1, 10**7),
            ("epochs", 0, 10**5),
            ("batch_size", 1, 1024),
            ("learning_rate", 0, 1),
            ("warm_up", 0, 1),
            ("weight_decay", 0, 1),
            ("clip_norm", 1e-6, 1e6),
            ("evaluate_every", 1, 10**7),
            ("patience", 1, 10**6),
            ("views", 1, 64),
            ("rehearsal", 0, 1000),
            ("rehearsal_lines", 0, 10**6),
            ("validation_share", 0.01, 0.9),
            ("bad_lines", 0, 100),
            ("seed", 0, 2**32 - 1),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise UserError(f"{name}: {value} found, expected {low} to {high}")
        if self.part not in ("head", "neck", "all"):
            raise UserError(f"part: {self.part!r} found, expected head, neck or all")
        if self.width and not (self.width % 32 == 0 and 32 <= self.width <= 4096):
            raise UserError(f"width: {self.width} found, expected 0 or a multiple of 32 up to 4096")
        if len(set(self.characters)) != len(self.characters):
            raise UserError(f"characters: {self.characters!r} names a character twice")

    def described(self) -> dict[str, Any]:
        """The settings as plain values by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
