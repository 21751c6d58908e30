r"""Export one Paddle inference model to ONNX with dynamic shapes.

In: a folder with inference.pdmodel or inference.json (this decides the exporter) and inference.pdiparams.
Out: one ONNX file at exactly --opset that passes the full checker; the same files give the same bytes.

It runs in the environment of envs/export-pdmodel.lock (.pdmodel) or envs/paddle.lock (.json, from opset 14):

    python workflow/scripts/in_environment.py envs/export-pdmodel.lock \
        workflow/scripts/export.py results/weights/MODEL MODEL.onnx --opset 11

Exit 0 written, 2 cannot be exported or wrong usage; then nothing is written.
"""

import argparse
from pathlib import Path

from snapml_ocr.cli import run
from snapml_ocr.convert.exporter import export
from snapml_ocr.convert.model_file import write_model
from snapml_ocr.convert.paddle_files import find_paddle_files


def main() -> None:
    """Export as the command line says."""
    args = parse_args()
    files = find_paddle_files(args.model_dir)
    name = args.name or args.model_dir.resolve().name
    model = export(files, name=name, opset=args.opset, verbose=args.verbose)
    write_model(model, args.output)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("model_dir", type=Path, help="folder with the Paddle inference model")
    parser.add_argument("output", type=Path, help="ONNX file to write")
    parser.add_argument("--opset", type=int, default=11, help="operator set version (default: %(default)s)")
    parser.add_argument("--name", default="", help="name to note in the file (default: the folder's)")
    parser.add_argument("--verbose", action="store_true", help="show what the exporter prints")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
