"""The characters a recognizer can write, in the order of its classes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.errors import UserError

BLANK = 0
"""Class that means "no character here" in CTC."""


@dataclass(frozen=True)
class Dictionary:
    """`characters[i]` is what class i writes; class 0, the blank, writes nothing."""

    characters: tuple[str, ...]
    source: str = "dictionary"

    @classmethod
    def read(cls, path: Path, *, space: bool = True) -> "Dictionary":
        """Read a file with one character a line; with `space`, a space follows the last line as the last
        class.

        Lines are kept as they are but for their line end: a line with one space is the space character,
        an empty line is a class that writes nothing. Raises `UserError` for a missing, empty or non-UTF-8
        file.
        """
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            raise UserError(f"{path}: no such dictionary") from None
        except UnicodeDecodeError as error:
            raise UserError(
                f"{path}: not UTF-8 at byte {error.start}; save the dictionary as UTF-8"
            ) from None
        lines = [line.removesuffix("\r") for line in text.split("\n")]
        if lines[-1] == "":  # the end of the last line, not a line of its own
            lines.pop()
        if not lines:
            raise UserError(f"{path}: an empty dictionary; it needs one character a line")
        return cls(("", *lines, *([" "] if space else [])), str(path))

    def require_classes(self, classes: int, model: Path) -> None:
        """Raise `UserError` unless a model with `classes` outputs a step writes these characters."""
        found = len(self.characters)
        if found == classes:
            return
        if found + 1 == classes and self.characters[-1:] != (" ",):
            cause = "the model has a space class: use --use_space_char True"
        elif found - 1 == classes and self.characters[-1:] == (" ",):
            cause = "the model has no extra space class: use --use_space_char False"
        elif abs(found - classes) <= 3:
            cause = (
                "a line was lost or added: an editor may have cut trailing blank lines or the space character"
            )
        else:
            cause = "the dictionary belongs to another model or language"
        raise UserError(
            f"{model} has {classes} classes, but {self.source} gives {found} (blank and space included); "
            f"the usual cause: {cause}"
        )

    def allowed_classes(self, allowed: str) -> NDArray[np.bool_]:
        """Return a (classes,) mask that is true for the blank and for each character in `allowed`.

        Raises `UserError` for characters that the model cannot write.
        """
        unknown = sorted(set(allowed) - set(self.characters))
        if unknown:
            raise UserError(f"{self.source}: has no {' '.join(map(repr, unknown))}, which was to be allowed")
        mask = np.array([character in allowed and character != "" for character in self.characters])
        mask[BLANK] = True
        return mask
