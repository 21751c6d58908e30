"""Which known dictionary fits a recognizer, by the number of its classes."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from snapml_ocr.errors import UserError
from snapml_ocr.files import sha256_of
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.plan import configuration


@dataclass(frozen=True)
class Known:
    """A dictionary that can be read at `path`; `reference` is what a catalogue entry says to use it."""

    path: Path
    where: str
    reference: configuration.DictionaryFile | None = None
    """None for a file that has to be copied into the project first."""

    @property
    def label(self) -> str:
        """What to call it in a question and its answer: `path` may be in a temporary folder."""
        return self.reference.name if self.reference else self.path.name


@dataclass(frozen=True)
class Fit:
    """A dictionary that has as many characters as a model needs."""

    known: Known
    entries: int
    use_space_char: bool

    @property
    def evidence(self) -> str:
        """One clause that counts."""
        space = " + space" if self.use_space_char else ""
        classes = self.entries + 1 + self.use_space_char
        return f"{classes} classes = blank + {self.entries} entries{space}"


def right_to_left_share(entries: Iterable[str]) -> float:
    """Return which share of the letters of a dictionary belongs to scripts that run right to left."""
    kinds = [unicodedata.bidirectional(one) for entry in entries for one in entry if one.isalpha()]
    return sum(kind in {"R", "AL"} for kind in kinds) / max(1, len(kinds))


def fit(known: Known, classes: int) -> Fit | None:
    """Return how a dictionary fits a model with so many classes, blank included; None when it does not."""
    dictionary = Dictionary.read(known.path)
    entries = len(dictionary.entries)
    extra = classes - 1 - entries
    if extra not in {0, 1} or dictionary.flaw(classes):
        return None
    return Fit(known, entries, use_space_char=extra == 1)


def require_fit(known: Known, classes: int) -> Fit:
    """Like `fit`; raises `UserError` with both numbers."""
    found = fit(known, classes)
    if found is None:
        dictionary = Dictionary.read(known.path)
        entries = len(dictionary.entries)
        cause = dictionary.flaw(classes) or "it belongs to another model, or lines were lost or added"
        raise UserError(
            f"{known.path} has {entries} entries, which makes {entries + 1} classes with the blank and"
            f" {entries + 2} with a space; the model has {classes}: {cause}"
            " (workflow/scripts/inspect_dictionary.py check says more)"
        )
    return found


def fitting(candidates: Iterable[Known], classes: int) -> list[Fit]:
    """Return the dictionaries that fit, one of each content, in the order given; others are passed over."""
    found: dict[str, Fit] = {}
    for known in candidates:
        try:
            one = fit(known, classes)
        except UserError:  # a text file that is no dictionary
            continue
        if one:
            found.setdefault(sha256_of(known.path), one)
    return list(found.values())


def in_folder(folder: Path, where: str, *, project: bool) -> list[Known]:
    """The text files of a folder; those of the project are used where they are."""
    return [
        Known(path, where, configuration.DictionaryFile(name=path.as_posix()) if project else None)
        for path in sorted(folder.glob("*.txt"))
        if path.is_file()
    ]


def in_catalogue(
    catalogue: Mapping[str, configuration.Model],
    fetch: Callable[[configuration.Model, configuration.DictionaryFile], Path | None],
) -> list[Known]:
    """The dictionaries of other models; `fetch` fetches one that is no file of the project, or gives None."""
    found = []
    seen: set[configuration.DictionaryFile] = set()
    for model in catalogue.values():
        dictionary = model.dictionary
        if dictionary is None or dictionary in seen:
            continue
        seen.add(dictionary)
        path = fetch(model, dictionary) if dictionary.is_fetched else Path(dictionary.name)
        if path is not None and path.is_file():
            found.append(Known(path, f"the dictionary of {model.name}", dictionary))
    return found
