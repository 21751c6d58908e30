"""A small figure that becomes an SVG string: the same numbers give the same bytes.

Colours are written as CSS variables with the light theme's colour as fallback, so that one plot serves the
light and the dark page, print, and a viewer that knows nothing of either.
"""

import io
import re
from dataclasses import dataclass
from html import escape
from typing import Any

from snapml_ocr.plan.axes import CONVERTED, STAGES

WIDTH_PX = 460
"""Of every plot: a phone shows it nearly unscaled, a desktop shows two beside each other."""
_POINTS_PER_PX = 0.75
WIDEST_LETTER_PX = 7.5
"""Mean width of a letter at 9 points in the widest of the page's fonts."""

INK, FAINT, GRID = "#1d1d1f", "#63636b", "#d9d9de"
SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#6b6b76")
"""Okabe and Ito's colours, told apart in all common colour blindness; yellow darkened for contrast."""

_VARIABLES = {INK: "--ink", FAINT: "--faint", GRID: "--grid"} | {
    colour: f"--series-{number}" for number, colour in enumerate(SERIES, 1)
}

STAGE_COLOURS = dict.fromkeys(STAGES, SERIES[-1]) | dict(zip(CONVERTED, (SERIES[-2], *SERIES), strict=False))
"""Originals grey, the others in the order of the build."""


@dataclass(frozen=True)
class Plot:
    """A finished plot: `title` says what it shows, `description` tells it to those who do not see it."""

    name: str
    title: str
    description: str
    svg: str


def stage_colour(stage: str) -> str:
    """The colour a stage has in every plot."""
    return STAGE_COLOURS.get(stage, SERIES[2])


def series_colour(number: int) -> str:
    """The colour of the `number`-th series, counted from 0."""
    return SERIES[number % (len(SERIES) - 1)]


def new_figure(height_px: float) -> tuple[Any, Any]:
    """A figure of the page's plot width and the given height, with its axes. Close it by `finish`."""
    from matplotlib.figure import Figure

    figure = Figure(
        figsize=(WIDTH_PX * _POINTS_PER_PX / 72, height_px * _POINTS_PER_PX / 72), layout="constrained"
    )
    figure.patch.set_alpha(0)
    axes = figure.add_subplot()
    axes.patch.set_alpha(0)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(GRID)
    axes.tick_params(colors=INK, labelsize=9, length=0)
    axes.set_axisbelow(True)
    return figure, axes


def label_axes(axes: Any, x: str = "", y: str = "") -> None:
    """Axis labels; they carry the unit."""
    axes.set_xlabel(x, color=FAINT, fontsize=9)
    axes.set_ylabel(y, color=FAINT, fontsize=9)


def legend(axes: Any) -> None:
    """A legend without a frame above the plot, in as many columns as the figure's width holds.

    The page's font is the viewer's and may be wider than the one that lays the plot out.
    """
    longest = max(map(len, axes.get_legend_handles_labels()[1]))
    box = axes.figure.legend(
        loc="outside upper left",
        ncols=max(1, int(WIDTH_PX / (longest * WIDEST_LETTER_PX + 40))),
        frameon=False,
        fontsize=9,
        borderaxespad=0.2,
        handlelength=1.2,
        columnspacing=1.2,
    )
    for text in box.get_texts():
        text.set_color(INK)


def finish(figure: Any, name: str, title: str, description: str) -> Plot:
    """Write the figure as an SVG string that fits into an HTML page and stands alone as well."""
    import matplotlib

    target = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    return Plot(name, title, description, _themed(target.getvalue(), name, f"{title}. {description}"))


def _themed(svg: str, name: str, label: str) -> str:
    """The SVG with themed colours, the page's font, a label, and identifiers unique among a page's plots."""
    view_box = re.search(r'viewBox="([^"]+)"', svg)
    assert view_box is not None
    body = svg[svg.index("<defs>") :]
    body = re.sub(r"<style.*?</style>\s*", "", body, flags=re.DOTALL)  # it would style the whole page
    body = re.sub(r"font-family: [^;\"]+;? ?", "", body)
    for colour, variable in _VARIABLES.items():
        body = body.replace(colour, f"var({variable}, {colour})")
    body = re.sub(r'\bid="', f'id="{name}-', body)
    body = re.sub(r'href="#', f'href="#{name}-', body)
    body = re.sub(r"url\(#", f"url(#{name}-", body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' viewBox="{view_box[1]}" role="img" aria-label="{escape(label)}" font-family="sans-serif"'
        f' stroke-linejoin="round">{body}'
    )
