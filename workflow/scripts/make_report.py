"""Make the report of a build: one page, one Markdown summary, and every table as CSV.

    python workflow/scripts/make_report.py --results results --config config/config.yaml
        --output_dir results/report

Reads the JSON files and pictures that a build left in --results, as far as they exist: what is missing is
named in the report. --config says which pipelines, models, shapes, datasets and targets there should be: the
workflow's configuration as a YAML or JSON file, or as JSON text. --pipelines replaces its list of pipelines.
--compare adds what changed since another results folder. --lock adds the versions of a locked environment.
--failures is JSON text, a list of steps that failed ({"step", "subject", "log"}); each becomes a row with the
end of its log.
Writes index.html (which needs no network), report.md, a CSV file per table and plots/*.svg; the same input
gives the same bytes. Exit 0 written, 2 wrong usage.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from snapml_ocr.cli import Parser, run
from snapml_ocr.errors import UserError
from snapml_ocr.files import write_text
from snapml_ocr.plan.build_plan import make_plan
from snapml_ocr.plan.yaml_file import read_mapping
from snapml_ocr.report.build import Build, read_build
from snapml_ocr.report.build_tables import failures_table
from snapml_ocr.report.changes import changes_between
from snapml_ocr.report.content import csv_tables, page_content, plots_of
from snapml_ocr.report.page.render import render_page, render_summary


def main() -> None:
    """Read, render, write."""
    args = parse_args()
    config = read_mapping("--config", args.config)
    if args.pipelines:
        config["build"] = args.pipelines
    new = read_results(args.results, config)
    changes = None
    if args.compare:
        changes = changes_between(read_results(args.compare, config), new)
    failures = failures_table(json.loads(args.failures))
    content = page_content(new, changes, args.lock, failures)
    plots = {args.output_dir / "plots" / f"{plot.name}.svg": plot.svg for plot in plots_of(content)}
    for stale in set((args.output_dir / "plots").glob("*.svg")) - set(plots):
        stale.unlink()
    for path, svg in plots.items():
        write_text(path, svg)
    if changes is None:  # an earlier report may have compared
        (args.output_dir / "changes.csv").unlink(missing_ok=True)
    if not failures.rows:  # an earlier report may have had some
        (args.output_dir / "failures.csv").unlink(missing_ok=True)
    for table in [*csv_tables(new, changes), *([failures] if failures.rows else [])]:
        write_text(args.output_dir / f"{table.name}.csv", table.as_csv())
    write_text(args.output_dir / "report.md", render_summary(content))
    write_text(args.output_dir / "index.html", render_page(content))
    for row in failures.rows:
        print(f"failed: {row['step']} of {row['subject']}, see {row['log']}")


def read_results(results: Path, config: dict[str, Any]) -> Build:
    """Everything the configured pipelines left in a results folder."""
    if not results.is_dir():
        raise UserError(f"{results}: no such results folder; build something first")
    plan = make_plan(config)
    settings = plan.configuration
    return read_build(results, plan.pipelines.values(), settings.evaluate.datasets, settings.targets)


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = Parser(__doc__)
    parser.add_argument("--results", type=Path, default=Path("results"), help="folder of a build")
    parser.add_argument("--config", default="config/config.yaml", help="file or JSON text")
    parser.add_argument(
        "--pipelines", type=lambda text: text.split(","), help="names, as in ppocrv4-en,ppocrv3-en"
    )
    parser.add_argument("--compare", type=Path, help="results folder of an older build")
    parser.add_argument("--failures", default="[]", metavar="JSON", help="steps that failed")
    parser.add_argument("--lock", type=Path, action="append", default=[], help="requirements file, repeated")
    parser.add_argument("--output_dir", type=Path, required=True, help="folder for the pages")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
