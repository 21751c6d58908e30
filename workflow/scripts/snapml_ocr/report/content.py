"""What the pages are given: each section's tables, plots and sentences, made from a build."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snapml_ocr.plan.axes import SHIPPED, stage_title, target_title
from snapml_ocr.report.accuracy_plots import category_plot, stage_plot
from snapml_ocr.report.accuracy_tables import (
    METRIC_TITLES,
    accuracy_table,
    category_table,
    errors_table,
    left_out,
)
from snapml_ocr.report.build import Build, ModelShape, Pipeline
from snapml_ocr.report.build_tables import gates_table, machines_table, versions_table
from snapml_ocr.report.changes import Changes
from snapml_ocr.report.compatibility import compatibility_table, matrices
from snapml_ocr.report.conversion_tables import (
    fix_counts_table,
    fixes_table,
    float16_table,
    key_parity,
    models_table,
    operators_by_stage,
    operators_table,
    parity_table,
    refusals_table,
)
from snapml_ocr.report.latency_plots import operator_times_plot, speed_plot, stages_plot, width_plot
from snapml_ocr.report.latency_tables import (
    key_ratios,
    latency_table,
    operator_sum_table,
    operator_time_table,
    ratio_table,
    speed_steps_table,
    speed_table,
)
from snapml_ocr.report.lineage import lineage
from snapml_ocr.report.numbers import count_of
from snapml_ocr.report.overview import answers
from snapml_ocr.report.pictures import picture_groups, worst_table
from snapml_ocr.report.plot import Plot
from snapml_ocr.report.table import Table
from snapml_ocr.report.trade_offs import trade_offs

TITLE = "SnapML OCR build report"


@dataclass(frozen=True)
class Section:
    """An entry of the page's navigation."""

    anchor: str
    title: str


SECTIONS = (
    Section("compatibility", "Lens Studio"),
    Section("accuracy", "Accuracy"),
    Section("pictures", "Pictures"),
    Section("latency", "Latency"),
    Section("parity", "Conversion"),
    Section("models", "Lineage"),
    Section("versions", "Versions"),
)


def csv_tables(build: Build, changes: Changes | None) -> list[Table]:
    """Every table that is written as a CSV file under its name."""
    tables = [
        models_table(build),
        operators_table(build),
        compatibility_table(build),
        fixes_table(build),
        refusals_table(build),
        parity_table(build),
        accuracy_table(build),
        latency_table(build),
        ratio_table(build),
        operator_time_table(build),
        operator_sum_table(build),
        speed_table(build),
        float16_table(build),
        gates_table(build.pipelines),
    ]
    return [*tables, changes.table] if changes else tables


def plots_of(content: Mapping[str, Any]) -> list[Plot]:
    """Every plot of the page, once."""
    datasets: Sequence[Mapping[str, Any]] = content["datasets"]
    latency, speed = content["latency"], content["speed"]
    return [
        *(plot for dataset in datasets for plot in dataset["plots"]),
        *content["trade_offs"],
        *speed["plots"],
        *latency["plots"],
        *latency["widths"],
        *latency["operators"],
    ]


def page_content(
    build: Build, changes: Changes | None, locks: Sequence[Path], failures: Table | None = None
) -> dict[str, Any]:
    """The values that the templates name."""
    sections = [Section("changes", "Changes"), *SECTIONS] if changes else list(SECTIONS)
    return {
        "title": TITLE,
        "sections": sections,
        "overview": [_overview(pipeline, build.targets) for pipeline in build.pipelines],
        "missing": build.missing,
        "failures": failures,
        "changes": changes,
        "targets": [{"title": target_title(target)} for target in build.targets],
        "compatibility": matrices(build.models, build.targets),
        "gates": [
            {
                "name": pipeline.name,
                "table": gates_table([pipeline]).without("pipeline"),
                "failed": gates_table([pipeline], failed_only=True).without("pipeline"),
                "diagnosis": _diagnosis(pipeline),
            }
            for pipeline in build.pipelines
        ],
        "datasets": _datasets(build),
        "trade_offs": trade_offs(build),
        "trainings": _trainings(build),
        "pictures": picture_groups(build.pipelines),
        "worst": _worst(build),
        "latency_note": _latency_note(build),
        "noise": _noise(build),
        "speed": {
            "plots": _present([speed_plot(build.pipelines, SHIPPED)]),
            "steps": speed_steps_table(build),
            "table": speed_table(build),
        },
        "latency": _latency(build),
        "parity": {
            "table": parity_table(build),
            "key": key_parity(build),
            "fix_counts": fix_counts_table(build),
            "fixes": fixes_table(build) if fixes_table(build).rows else None,
            "refusals": refusals_table(build),
            "float16": float16_table(build),
        },
        "lineage": [
            {"title": f"{model.role.capitalize()} {model.key}", "boxes": lineage(model)}
            for model in build.models
        ],
        "models_table": models_table(build),
        "operators": [operators_by_stage(model) for model in build.models if model.inspection],
        "machines": machines_table(build),
        "versions": versions_table(locks),
        "commands": _commands(build),
    }


def _overview(pipeline: Pipeline, targets: Sequence[str]) -> dict[str, Any]:
    shapes: dict[str, list[str]] = {}
    for model in pipeline.models:
        shapes.setdefault(model.model, []).append(model.shape)
    models = " · ".join(f"{name} at {', '.join(sizes)}" for name, sizes in shapes.items())
    return {
        "name": pipeline.name,
        "models": models,
        "bundle": {"detector", "recognizer"} <= {model.role for model in pipeline.models}
        and all(model.runs_outside_lens_studio for model in pipeline.models),
        "answers": answers(pipeline, targets),
    }


def _datasets(build: Build) -> list[dict[str, Any]]:
    names = list(dict.fromkeys(name for pipeline in build.pipelines for name in pipeline.accuracy))
    everything = accuracy_table(build)
    sections = []
    for name in names:
        measured = [pipeline for pipeline in build.pipelines if name in pipeline.accuracy]
        document = measured[0].accuracy[name]
        plots = [category_plot(measured, name), *(stage_plot(pipeline, name) for pipeline in measured)]
        rows = [row for row in everything.rows if row["dataset"] == name and row["metric"] in METRIC_TITLES]
        shown = Table(everything.name, everything.caption, everything.columns, rows).without("dataset")
        sections.append(
            {
                "name": name,
                "size": f"{count_of(document['images'], 'image')}, {count_of(document['lines'], 'line')}",
                "left_out": "; ".join(left_out(document)),
                "plots": _present(plots),
                "categories": category_table(measured, name),
                "table": shown,
                "errors": errors_table(measured, name),
            }
        )
    return sections


def _trainings(build: Build) -> list[dict[str, Any]]:
    """What training brought, by model: scores before and after on each dataset, lines gained and lost."""
    trained = {model.model: model.training for model in build.models if model.training}
    return [
        {
            **document,
            "model": model,
            "page": f"../training/{model}/comparison/comparison.html",
            "datasets": [
                {**found, "name": name, "gained": len(found["gained"]), "lost": len(found["lost"])}
                for name, found in document["datasets"].items()
            ],
        }
        for model, document in trained.items()
    ]


def _diagnosis(pipeline: Pipeline) -> list[str]:
    """What the gates conclude about each dataset; stages with the same verdict share a sentence."""
    stages: dict[tuple[str, str], list[str]] = {}
    for entry in (pipeline.gates or {}).get("diagnosis", []):
        stages.setdefault((entry["dataset"], entry["verdict"]), []).append(stage_title(entry["stage"]))
    return [f"{dataset}: {verdict} ({', '.join(names)})." for (dataset, verdict), names in stages.items()]


def _worst(build: Build) -> list[dict[str, Any]]:
    return [
        {"title": f"{pipeline.name}, read worst in {name}", "table": table}
        for pipeline in build.pipelines
        for name in pipeline.accuracy
        if (table := worst_table(pipeline, name)).rows
    ]


def _latency(build: Build) -> dict[str, Any]:
    plots, widths, operators = [], [], []
    by_model: dict[tuple[str, int], list[ModelShape]] = {}
    for model in build.models:
        if not model.latency:
            continue
        plots += [stages_plot(model, threads) for threads in model.latency["threads"]]
        operators.append(operator_times_plot(model))
        by_model.setdefault((model.model, model.height), []).append(model)
    for models in by_model.values():
        widths.append(width_plot(models, (models[0].latency or {})["threads"][-1]))
    return {
        "plots": _present(plots),
        "widths": _present(widths),
        "operators": _present(operators),
        "table": latency_table(build),
        "ratios": ratio_table(build),
        "key_ratios": key_ratios(build),
        "operator_sums": operator_sum_table(build),
        "operator_table": operator_time_table(build),
    }


def _latency_note(build: Build) -> str:
    for model in build.models:
        if model.latency:
            machine = model.latency["machine"]
            return (
                f"Measured on {machine['processor']}, {count_of(machine['cores'], 'core')}, ONNX Runtime"
                f" {machine['packages'].get('onnxruntime', 'of unknown version')}. Stages took turns, so"
                " ratios hold where absolute times do not. A phone is another machine: only ratios carry"
                " over, and on an accelerator even those may differ. Paddle ran without oneDNN, as in the"
                " reference runs."
            )
    return "Nothing was timed in this build."


def _noise(build: Build) -> list[dict[str, Any]]:
    return [
        {"model": model.key, "reasons": reasons}
        for model in build.models
        if (reasons := (model.latency or {}).get("noise", {}).get("reasons", []))
    ]


def _commands(build: Build) -> dict[str, list[str]]:
    keys = [model.key for model in build.models]
    datasets = [(pipeline.name, name) for pipeline in build.pipelines for name in pipeline.accuracy]
    again = "snakemake --force"
    return {
        "accuracy": [f"{again} results/accuracy/{name}/{dataset}.json" for name, dataset in datasets],
        "latency": [
            *(f"{again} results/latency/{key}.json" for key in keys),
            *(f"{again} results/latency/pipelines/{pipeline.name}.json" for pipeline in build.pipelines),
        ],
        "parity": [f"{again} results/parity/{key}.json" for key in keys],
        "models": [f"{again} results/inspect/{key}.json" for key in keys],
    }


def _present(plots: Sequence[Plot | None]) -> list[Plot]:
    return [plot for plot in plots if plot]
