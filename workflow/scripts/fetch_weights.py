r"""Fetch the files of one model, verify them, and write them with a note of where they came from.

In: sources in the order to try them, and every wanted file with its SHA-256. Out: in --output_dir the files
and provenance.json (which source served, sizes, checksums; the same bytes on every machine). Example:

    python workflow/scripts/fetch_weights.py --name en_PP-OCRv3_det_infer \
        --source https://example.org/models/en_PP-OCRv3_det_infer.tar \
        --file inference.pdmodel=SHA256 --file inference.pdiparams=SHA256 \
        --output_dir results/weights/en_PP-OCRv3_det_infer

A mirror (a folder or URL prefix that holds X.tar or NAME/FILE) is asked before the first URL, or last when
there is none. Exit 0 written, 2 no source gave the files or wrong usage; then nothing has a final name.
"""

import argparse
import os
import sys
from pathlib import Path

from snapml_ocr.cli import Parser, run
from snapml_ocr.errors import UserError
from snapml_ocr.weights.download import RetryPolicy
from snapml_ocr.weights.fetch import MIRROR_VARIABLE, fetch
from snapml_ocr.weights.file_spec import parse_file_spec
from snapml_ocr.weights.sources import SOURCE_FORMS, parse_source


def main() -> None:
    """Fetch as the command line says."""
    args = parse_args()
    wanted = [parse_file_spec(text) for text in args.file]
    if len({one.name for one in wanted}) != len(wanted):
        raise UserError("--file: the same name is given twice")
    source = fetch(
        args.name,
        [parse_source(text) for text in args.source],
        wanted,
        args.output_dir,
        mirror=args.mirror or os.environ.get(MIRROR_VARIABLE) or None,
        retries=RetryPolicy(args.connect_timeout, args.read_timeout, args.attempts),
    )
    print(f"{args.name}: {len(wanted)} files from {source}, verified", file=sys.stderr)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    retries = RetryPolicy()
    parser = Parser(__doc__, allow_abbrev=False)
    parser.add_argument("--name", required=True, help="model name, also its folder in a mirror")
    parser.add_argument(
        "--source", action="append", required=True, help=f"where to look, repeatable: {SOURCE_FORMS}"
    )
    parser.add_argument(
        "--file", action="append", required=True, metavar="NAME=SHA256", help="wanted file, repeatable"
    )
    parser.add_argument("--output_dir", type=Path, required=True, help="folder for the files")
    parser.add_argument(
        "--mirror", default="", help=f"folder or URL prefix; empty: the environment's {MIRROR_VARIABLE}"
    )
    parser.add_argument("--connect_timeout", type=float, default=retries.connect_s, help="seconds")
    parser.add_argument("--read_timeout", type=float, default=retries.read_s, help="seconds without a byte")
    parser.add_argument("--attempts", type=int, default=retries.attempts, help="per URL")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
