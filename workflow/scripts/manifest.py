"""Write the manifest of a build, or verify files against one.

    python workflow/scripts/manifest.py --results results --lineage FILE --output results/manifest.json
    python workflow/scripts/manifest.py --verify results/manifest.json

The first form lists sha256 and size of every artifact below --results (measured times and the report, which
differ from run to run, are left out), and from --lineage, if given, what each was made from: a JSON list of
{"path", "inputs", "code", "lock"}; and from --locks the versions of all tools. The same files give the same
manifest.
The second form compares the files beside a manifest with it and names those that differ, are missing or are
not in it. Exit 0 written or equal, 1 files differ, 2 wrong usage.
"""

import argparse
from pathlib import Path

from snapml_ocr.cli import Parser, run
from snapml_ocr.errors import CheckFailedError, UserError
from snapml_ocr.files import read_json, write_json
from snapml_ocr.locks import locked_versions
from snapml_ocr.plan.paths import named
from snapml_ocr.report.artifacts import differences, make_manifest


def main() -> None:
    """Write or verify."""
    args = parse_args()
    if args.verify:
        verify(args.verify)
        return
    if args.output is None:
        raise UserError("--output: where to write the manifest? (or give --verify MANIFEST)")
    if not args.results.is_dir():
        raise UserError(f"{args.results}: no such results folder")
    lineage = read_json(args.lineage) if args.lineage else []
    if not isinstance(lineage, list):
        raise UserError(f"{args.lineage}: expected a list of objects")
    manifest = make_manifest(
        args.results, lineage, {named(str(lock)): locked_versions(lock) for lock in args.locks}
    )
    write_json(args.output, manifest)
    print(f"{args.output}: {len(manifest['files'])} files")


def verify(manifest: Path) -> None:
    """Compare; raises `CheckFailedError` when something differs."""
    document = read_json(manifest)
    if not isinstance(document, dict):
        raise UserError(f"{manifest}: not a manifest")
    found = differences(document, manifest.resolve().parent)
    for difference in found:
        print(f"{difference.path} {difference.reason}")
    if found:
        raise CheckFailedError(f"{len(found)} files are not as {manifest} says")
    print(f"{len(document['files'])} files are as {manifest} says")


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = Parser(__doc__)
    parser.add_argument("--results", type=Path, default=Path("results"), help="folder of a build")
    parser.add_argument("--lineage", type=Path, help="JSON file: what made each file")
    parser.add_argument("--locks", type=Path, nargs="*", default=[], help="locks of the tools' versions")
    parser.add_output(what="manifest to write", required=False)
    parser.add_argument("--verify", type=Path, metavar="MANIFEST", help="compare the files beside it")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
