"""A recognizer's dictionary in the metadata of its ONNX file, where RapidOCR looks for it too.

RapidOCR takes the lines (`str.splitlines`) of the entry `character`, puts the blank before them and a space
behind them, whether the model has a class for it or not. So `character` holds the lines of the dictionary
file and nothing else, and entries of our own say what follows them.
"""

from collections.abc import Mapping
from pathlib import Path

from snapml_ocr.errors import UserError
from snapml_ocr.ocr.dictionary import Dictionary

CHARACTERS = "character"
UNUSUAL_CHARACTERS = "snapml_ocr.character"
"""In place of `character` when an entry is a character at which `splitlines` splits, as U+2028: other
programs would take it for two lines, and every class behind it for its neighbour."""

SPACE = "snapml_ocr.use_space_char"
RIGHT_TO_LEFT = "snapml_ocr.right_to_left"
NAME = "snapml_ocr.dictionary"


def as_metadata(dictionary: Dictionary) -> dict[str, str]:
    """Return the metadata entries, by key, from which `from_metadata` makes an equal dictionary."""
    joined = "\n".join(dictionary.entries)
    lines = joined if dictionary.entries[-1] else f"{joined}\n"  # splitlines loses an empty last line
    is_plain = lines.splitlines() == list(dictionary.entries)
    return {
        **({CHARACTERS: lines} if is_plain else {UNUSUAL_CHARACTERS: joined}),
        NAME: Path(dictionary.source).name,
        SPACE: str(dictionary.space),
        RIGHT_TO_LEFT: str(dictionary.right_to_left),
    }


def has_dictionary(metadata: Mapping[str, str]) -> bool:
    """Whether a model carries a dictionary."""
    return bool(metadata.get(CHARACTERS) or metadata.get(UNUSUAL_CHARACTERS))


def from_metadata(
    metadata: Mapping[str, str], model: Path, *, space: bool | None = None, right_to_left: bool | None = None
) -> Dictionary:
    """Return the dictionary that a model carries.

    `space` and `right_to_left` overrule what the model says of them; a model of another origin says nothing,
    and then a space follows. Raises `UserError` that names `model` when it carries no dictionary.
    """
    if UNUSUAL_CHARACTERS in metadata:
        entries = metadata[UNUSUAL_CHARACTERS].split("\n")
    else:
        entries = metadata.get(CHARACTERS, "").splitlines()
    if not entries:
        raise UserError(f"{model}: carries no dictionary; give its file with --rec_char_dict_path")
    if space is None:
        space = metadata.get(SPACE, "True") == "True"
    if right_to_left is None:
        right_to_left = metadata.get(RIGHT_TO_LEFT) == "True"
    return Dictionary(tuple(entries), space, right_to_left, f"the dictionary in {model.name}")
