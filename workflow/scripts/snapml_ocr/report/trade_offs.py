"""Accuracy against what it costs: of pipelines end to end, and of every model at every shape."""

from collections.abc import Sequence

from snapml_ocr.plan.axes import SHIPPED, TASKS
from snapml_ocr.report.accuracy_plots import HEADLINE_TITLES, Point, last_stage, trade_off_plot
from snapml_ocr.report.accuracy_tables import headline_of
from snapml_ocr.report.build import Build, ModelShape
from snapml_ocr.report.latency_tables import measured
from snapml_ocr.report.plot import Plot
from snapml_ocr.snapml.stored_size import stored_megabytes


def trade_offs(build: Build) -> list[Plot]:
    """The plots there are numbers for."""
    return [*_of_pipelines(build), *(plot for task in TASKS for plot in _of_models(build.models, task))]


def _of_pipelines(build: Build) -> list[Plot]:
    """The first dataset's score against the time of one image and against size, a point per pipeline."""
    by_time, by_size, kinds = [], [], set()
    for pipeline in build.pipelines:
        if not pipeline.accuracy:
            continue
        document = next(iter(pipeline.accuracy.values()))
        value = headline_of(document, document["stages"][last_stage(document["stages"])])
        if not value:
            continue
        kinds.add(document["kind"])
        ends = (value["value"], value["low"], value["high"])
        speeds = (pipeline.speed or {}).get("stages", {})
        if speeds:
            by_time.append(Point(pipeline.name, speeds[last_stage(speeds)]["median_ms"], *ends))
        if size := stored_megabytes(pipeline.compatibility):
            by_size.append(Point(pipeline.name, size, *ends))
    if len(kinds) != 1:
        return []
    return _pair(by_time, by_size, "pipelines", "of pipelines, end to end", HEADLINE_TITLES[kinds.pop()])


def _of_models(models: Sequence[ModelShape], task: str) -> list[Plot]:
    """The score on the evaluation inputs of every model and shape against its latency and its size."""
    key, title = TASKS[task].score
    by_time, by_size = [], []
    for model in models:
        value = (model.float16 or {}).get("accuracy", {}).get("float32", {}).get(key)
        if model.task != task or value is None:
            continue
        label = f"{model.model} {model.shape}"
        threads = (model.latency or {}).get("threads", [])
        if threads and (numbers := measured(model, SHIPPED, threads[-1])):
            by_time.append(Point(label, numbers["median_ms"], value, value, value))
        if model.compatibility:
            size = stored_megabytes({model.key: model.compatibility})
            by_size.append(Point(label, size, value, value, value))
    return _pair(by_time, by_size, task, f"of {task} models on the inputs of the parity check", title)


def _pair(by_time: Sequence[Point], by_size: Sequence[Point], name: str, what: str, value: str) -> list[Plot]:
    time, size = "milliseconds for one image", "MB as Lens Studio stores it"
    plots = [
        trade_off_plot(
            by_time, name=f"trade-time-{name}", title=f"Accuracy {what}, against time", cost=time, value=value
        ),
        trade_off_plot(
            by_size, name=f"trade-size-{name}", title=f"Accuracy {what}, against size", cost=size, value=value
        ),
    ]
    return [plot for plot in plots if plot]
