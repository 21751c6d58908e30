"""The input shape of a model."""

from typing import NamedTuple, Self

from snapml_ocr.errors import UserError


class Shape(NamedTuple):
    """Height and width of a model input, in pixels."""

    height: int
    width: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `HxW`, for example `48x320`; raises `UserError` for anything else."""
        height, _, width = text.lower().partition("x")
        if not (
            height.isdecimal() and width.isdecimal() and 0 < int(height) < 10000 and 0 < int(width) < 10000
        ):
            raise UserError(f"shape {text!r}: expected HEIGHTxWIDTH in pixels, as 640x640")
        return cls(int(height), int(width))

    def __str__(self) -> str:
        return f"{self.height}x{self.width}"
