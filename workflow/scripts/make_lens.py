r"""Make the bundle of a pipeline for Lens Studio: models, scripts, settings, page, and one archive of it.

In: a pipeline file, results/pipelines/{pipeline}.json. Out: the folder --output (OCR/ for the Assets of a
Lens project, README.md, demo/, manifest.json, SHA256SUMS, licence) and the same as --archive; the same files
give the same bytes. Every model gets its normalisation built in, takes R, G, B from 0 to 255, and is compared
with the unchanged one on --probe_images. Example:

    python workflow/scripts/make_lens.py --pipeline results/pipelines/ppocrv4-en.json \
        --output results/lens/ppocrv4-en --archive results/lens/ppocrv4-en.zip --probe_images images/test1.png

Exit 0 written, 1 outputs differ by more than --max_abs_diff, 2 wrong usage.
"""

import argparse
from pathlib import Path

from snapml_ocr.cli import Parser, run
from snapml_ocr.lens.bundle import budget_of, make_bundle


def main() -> None:
    """Make the bundle and say what is in it."""
    args = parse_args()
    models = make_bundle(
        args.pipeline,
        args.output,
        archive=args.archive or args.output.with_name(f"{args.output.name}.zip"),
        probes=args.probe_images,
        samples=args.samples,
        max_abs_diff=args.max_abs_diff,
    )
    for model in models:
        print(
            f"{model.file}: {model.megabytes:.2f} MB, about {model.stored_megabytes:.2f} MB stored,"
            f" outputs within {model.difference:.2g} of {model.source}"
        )
    budget = budget_of(models)
    print(f"together about {budget.total:.2f} MB stored; a Lens may hold {budget.limit:g} MB")
    if budget.leave_out:
        print(f"over that: leave out {', '.join(budget.leave_out)} ({budget.remaining:.2f} MB remain)")


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(__doc__.partition("\n\n")[0])
    parser.add_argument("--pipeline", type=Path, required=True, metavar="FILE", help="pipeline file")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder to write")
    parser.add_argument("--archive", type=Path, metavar="FILE", help="archive to write; if omitted DIR.zip")
    parser.add_argument(
        "--probe_images",
        type=Path,
        nargs="*",
        default=[],
        metavar="IMAGE",
        help="what models are compared on",
    )
    parser.add_argument(
        "--samples", type=Path, nargs="*", default=[], metavar="IMAGE", help="pictures that the page offers"
    )
    parser.add_argument(
        "--max_abs_diff", type=float, default=1e-4, help="how far outputs may move (default: %(default)s)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
