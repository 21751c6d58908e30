"""Write the JSON schemas and the tables of keys anew from the typed configuration.

    python workflow/scripts/document_keys.py

Writes workflow/schemas/*.schema.json and the tables in config/README.md. With --check nothing is written.
Exit 0 written or current, 1 (with --check) something is out of date and named.
"""

from pathlib import Path

from snapml_ocr.cli import Parser, run
from snapml_ocr.errors import CheckFailedError
from snapml_ocr.files import write_text
from snapml_ocr.plan.key_tables import SCHEMAS, schema_text, with_tables

PROJECT = Path(__file__).parents[2]


def main() -> None:
    """Make every page; write or compare."""
    parser = Parser(__doc__)
    parser.add_argument("--check", action="store_true", help="compare and write nothing")
    args = parser.parse_args()
    readme = PROJECT / "config/README.md"
    pages = {PROJECT / f"workflow/schemas/{name}.schema.json": schema_text(name) for name in SCHEMAS}
    pages[readme] = with_tables(readme.read_text(encoding="utf-8"))
    old = [path for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text]
    if args.check and old:
        names = ", ".join(path.relative_to(PROJECT).as_posix() for path in old)
        raise CheckFailedError(f"{names}: out of date; run python workflow/scripts/document_keys.py")
    for path in old if not args.check else []:
        write_text(path, pages[path])
        print(path.relative_to(PROJECT))


if __name__ == "__main__":
    run(main)
