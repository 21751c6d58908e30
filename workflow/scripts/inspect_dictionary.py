"""Check a dictionary against a recognizer, or find the characters of a text that it lacks.

    python workflow/scripts/inspect_dictionary.py check DICT MODEL.onnx
    python workflow/scripts/inspect_dictionary.py missing DICT --text "some words" more_words.txt

`check` compares the entries with the dictionary that the model carries, or else their number with its
classes, with and without a space class, and tries them on labelled lines; and it names what is unusual in the
file: repeated entries, empty lines, a byte order mark, CRLF. `missing` counts the characters of texts or text
files. Exit 0 it fits, or nothing is missing; 1 it does not, or something is; 2 wrong usage.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from snapml_ocr.catalogue.graph import Graph
from snapml_ocr.cli import Parser, run
from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.dictionary_trial import try_dictionary
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.dictionary_check import composed_is_known, missing_from, remarks_on
from snapml_ocr.ocr.dictionary_metadata import from_metadata, has_dictionary
from snapml_ocr.runtime.model import open_model

SAMPLES = Path(__file__).parents[2] / "images"
WIDTH = 320


def main() -> int:
    """Do what the command line says."""
    args = parse_args()
    return check(args.dictionary, args.model, args.samples) if args.command == "check" else missing(args)


def check(path: Path, model: Path, samples: Path) -> int:
    """Print what was compared and the remarks; 0 when it is the model's dictionary, as far as can be told."""
    dictionary = Dictionary.read(path)
    entries = len(dictionary.entries)
    shape, classes = classes_of(model)
    print(f"{model.name}: {classes} classes")
    print(
        f"{path.name}: {entries} entries, so {entries + 1} classes with the blank,"
        f" {entries + 2} with a space behind"
    )
    for remark in remarks_on(path):
        print(f"  {remark}")
    metadata = open_model(model).metadata
    if has_dictionary(metadata):
        if different := dictionary.difference(from_metadata(metadata, model)):
            print(f"it differs from the dictionary that the model carries: {different}")
            return 1
        print("it is the dictionary that the model carries")
    elif flaw := dictionary.flaw(classes):
        print(f"it does not fit: {flaw}")
        return 1
    if classes not in {entries + 1, entries + 2}:
        need = classes - 2
        print(
            f"it does not fit: the model needs {need} entries and a space, or {need + 1} entries without one"
        )
        return 1
    space = classes == entries + 2
    if not has_dictionary(metadata):
        trial = try_dictionary([model], replace(dictionary, space=space), samples, [shape])
        if trial is None or trial.verdict is None:
            print(
                f"whether the order is right could not be tried: {trial or 'it has few of the letters there'}"
            )
        else:
            print(trial)
        if trial and trial.verdict is False:
            print("it does not fit: it is another model's dictionary, or its lines are in another order")
            return 1
    print(f"it fits with use_space_char: {'true' if space else 'false'}")
    return 0


def classes_of(path: Path) -> tuple[tuple[int, int], int]:
    """Height and width of a recognizer, and its number of classes; raises `UserError` for other models."""
    graph = Graph(path, str(path))
    shape = graph.recognizer_height(WIDTH), graph.width or WIDTH
    seen = graph.behaviour(*shape)
    if seen.task != "recognition":
        raise UserError(f"{path}: no recognizer; {seen.evidence}")
    return shape, seen.classes


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
    parser = Parser(__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    checks = commands.add_parser("check", help="entries against the classes of a model")
    checks.add_argument("dictionary", type=Path, metavar="DICT")
    checks.add_argument("model", type=Path, metavar="MODEL.onnx")
    checks.add_argument(
        "--samples",
        type=Path,
        default=SAMPLES,
        metavar="DIR",
        help="labelled images or crops to try it on, when the model carries no dictionary",
    )
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
