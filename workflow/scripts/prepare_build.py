"""Make a results folder fit for a build: the first step of `make build`, which planning alone does not take.

    python workflow/scripts/prepare_build.py [RESULTS]

Puts what Snakemake knows about the results beside them, so that both can be copied together, and gives
results dated in the future, made before the clock was set back, the oldest date, so that they are compared
by content.
Exit 0 done, 2 the folder cannot be written.
"""

from pathlib import Path

from snapml_ocr.cli import Parser, run
from snapml_ocr.records import keep_records_with, reset_future_mtimes


def main() -> None:
    """Move the records, reset the dates."""
    parser = Parser(__doc__)
    parser.add_argument("results", type=Path, nargs="?", default=Path("results"), help="default: results")
    results = parser.parse_args().results
    keep_records_with(results, Path())
    if dated := reset_future_mtimes(results):
        print(f"{len(dated)} results are dated in the future; they are compared by content")


if __name__ == "__main__":
    run(main)
