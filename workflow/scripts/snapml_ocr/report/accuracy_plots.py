"""Plots of accuracy: by category, by stage, and against time and size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from snapml_ocr.plan.axes import SHIPPED, STAGES, stage_title
from snapml_ocr.report.accuracy_tables import headline_of
from snapml_ocr.report.build import Pipeline
from snapml_ocr.report.numbers import score, significant
from snapml_ocr.report.plot import (
    GRID,
    INK,
    Plot,
    finish,
    label_axes,
    legend,
    new_figure,
    series_colour,
    stage_colour,
)

HEADLINE_TITLES = {
    "end_to_end": "end-to-end hmean, strict",
    "recognition": "word accuracy, strict",
}
MARKERS = ("o", "s", "D", "^", "v", "P")
"""A shape per series, so that colour is not needed to tell them apart."""


@dataclass(frozen=True)
class Point:
    """A pipeline, or a model at a shape, in a trade-off: its score against a cost.

    `low` and `high` are the interval of the score; both equal it where none is known.
    """

    label: str
    cost: float
    value: float
    low: float
    high: float


def category_plot(pipelines: Sequence[Pipeline], dataset: str) -> Plot | None:
    """Score by category with its interval, a marker per pipeline, at the last stage measured."""
    series = {
        pipeline.name: _by_category(pipeline, dataset)
        for pipeline in pipelines
        if pipeline.accuracy.get(dataset, {}).get("categories")
    }
    if not series:
        return None
    document = next(p.accuracy[dataset] for p in pipelines if p.name in series)
    names = sorted(
        {name for values in series.values() for name in values},
        key=lambda name: (-max(values.get(name, {}).get("value", 0) for values in series.values()), name),
    )
    figure, axes = new_figure(72 + (14 + 15 * len(series)) * len(names))
    step = 0.24 if len(series) > 1 else 0.0
    for index, (name, values) in enumerate(series.items()):
        places = [place + (index - (len(series) - 1) / 2) * step for place in range(len(names))]
        _dots(axes, places, [values.get(category) for category in names], index, name)
    axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(0, 1.02)
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    label_axes(axes, f"{HEADLINE_TITLES[document['kind']]} (line: 95% interval)")
    if len(series) > 1:
        legend(axes)
    description = "; ".join(
        f"{name}: best {max(v, key=lambda c: v[c]['value'])}, worst {min(v, key=lambda c: v[c]['value'])}"
        for name, v in series.items()
    )
    return finish(figure, f"categories-{dataset}", f"Accuracy by category on {dataset}", description)


def stage_plot(pipeline: Pipeline, dataset: str) -> Plot | None:
    """Score of every stage with its interval: whether the conversion lost anything."""
    document = pipeline.accuracy.get(dataset)
    if not document:
        return None
    found = {
        stage: headline_of(document, document["stages"][stage])
        for stage in STAGES
        if stage in document["stages"]
    }
    scores = {stage: value for stage, value in found.items() if value}
    if not scores:
        return None
    figure, axes = new_figure(64 + 26 * len(scores))
    for place, (stage, value) in enumerate(scores.items()):
        axes.errorbar(
            value["value"],
            place,
            xerr=[[value["value"] - value["low"]], [value["high"] - value["value"]]],
            fmt="o",
            color=stage_colour(stage),
            markersize=6,
            capsize=3,
            elinewidth=1.4,
        )
        axes.text(value["high"] + 0.015, place, score(value["value"]), va="center", fontsize=9, color=INK)
    axes.set_yticks(range(len(scores)), [stage_title(stage) for stage in scores])
    axes.set_ylim(len(scores) - 0.5, -0.5)
    axes.set_xlim(0, 1.12)
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    label_axes(axes, f"{HEADLINE_TITLES[document['kind']]} (line: 95% interval)")
    description = "; ".join(f"{stage_title(s)} {score(v['value'])}" for s, v in scores.items())
    return finish(
        figure,
        f"stages-{pipeline.name}-{dataset}",
        f"Accuracy of {pipeline.name} on {dataset} by stage",
        description,
    )


def trade_off_plot(points: Sequence[Point], *, name: str, title: str, cost: str, value: str) -> Plot | None:
    """Score against a cost, a marker per point; `cost` and `value` are axis labels with their units."""
    if len(points) < 2:  # one point trades nothing
        return None
    figure, axes = new_figure(220 + 17 * len(points))
    right = max(point.cost for point in points)
    for index, point in enumerate(points):
        axes.errorbar(
            point.cost,
            point.value,
            yerr=[[point.value - point.low], [point.high - point.value]],
            fmt=MARKERS[index % len(MARKERS)],
            color=series_colour(index),
            markersize=7,
            capsize=3 if point.high > point.low else 0,
            elinewidth=1.2,
            label=point.label,
        )
    axes.set_xlim(0, right * 1.15)
    axes.set_ylim(0, 1.06)
    axes.grid(color=GRID, linewidth=0.6)
    label_axes(axes, cost, value)
    legend(axes)
    description = "; ".join(
        f"{point.label}: {score(point.value)} at {significant(point.cost)}" for point in points
    )
    return finish(figure, name, title, description)


def _by_category(pipeline: Pipeline, dataset: str) -> dict[str, Mapping[str, float]]:
    document = pipeline.accuracy[dataset]
    scores = document["stages"][last_stage(document["stages"])].get("by_category", {})
    found = {category: headline_of(document, part) for category, part in scores.items()}
    return {category: value for category, value in found.items() if value}


def last_stage(stages: Mapping[str, object]) -> str:
    """The stage that is shipped, or the last there is."""
    return SHIPPED if SHIPPED in stages else list(stages)[-1]


def _dots(
    axes: object,
    places: Sequence[float],
    values: Sequence[Mapping[str, float] | None],
    index: int,
    label: str,
) -> None:
    shown = [(place, value) for place, value in zip(places, values, strict=True) if value]
    axes.errorbar(  # type: ignore[attr-defined]
        [value["value"] for _, value in shown],
        [place for place, _ in shown],
        xerr=[
            [value["value"] - value["low"] for _, value in shown],
            [value["high"] - value["value"] for _, value in shown],
        ],
        fmt=MARKERS[index % len(MARKERS)],
        color=series_colour(index),
        markersize=6,
        capsize=3,
        elinewidth=1.3,
        label=label,
    )
