"""Speed of a whole pipeline, from image file to text, and where its time goes."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from snapml_ocr.benchmark.machine import describe_machine
from snapml_ocr.benchmark.stopwatch import Stopwatch
from snapml_ocr.benchmark.time_summary import summarise
from snapml_ocr.ocr.reader import Reader
from snapml_ocr.ocr.steps import BOXES, FILE, LINES, MODEL, TURNS

MODELS = {BOXES: "detector", LINES: "recognizer", TURNS: "classifier"}
"""The model that runs within each step; what is left of the step is preparing its input and decoding."""
STEPS = (FILE, "detector", BOXES, "classifier", TURNS, "recognizer", LINES)
"""In the order in which an image passes them."""


WARM_UP_IMAGES = 8
"""The first runs of a model at a shape set up its memory; more change nothing."""


def measure_rate(reader: Reader, images: Sequence[Path], seconds: float) -> dict[str, Any]:
    """Images per second when `images` are read again and again for about `seconds`, with several under way.

    Some are read to warm up, and each once at least to measure.
    """
    for _ in reader.read_many(images[:WARM_UP_IMAGES]):
        pass
    started = time.perf_counter()
    rates: list[float] = []
    lines = 0
    while not rates or time.perf_counter() - started < seconds:
        round_started = time.perf_counter()
        lines = sum(len(page.lines) for page in reader.read_many(images))
        rates.append(len(images) / (time.perf_counter() - round_started))
    return {
        "images": len(images),
        "lines": lines,
        "images_per_second": _rounded(float(np.median(rates))),
        "rounds": len(rates),
    }


def measure_steps(reader: Reader, images: Sequence[Path], seconds: float) -> dict[str, Any]:
    """Milliseconds of one image on its own, and mean milliseconds and share of each step in that.

    The images are read one after the other for about `seconds`, each once at least. Raises
    `UnreadableImageError` for a file that is no image.
    """
    times, steps = _one_by_one(reader, images, seconds)
    summary = summarise(times)
    total = sum(steps.values())
    return {
        "median_ms": _rounded(summary.median_ms),
        "p90_ms": _rounded(summary.p90_ms),
        "p99_ms": _rounded(summary.p99_ms),
        "runs": summary.runs,
        "steps": {
            step: {
                "mean_ms": _rounded(steps[step] / len(times) * 1e3),
                "share": _rounded(steps[step] / total),
            }
            for step in STEPS
            if step in steps
        },
    }


def pipeline_document(name: str, stage: str, measured: Mapping[str, Any], threads: int) -> dict[str, Any]:
    """The JSON document of one pipeline."""
    return {
        "pipeline": name,
        "threads": threads,
        "stages": {stage: dict(measured)},
        "machine": describe_machine(),
    }


def _one_by_one(
    reader: Reader, images: Sequence[Path], seconds: float
) -> tuple[list[float], dict[str, float]]:
    """Milliseconds of each image, and seconds of each step over all of them."""
    reader.read(images[0])  # warm-up
    stopwatch = Stopwatch(lambda step, around: MODELS[around[-1]] if step == MODEL else step)
    times: list[float] = []
    started = time.perf_counter()
    while not times or time.perf_counter() - started < seconds:
        for image in images:
            image_started = time.perf_counter_ns()
            reader.read(image, stopwatch.step)
            times.append((time.perf_counter_ns() - image_started) / 1e6)
    return times, stopwatch.seconds


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
