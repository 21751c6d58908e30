"""Say whether Lens Studio will import an ONNX model, and which layers run on which target.

Reads MODEL.onnx, prints a summary per target and the layers that stand in the way, each with the reason and
the rewrite that helps; --json writes the same for programs. --with_models names further models of the same
Lens, whose sizes count against its budget. Exit 0 importable, 1 not (or not known to be), 2 wrong usage.
"""

import argparse
from pathlib import Path

from snapml_ocr.cli import Parser, run
from snapml_ocr.errors import UserError
from snapml_ocr.files import write_json
from snapml_ocr.snapml.options import TARGETS, parse_targets


def main() -> int:
    """Parse, check once, print and write once."""
    args = parse_args()
    targets = parse_targets(args.targets)

    from snapml_ocr.onnx_files.model_file import read_model
    from snapml_ocr.snapml import summary
    from snapml_ocr.snapml.checker import check

    missing = [path for path in args.with_models if not path.is_file()]
    if missing:
        raise UserError(f"{missing[0]}: no such file")
    other_bytes = sum(path.stat().st_size for path in args.with_models)
    verdict = check(read_model(args.model), targets, other_bytes=other_bytes)
    if args.output:
        write_json(args.output, summary.as_document(verdict))
    print(summary.as_text(args.model.name, verdict), end="")
    return 0 if verdict.importable else 1


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(__doc__)
    parser.add_argument("model", type=Path, metavar="MODEL.onnx")
    parser.add_argument("--targets", default=",".join(TARGETS), help="the targets that matter")
    parser.add_output("--json", what="JSON file to write", required=False)
    parser.add_argument("--with_models", type=Path, nargs="+", default=[], help="other models of the Lens")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
