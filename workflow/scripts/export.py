r"""Export one inference model to ONNX with dynamic shapes.

In: a folder with inference.pdmodel or inference.json (this decides the exporter) and inference.pdiparams, or
with inference.onnx, a model that is ONNX already and keeps its opset. Out: one ONNX file, of Paddle models at
exactly --opset, that passes the full checker; the same files give the same bytes.
A recognizer with a --dictionary carries it in its metadata; with a --cut_dictionary, which cut_dictionary.py
makes, it has the classes of that alone.

It runs in the environment of envs/export-pdmodel.lock (.pdmodel), envs/paddle.lock (.json, from opset 14) or
envs/pipeline.lock (.onnx):

    python workflow/scripts/in_environment.py envs/export-pdmodel.lock \
        workflow/scripts/export.py results/weights/MODEL MODEL.onnx --opset 11

Exit 0 written, 2 cannot be exported or wrong usage; then nothing is written.
"""

import argparse
from pathlib import Path

from snapml_ocr.cli import Parser, flag, run
from snapml_ocr.convert.charset import class_count, cut_classes
from snapml_ocr.convert.exporter import export
from snapml_ocr.convert.onnx_source import import_onnx
from snapml_ocr.convert.paddle_files import find_paddle_files
from snapml_ocr.errors import UserError
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.dictionary_metadata import as_metadata
from snapml_ocr.onnx_files.model_file import require_valid, set_metadata, write_model
from snapml_ocr.runtime.model import ONNX_NAME


def main() -> None:
    """Export as the command line says."""
    args = parse_args()
    if args.cut_dictionary and not args.dictionary:
        raise UserError("--cut_dictionary needs the --dictionary that it was cut from")
    name = args.name or args.model_dir.resolve().name
    file = args.model_dir if args.model_dir.suffix == ".onnx" else args.model_dir / ONNX_NAME
    if file.is_file():
        model = import_onnx(file, name=name)
    else:
        files = find_paddle_files(args.model_dir)
        model = export(files, name=name, opset=args.opset, verbose=args.verbose)
    if args.dictionary:
        dictionary = read_dictionary(args.dictionary, args)
        classes = class_count(model)
        if classes is not None:
            dictionary.require_classes(classes, args.model_dir)
        if args.cut_dictionary:
            cut = read_dictionary(args.cut_dictionary, args)
            model = cut_classes(model, dictionary.classes_of(cut), str(args.model_dir))
            require_valid(model, f"{args.model_dir} cut to {args.cut_dictionary}")
            dictionary = dictionary.cut_to(cut.entries)
        set_metadata(model, as_metadata(dictionary))
    write_model(model, args.output)


def read_dictionary(path: Path, args: argparse.Namespace) -> Dictionary:
    """Read a dictionary that is followed by what the command line says."""
    return Dictionary.read(path, space=args.use_space_char, right_to_left=args.right_to_left)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(__doc__, allow_abbrev=False)
    parser.add_argument("model_dir", type=Path, help="folder with the inference model, or an ONNX file")
    parser.add_argument("output", type=Path, help="ONNX file to write")
    parser.add_argument("--opset", type=int, default=11, help="operator set version (default: %(default)s)")
    parser.add_argument("--name", default="", help="name to note in the file (default: the folder's)")
    parser.add_argument("--dictionary", type=Path, nargs="?", help="characters of a recognizer, one per line")
    parser.add_argument("--cut_dictionary", type=Path, nargs="?", help="the part of the dictionary to keep")
    parser.add_argument(
        "--use_space_char", type=flag, default=True, metavar="BOOL", help="a space follows the dictionary"
    )
    parser.add_argument(
        "--right_to_left", type=flag, default=False, metavar="BOOL", help="lines begin at the right"
    )
    parser.add_argument("--verbose", action="store_true", help="show what the exporter prints")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
