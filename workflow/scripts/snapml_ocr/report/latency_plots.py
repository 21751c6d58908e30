"""Plots of time: stage beside stage, against input width, by operator, and end to end."""

from collections.abc import Sequence

from snapml_ocr.plan.axes import STAGES, stage_title
from snapml_ocr.report.build import ModelShape, Pipeline
from snapml_ocr.report.latency_tables import measured
from snapml_ocr.report.numbers import count_of, milliseconds, percent, significant, times
from snapml_ocr.report.plot import (
    FAINT,
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

MAX_OPERATORS = 8
"""Operator types shown on their own; the rest, which are a few per cent, are added up."""


def stages_plot(model: ModelShape, threads: int) -> Plot | None:
    """Bars of the median per stage, whiskers from the 25th to the 90th percentile, the machine's limit."""
    stages = [stage for stage in STAGES if measured(model, stage, threads)]
    if not stages:
        return None
    numbers = {stage: measured(model, stage, threads) or {} for stage in stages}
    figure, axes = new_figure(62 + 34 * len(stages))
    places = range(len(stages))
    medians = [numbers[stage]["median_ms"] for stage in stages]
    whiskers = [
        [numbers[stage]["median_ms"] - numbers[stage]["p25_ms"] for stage in stages],
        [numbers[stage]["p90_ms"] - numbers[stage]["median_ms"] for stage in stages],
    ]
    axes.barh(places, medians, height=0.62, color=[stage_colour(stage) for stage in stages])
    axes.errorbar(medians, places, xerr=whiskers, fmt="none", ecolor=INK, elinewidth=1.1, capsize=3)
    right = max(numbers[stage]["p90_ms"] for stage in stages)
    for place, stage in zip(places, stages, strict=True):
        end = numbers[stage]["p90_ms"] + right * 0.02
        axes.text(end, place, milliseconds(numbers[stage]["median_ms"]), va="center", fontsize=9, color=INK)
    limits = [numbers[stage]["limit_ms"] for stage in stages if numbers[stage].get("limit_ms")]
    if limits:
        axes.axvline(limits[-1], color=FAINT, linestyle=(0, (4, 3)), linewidth=1)
        axes.annotate(
            "limit of this machine",
            (limits[-1], -0.72),
            xytext=(4, 0),
            textcoords="offset points",
            fontsize=8,
            color=FAINT,
            va="center",
        )
    axes.set_yticks(places, [stage_title(stage) for stage in stages])
    axes.set_ylim(len(stages) - 0.5, -1.0 if limits else -0.5)
    axes.set_xlim(0, right * 1.22)
    label_axes(axes, f"milliseconds for one inference, {threads} thread{'s' * (threads > 1)}")
    description = "; ".join(
        f"{stage_title(s)} {milliseconds(m)}" for s, m in zip(stages, medians, strict=True)
    )
    title = f"{model.model} at {model.shape}, {count_of(threads, 'thread')}"
    return finish(figure, f"latency-{model.key}-{threads}", title, description)


def width_plot(models: Sequence[ModelShape], threads: int) -> Plot | None:
    """Median latency of one model against the width of its input, a line per stage."""
    models = sorted(models, key=lambda model: model.width)
    if len({model.width for model in models}) < 2:
        return None
    figure, axes = new_figure(230)
    description = []
    for stage in STAGES:
        points = [(model.width, found) for model in models if (found := measured(model, stage, threads))]
        if len(points) < 2:
            continue
        widths = [width for width, _ in points]
        medians = [found["median_ms"] for _, found in points]
        low = [found["median_ms"] - found["p25_ms"] for _, found in points]
        high = [found["p90_ms"] - found["median_ms"] for _, found in points]
        axes.errorbar(
            widths,
            medians,
            yerr=[low, high],
            color=stage_colour(stage),
            marker="o",
            markersize=5,
            linewidth=1.8,
            capsize=3,
            elinewidth=1,
            label=stage_title(stage),
        )
        description.append(
            f"{stage_title(stage)} grows {times(medians[-1] / medians[0])}"
            f" from width {widths[0]} to {widths[-1]}"
        )
    if not description:
        return None
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.set_xticks([0, *sorted({model.width for model in models})])
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    label_axes(axes, "input width, pixels", f"milliseconds, {threads} thread{'s' * (threads > 1)}")
    legend(axes)
    name = f"width-{models[0].model}-{models[0].height}"
    return finish(figure, name, f"Latency of {models[0].model} against input width", "; ".join(description))


def operator_times_plot(model: ModelShape) -> Plot | None:
    """Time by operator type before (simplified) and after the SnapML fixes."""
    profiles = (model.latency or {}).get("operators", {})
    stages = [stage for stage in STAGES if stage in profiles]
    if not stages:
        return None
    by_stage = {
        stage: {entry["operator"]: entry["median_ms"] for entry in profiles[stage]["by_operator"]}
        for stage in stages
    }
    totals: dict[str, float] = {}
    for operators in by_stage.values():
        for name, value in operators.items():
            totals[name] = max(totals.get(name, 0.0), value)
    names = sorted(totals, key=lambda name: (-totals[name], name))
    shown, rest = names[:MAX_OPERATORS], names[MAX_OPERATORS:]
    if rest:
        for operators in by_stage.values():
            operators["others"] = sum(operators.get(name, 0.0) for name in rest)
        shown = [*shown, "others"]
    figure, axes = new_figure(64 + (10 + 15 * len(stages)) * len(shown))
    thickness = 0.8 / len(stages)
    right = max(operators.get(name, 0.0) for operators in by_stage.values() for name in shown)
    for index, stage in enumerate(stages):
        values = [by_stage[stage].get(name, 0.0) for name in shown]
        places = [place + (index - (len(stages) - 1) / 2) * thickness for place in range(len(shown))]
        title = f"{stage_title(stage)}, {milliseconds(profiles[stage]['sum_ms'])}"
        axes.barh(places, values, height=thickness * 0.88, color=stage_colour(stage), label=title)
        for place, value in zip(places, values, strict=True):
            axes.text(
                value + right * 0.012, place, significant(value, 2), va="center", fontsize=7.5, color=FAINT
            )
    axes.set_yticks(range(len(shown)), shown)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlim(0, right * 1.12)
    label_axes(axes, f"milliseconds in one inference, {profiles[stages[0]]['threads']} thread")
    legend(axes)
    most = shown[0]
    description = "; ".join(
        f"{stage_title(s)}: {most} takes {percent(by_stage[s].get(most, 0) / profiles[s]['sum_ms'])}"
        for s in stages
    )
    return finish(figure, f"operators-{model.key}", f"Where the time goes in {model.key}", description)


def speed_plot(pipelines: Sequence[Pipeline], stage: str) -> Plot | None:
    """One bar per pipeline: the time of an image, divided into steps."""
    timed = [
        (pipeline.name, pipeline.speed["stages"][stage])
        for pipeline in pipelines
        if pipeline.speed and stage in pipeline.speed.get("stages", {})
    ]
    if not timed:
        return None
    steps = list(dict.fromkeys(step for _, speed in timed for step in speed["steps"]))
    figure, axes = new_figure(96 + 34 * len(timed))
    right = 0.0
    for place, (_, speed) in enumerate(timed):
        left = 0.0
        for index, step in enumerate(steps):
            value = speed["steps"].get(step, {}).get("mean_ms", 0.0)
            axes.barh(
                place,
                value,
                left=left,
                height=0.6,
                color=series_colour(index),
                label=step if not place else None,
            )
            left += value
        axes.text(left * 1.01, place, f" {milliseconds(left)}", va="center", fontsize=9, color=INK)
        right = max(right, left)
    axes.set_yticks(range(len(timed)), [name for name, _ in timed])
    axes.set_ylim(len(timed) - 0.5, -0.5)
    axes.set_xlim(0, right * 1.2)
    label_axes(axes, "mean milliseconds for one image")
    legend(axes)
    description = "; ".join(
        f"{name}: {significant(speed['images_per_second'])} images per second" for name, speed in timed
    )
    return finish(figure, f"speed-{stage}", f"Time of one image, {stage_title(stage)} models", description)
