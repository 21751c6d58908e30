"""The characters a recognizer can write, in the order of its classes."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.errors import UserError
from snapml_ocr.files import decoded

BLANK = 0
"""Class that means "no character here" in CTC."""

SPACE = " "

BLANK_NAMES = frozenset({"", "blank", "<blank>", "[blank]", "<blk>", "[ctcblank]", "<ctc>", "<pad>", "[pad]"})
"""First lines that stand for the blank in dictionaries of other programs."""

MAX_NAMED = 20
"""Characters that an error lists."""


@dataclass(frozen=True)
class Dictionary:
    """What each class of a recognizer writes: nothing for class 0, the blank, then `entries` in order.

    An entry is the line of a dictionary file: mostly one character, but it may be several, or none for a
    class that writes nothing. With `space`, a class for the space follows the entries. `right_to_left` says
    that lines of this script begin at the right.
    """

    entries: tuple[str, ...]
    space: bool = True
    right_to_left: bool = False
    source: str = "dictionary"

    @classmethod
    def read(cls, path: Path, *, space: bool = True, right_to_left: bool = False) -> "Dictionary":
        """Read a file with one entry a line.

        Lines are kept as they are but for their line end: a line with one space is the space character,
        an empty line is a class that writes nothing. UTF-16 is read when a byte order mark says so. Raises
        `UserError` for a missing or empty file and for one in another encoding.
        """
        try:
            text = decoded(path.read_bytes())
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
            raise UserError(f"{path}: an empty dictionary; it needs one character per line")
        return cls(tuple(lines), space, right_to_left, str(path))

    @cached_property
    def characters(self) -> tuple[str, ...]:
        """`characters[i]` is what class i writes."""
        return ("", *self.entries, *([SPACE] if self.space else []))

    def require_classes(self, classes: int, model: Path) -> None:
        """Raise `UserError` unless a model with `classes` outputs a step writes these characters."""
        found = len(self.characters)
        if found == classes:
            return
        if flaw := self.flaw(classes):
            cause = flaw
        elif found + 1 == classes and not self.space:
            cause = "the model has a space class: use --use_space_char True"
        elif found - 1 == classes and self.space:
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

    def flaw(self, classes: int) -> str | None:
        """Return which lines should not be there, when without them the file fits so many classes; else None.

        With them it may fit as well, in numbers, when the space behind the entries is left out; then every
        character would be written as its neighbour.
        """
        count, fits = len(self.entries), {classes - 2, classes - 1}
        if count == classes - 2:
            return None
        if count - 1 in fits and self.entries[0].strip().lower() in BLANK_NAMES:
            says, cure = "is empty", "remove it, or write the space that an editor cut there"
            if self.entries[0]:
                says, cure = f"says {self.entries[0]!r}", "remove it"
            return f"line 1 {says} and stands for the blank class of CTC, which has no line in a file: {cure}"
        written = len("\n".join(self.entries).rstrip("\n").split("\n"))
        if written != count and written in fits:
            return f"the empty lines after line {written} are no characters: remove them"
        first = {entry: number for number, entry in reversed(list(enumerate(self.entries, start=1)))}
        twice = [number for number, entry in enumerate(self.entries, start=1) if first[entry] != number]
        if twice and count not in fits and count - len(twice) in fits:
            entry = self.entries[twice[0] - 1]
            return f"line {twice[0]} repeats {entry!r} of line {first[entry]}: remove what stands there twice"
        return None

    def difference(self, own: "Dictionary") -> str | None:
        """Say how the entries differ from those of a model's own dictionary; None when they are the same."""
        if self.entries == own.entries:
            return None
        if sorted(self.entries) == sorted(own.entries):
            how = "the same entries in another order"
        else:
            how = f"{len(self.entries)} entries, not {len(own.entries)}"
            if len(self.entries) == len(own.entries):
                wrong = sum(one != other for one, other in zip(self.entries, own.entries, strict=True))
                how = f"{wrong} of {len(own.entries)} entries are others"
        pairs = enumerate(zip_longest(self.entries, own.entries), start=1)
        line, (ours, theirs) = next((line, pair) for line, pair in pairs if pair[0] != pair[1])
        return f"{how}; the first is line {line}, {ours!r} where the model has {theirs!r}"

    def allowed_classes(self, allowed: str) -> NDArray[np.bool_]:
        """Return a (classes,) mask that is true for the blank and for each entry made of `allowed` alone.

        Raises `UserError` for characters that the model cannot write.
        """
        unknown = sorted(set(allowed).difference(*self.characters))
        if unknown:
            raise UserError(f"{self.source}: has no {_listed(unknown)}, which was to be allowed")
        mask = np.array([entry != "" and set(entry) <= set(allowed) for entry in self.characters])
        mask[BLANK] = True
        return mask

    def cut_to(self, charset: Collection[str]) -> "Dictionary":
        """Return the dictionary with the entries in `charset` alone, in their order; blank and space stay.

        Raises `UserError` that names what is in `charset` and not in the dictionary.
        """
        missing = sorted(set(charset).difference(self.characters[1:]))
        if missing:
            raise UserError(f"{self.source}: has no {_listed(missing)}, which the charset asks for")
        kept = tuple(entry for entry in self.entries if entry in charset)
        if not kept:
            raise UserError(f"{self.source}: the charset keeps none of its entries")
        return replace(self, entries=kept)

    def classes_of(self, cut: "Dictionary") -> list[int]:
        """Return the classes of this dictionary that are left in `cut`, in order, with blank and space.

        Raises `UserError` when `cut` was not made from this dictionary by `cut_to`.
        """
        wanted = set(cut.entries)
        kept = [number for number, entry in enumerate(self.entries, start=1) if entry in wanted]
        if cut.space != self.space or [self.characters[number] for number in kept] != list(cut.entries):
            raise UserError(f"{cut.source}: is not a cut of {self.source}; make it with cut_dictionary.py")
        return [BLANK, *kept, *([len(self.characters) - 1] if self.space else [])]


def _listed(entries: list[str]) -> str:
    shown = " ".join(repr(entry) if entry else "empty line" for entry in entries[:MAX_NAMED])
    rest = len(entries) - MAX_NAMED
    return f"{shown} and {rest} more" if rest > 0 else shown
