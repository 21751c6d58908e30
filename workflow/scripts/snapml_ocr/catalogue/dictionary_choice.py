"""Settle a recognizer's dictionary: given, declared, found by its size, or asked for."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from snapml_ocr.catalogue.dictionaries import (
    Fit,
    Known,
    fitting,
    in_folder,
    require_fit,
    right_to_left_share,
)
from snapml_ocr.catalogue.inspector import ModelInspector
from snapml_ocr.errors import UserError
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.plan import configuration

FOLDER = Path("rec_char_dict")
"""Where the project keeps dictionaries, below the folder that builds run in."""

FLAG = "--dictionary FILE"

RIGHT_TO_LEFT_FROM = 0.1
"""Share of letters that makes a dictionary one of a right-to-left script; those of PP-OCR hold Latin too."""


@dataclass(frozen=True)
class Choice:
    """What the entry says; `content` is what `reference` has to hold, None when it is there already."""

    reference: configuration.DictionaryFile
    use_space_char: bool
    entries: Sequence[str]
    content: bytes | None = None


def choose_dictionary(
    inspector: ModelInspector,
    name: str,
    classes: int,
    *,
    given: Path | None,
    beside: Path,
    others: Callable[[], Sequence[Known]],
) -> Choice:
    """Return the dictionary of a recognizer with so many classes, the blank included.

    `beside` is the folder with the model's own files, `others` gives the dictionaries of other models and is
    only called when nothing nearer fits, since it may have to fetch them. Raises `UserError` when a
    dictionary that is given does not fit, and when nobody can be asked.
    """
    near = [*in_folder(beside, "beside the model", project=False)]
    near += in_folder(FOLDER, f"in {FOLDER}", project=True)
    if given:
        fit = require_fit(_meant(given, near), classes)
        inspector.note(
            "dictionary", str(given), f"--dictionary; {fit.evidence}{_contradiction(inspector, fit)}"
        )
        return _chosen(fit, name)
    if inspector.declared.characters is not None:
        return _as_declared(inspector, name, classes)
    fits = fitting(near, classes) or fitting(others(), classes)
    if len(fits) == 1:
        (fit,) = fits
        how = f"the only known one that fits ({fit.known.where}): {fit.evidence}"
        inspector.note("dictionary", fit.known.path.name, how, assumed=True, key="dictionary")
        return _chosen(fit, name)
    shown = ", ".join(fit.known.label for fit in fits)
    question = (
        f"{len(fits)} dictionaries fit its {classes} classes ({shown}); which is it?"
        if fits
        else f"Which dictionary (a file with one character per line) has its {classes} classes?"
    )
    answer = inspector.ask(question, fits[0].known.label if fits else "", FLAG)
    fit = require_fit(_meant(Path(answer).expanduser(), [one.known for one in fits]), classes)
    inspector.note("dictionary", answer, f"answered; {fit.evidence}")
    return _chosen(fit, name)


def is_right_to_left(inspector: ModelInspector, choice: Choice) -> bool:
    """Whether the lines that a recognizer with this dictionary reads begin at the right."""
    share = right_to_left_share(choice.entries)
    if share < RIGHT_TO_LEFT_FROM:
        return False
    how = f"{share:.0%} of the dictionary's letters are of a script that runs so"
    inspector.note("direction", "right to left", how, assumed=True, key="right_to_left")
    return True


def _contradiction(inspector: ModelInspector, fit: Fit) -> str:
    """What to say when a dictionary that is given is another than the declared one."""
    declared = inspector.declared
    if declared.characters in {None, Dictionary.read(fit.known.path).entries}:
        return ""
    return f"; IT IS ANOTHER than the model declares ({declared.characters_from})"


def _as_declared(inspector: ModelInspector, name: str, classes: int) -> Choice:
    characters, where = inspector.declared.characters or (), inspector.declared.characters_from
    extra = classes - 1 - len(characters)
    if extra not in {0, 1}:
        raise UserError(
            f"{inspector.label}: it lists {len(characters)} characters ({where}), which makes"
            f" {len(characters) + 1} classes with the blank and {len(characters) + 2} with a space; the graph"
            f" has {classes}. Is the list that of another model? {FLAG} names another dictionary"
        )
    content = "".join(f"{one}\n" for one in characters).encode()
    if any(set(one) & set("\n\r") for one in characters) or content.startswith(b"\xef\xbb\xbf"):
        raise UserError(f"{inspector.label}: a character cannot stand in a line of a file ({where})")
    reference = configuration.DictionaryFile(name=(FOLDER / f"{name}.txt").as_posix())
    space = " + space" if extra else ""
    how = f"{where}; {classes} classes = blank + {len(characters)} entries{space}"
    inspector.note("dictionary", reference.name, how)
    return Choice(reference, extra == 1, characters, content)


def _meant(path: Path, known: Sequence[Known]) -> Known:
    """The dictionary at a path, or a known one that goes by this name.

    A file of the project is used where it is, when rules can take its name.
    """
    if not path.exists():
        for one in known:
            if one.label == str(path):
                return one
    Dictionary.read(path)  # says what is wrong with it
    absolute, root = Path(os.path.abspath(path)), Path.cwd()  # noqa: PTH100 - links stay
    inside = absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else ""
    plain = inside and not set(inside) & set(" \t'\"$`\\") and inside[0].isascii() and inside[0].isalnum()
    return Known(path, "given", configuration.DictionaryFile(name=inside) if plain else None)


def _chosen(fit: Fit, name: str) -> Choice:
    entries = Dictionary.read(fit.known.path).entries
    if fit.known.reference:
        return Choice(fit.known.reference, fit.use_space_char, entries)
    reference = configuration.DictionaryFile(name=(FOLDER / f"{name}.txt").as_posix())
    return Choice(reference, fit.use_space_char, entries, fit.known.path.read_bytes())
