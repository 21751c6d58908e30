"""Check a dictionary against a recognizer, or find the characters of a text that it lacks.

    python workflow/scripts/dictionary.py check DICT MODEL.onnx
    python workflow/scripts/dictionary.py missing DICT --text "some words" more_words.txt

`check` compares the entries with the model's classes, with and without a space class, and names what is
unusual in the file: repeated entries, empty lines, a byte order mark, CRLF. `missing` counts the characters
of texts or UTF-8 text files. Exit 0 it fits, or nothing is missing; 1 it does not, or something is; 2 wrong
usage.
"""

import argparse
from pathlib import Path

from snapml_ocr.catalogue.graph import Graph
from snapml_ocr.cli import run
from snapml_ocr.errors import UserError
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.dictionary_check import composed_is_known, missing_from, remarks_on
from snapml_ocr.ocr.recognizer import DEFAULT_SHAPE


def main() -> int:
    """Do what the command line says."""
    args = parse_args()
    return check(args.dictionary, args.model) if args.command == "check" else missing(args)


def check(path: Path, model: Path) -> int:
    """Print both numbers and the remarks; 0 when they fit."""
    entries = len(Dictionary.read(path).entries)
    classes = classes_of(model)
    print(f"{model.name}: {classes} classes")
    print(
        f"{path.name}: {entries} entries, so {entries + 1} classes with the blank,"
        f" {entries + 2} with a space behind"
    )
    for remark in remarks_on(path):
        print(f"  {remark}")
    if classes in {entries + 1, entries + 2}:
        print(f"it fits with use_space_char: {'true' if classes == entries + 2 else 'false'}")
        return 0
    need = classes - 2
    print(f"it does not fit: the model needs {need} entries and a space, or {need + 1} entries without one")
    return 1


def classes_of(path: Path) -> int:
    """Number of classes of a recognizer; raises `UserError` for other models."""
    graph = Graph(path, str(path))
    seen = graph.behaviour(graph.height or DEFAULT_SHAPE[0], graph.width or DEFAULT_SHAPE[1])
    if seen.task != "recognition":
        raise UserError(f"{path}: no recognizer; {seen.evidence}")
    return seen.classes


def missing(args: argparse.Namespace) -> int:
    """Print what is missing, the most frequent first; 0 when nothing is."""
    dictionary = Dictionary.read(args.dictionary, space=args.use_space_char)
    text = "\n".join(map(text_of, args.text))
    found = missing_from(dictionary, text)
    for one in found:
        print(f"{one.count:7}  {one.character!r}  {one.name}")
    if found and composed_is_known(dictionary, text):
        print("some are there in composed form (NFC): write the text in it, as labels of this dictionary are")
    total = sum(one.count for one in found)
    print(f"{len(found)} characters are missing, {total} of {len(text)} in the text")
    return 1 if found else 0


def text_of(text: str) -> str:
    """The content of a text file of that name, or else the text itself."""
    try:
        path = Path(text)
        return path.read_text(encoding="utf-8-sig") if path.is_file() else text
    except UnicodeDecodeError:
        raise UserError(f"{text}: not UTF-8 text") from None
    except (OSError, ValueError):  # a text that is too long for a file name, or that cannot be one
        return text


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    commands = parser.add_subparsers(dest="command", required=True)
    checks = commands.add_parser("check", help="entries against the classes of a model")
    checks.add_argument("dictionary", type=Path, metavar="DICT")
    checks.add_argument("model", type=Path, metavar="MODEL.onnx")
    finds = commands.add_parser("missing", help="characters of a text that the dictionary lacks")
    finds.add_argument("dictionary", type=Path, metavar="DICT")
    finds.add_argument("--text", nargs="+", required=True, metavar="FILE|TEXT")
    finds.add_argument(
        "--no_space",
        dest="use_space_char",
        action="store_false",
        help="the model has no space class behind the dictionary",
    )
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
