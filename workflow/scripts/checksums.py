"""Write the SHA-256 of files into a list beside them.

    python workflow/scripts/checksums.py results/onnx/MODEL.onnx --output results/onnx/MODEL.sha256

`sha256sum --check MODEL.sha256`, run in the files' folder, compares. Exit 0 written, 2 a file cannot be read
or does not lie in the folder of the list.
"""

import argparse
from pathlib import Path

from snapml_ocr.cli import Parser, run
from snapml_ocr.errors import UserError
from snapml_ocr.verified_outputs import write_checksums


def main() -> None:
    """Hash and write."""
    args = parse_args()
    files = [file for file in args.files if file != args.output]
    for file in files:
        if file.parent != args.output.parent:
            raise UserError(f"{file}: not in the folder of {args.output}")
    write_checksums(files, args.output)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(__doc__, allow_abbrev=False)
    parser.add_argument("files", type=Path, nargs="+", help="files to hash; the list itself is left out")
    parser.add_output(what="list to write")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
