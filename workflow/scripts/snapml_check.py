"""Say whether Lens Studio will import an ONNX model, and which layers run on which target.

Reads MODEL.onnx, prints a summary per target and the layers that stand in the way, each with the reason and
the rewrite that helps; --json writes the same for programs. --with_models names further models of the same
Lens, whose sizes count against its budget. For a bundle, results/lens/{pipeline}, every model is checked, and
the sum of their stored sizes compared with what a Lens may hold: over that it says which shapes to leave out.
Exit 0 importable, 1 not (or not known to be), 2 wrong usage.
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
    if args.model.is_dir():
        return check_bundle(args.model, targets, args.output)

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


def check_bundle(folder: Path, targets: tuple[str, ...], output: Path | None) -> int:
    """Check every model of a bundle, and their sizes together."""
    from snapml_ocr.lens.bundle import budget_of_files
    from snapml_ocr.onnx_files.model_file import read_model
    from snapml_ocr.snapml import summary
    from snapml_ocr.snapml.checker import check

    files = sorted([*folder.glob("OCR/*.onnx"), *folder.glob("*.onnx")])
    if not files:
        raise UserError(f"{folder}: holds no bundle; `make build` makes results/lens/{{pipeline}}")
    verdicts = {path.name: check(read_model(path), targets) for path in files}
    budget = budget_of_files({name: verdict.stored_megabytes for name, verdict in verdicts.items()})
    for name, verdict in verdicts.items():
        print(summary.as_text(name, verdict), end="")
    print(f"together about {budget.total:.2f} MB stored; a Lens may hold {budget.limit:g} MB")
    if budget.leave_out:
        print(f"leave out {', '.join(budget.leave_out)}: {budget.remaining:.2f} MB remain")
    if output:
        documents = {name: summary.as_document(verdict) for name, verdict in verdicts.items()}
        stored = {"megabytes": budget.total, "limit": budget.limit, "leave_out": list(budget.leave_out)}
        write_json(output, {"stored": stored, "models": documents})
    return 0 if all(verdict.importable for verdict in verdicts.values()) else 1


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(__doc__)
    parser.add_argument("model", type=Path, metavar="MODEL.onnx", help="or the folder of a bundle")
    parser.add_argument("--targets", default=",".join(TARGETS), help="the targets that matter")
    parser.add_output("--json", what="JSON file to write", required=False)
    parser.add_argument("--with_models", type=Path, nargs="+", default=[], help="other models of the Lens")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
