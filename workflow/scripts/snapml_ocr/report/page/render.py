"""Fill the templates. They lie beside this file; what they are given is made elsewhere."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

PAGE, SUMMARY, STYLE = "index.html.j2", "report.md.j2", "style.css"
PARTS = (
    "macros.html.j2",
    "overview.html.j2",
    "changes.html.j2",
    "compatibility.html.j2",
    "accuracy.html.j2",
    "pictures.html.j2",
    "latency.html.j2",
    "parity.html.j2",
    "models.html.j2",
    "versions.html.j2",
)
"""Templates that the page includes; named here so that the workflow sees when one changes."""


def render_page(content: Mapping[str, Any]) -> str:
    """The self-contained HTML page."""
    style = Path(__file__).with_name(STYLE).read_text(encoding="utf-8")
    return _environment().get_template(PAGE).render(**content, style=style)


def render_summary(content: Mapping[str, Any]) -> str:
    """The same in one screen of Markdown."""
    return _environment().get_template(SUMMARY).render(**content)


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
