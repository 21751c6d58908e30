"""The latency of one model at one input shape, stage beside stage."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from snapml_ocr.benchmark import peak
from snapml_ocr.benchmark.graph_facts import describe_graph
from snapml_ocr.benchmark.interleave import TURN_SECONDS, Measured, Variant, measure_side_by_side
from snapml_ocr.benchmark.machine import describe_machine, load_average
from snapml_ocr.benchmark.operators import profile_operators
from snapml_ocr.benchmark.time_summary import CONFIDENCE, ratio_of_rounds, summarise
from snapml_ocr.errors import UserError
from snapml_ocr.plan.axes import STAGES

PEAK = "peak"
PROFILED_STAGES = tuple(name for name, stage in STAGES.items() if stage.is_per_shape)
"""Before and after the SnapML fixes."""
PROFILE_SECONDS = 0.5
NOISY_SPREAD = 0.25
"""Quartiles further apart than this share of the median: absolute times of this run are not to be quoted."""
NOISY_OPERATORS = 0.15
"""Operator times whose sum is further from the latency beside them say little about where the time goes."""
NOISY_INTERVAL = 0.15
"""A ratio whose interval is wider than this to either side cannot show the differences between stages."""


def measure_latency(
    model: str,
    *,
    height: int,
    width: int,
    stages: Mapping[str, Path],
    threads: Sequence[int],
    seconds: float,
) -> dict[str, Any]:
    """Measure all `stages` of `model` on an input of (1, 3, height, width); returns the JSON document.

    `seconds` of timed turns per stage, all thread counts together, and at least six rounds. A stage that
    fails has an "error" instead of numbers. Raises `UserError` when none can be run.
    """
    shape = (1, 3, height, width)
    load_before = load_average()
    variants: dict[tuple[str, int], Variant] = {
        (stage, count): Variant(path, shape, count) for stage, path in stages.items() for count in threads
    }
    variants |= {(PEAK, count): Variant(None, (peak.SIDE, peak.SIDE), count) for count in threads}
    measured = measure_side_by_side(variants, seconds * len(stages))
    outcomes = [result for (stage, _), result in measured.items() if stage != PEAK]
    failures = [result for result in outcomes if isinstance(result, UserError)]
    if len(failures) == len(outcomes):
        raise failures[0]
    peaks = _peaks(measured, threads)
    entries = {
        stage: _stage_entry(path, shape, {count: measured[stage, count] for count in threads})
        for stage, path in stages.items()
    }
    _add_rates(entries, peaks)
    ratios = _ratios(measured, list(stages), threads)
    operators = _operator_profiles(stages, entries, shape, threads[0])
    return {
        "model": model,
        "height": height,
        "width": width,
        "threads": list(threads),
        "stages": entries,
        "ratios": ratios,
        "peak": peaks,
        "operators": operators,
        "noise": {
            "too_noisy": bool(reasons := _noise(entries, ratios, operators, threads)),
            "reasons": reasons,
            "load_average_before": _rounded(load_before),
        },
        "protocol": {
            "input": "uniform in [-1, 1], seed 0",
            "turn_ms": TURN_SECONDS * 1e3,
            "seconds_per_stage": seconds,
            "confidence": CONFIDENCE,
            "paddle": "Paddle Inference with plain CPU kernels (oneDNN off), as in the reference runs",
        },
        "machine": describe_machine(),
    }


def _stage_entry(
    path: Path, shape: tuple[int, ...], results: Mapping[int, Measured | UserError]
) -> dict[str, Any]:
    entry = {
        "path": path.name if path.is_absolute() else path.as_posix(),
        "runtime": "ONNX Runtime" if path.suffix == ".onnx" else "Paddle Inference",
        **_file_facts(path, shape),
    }
    entry["by_threads"] = {str(count): _measured_entry(result) for count, result in results.items()}
    return entry


def _file_facts(path: Path, shape: tuple[int, ...]) -> dict[str, Any]:
    """What is known without running the model; of a Paddle model, or a file that is no model, its size."""
    keys = ("sha256", "size_bytes", "parameters", "macs")
    if path.suffix != ".onnx":
        return {**dict.fromkeys(keys), "size_bytes": _paddle_size(path)}
    try:
        facts = describe_graph(path, shape)
    except UserError:
        return dict.fromkeys(keys)
    return {key: getattr(facts, key) for key in keys}


def _paddle_size(path: Path) -> int:
    folder = path if path.is_dir() else path.parent
    names = ("inference.pdmodel", "inference.json", "inference.pdiparams")
    return sum((folder / name).stat().st_size for name in names if (folder / name).is_file())


def _measured_entry(result: Measured | UserError) -> dict[str, Any]:
    if isinstance(result, UserError):
        return {"error": str(result)}
    return {
        **_rounded_values(asdict(summarise(result.runs))),
        "rounds": len(result.turns),
        "warm_up_runs": result.warm_up.runs,
        "warm_up_settled": result.warm_up.settled,
        "load_ms": _rounded(result.load_ms),
        "peak_memory_bytes": result.peak_memory,
        "idle_memory_bytes": result.idle_memory,
    }


def _peaks(
    measured: Mapping[tuple[str, int], Measured | UserError], threads: Sequence[int]
) -> dict[str, dict[str, Any]]:
    """Multiply-adds per second of the matrix product.

    Of all turns the one with the fastest median counts: a ceiling is the best that was seen.
    """
    peaks = {}
    for count in threads:
        result = measured[PEAK, count]
        if isinstance(result, Measured):
            best_ms = min(float(np.median(turn)) for turn in result.turns)
            rate = peak.MULTIPLY_ADDS / best_ms / 1e6
            peaks[str(count)] = {
                "side": peak.SIDE,
                "best_ms": _rounded(best_ms),
                "gmacs_per_second": _rounded(rate),
                "relative_spread": _rounded(summarise(result.runs).relative_spread),
            }
    return peaks


def _add_rates(entries: Mapping[str, dict[str, Any]], peaks: Mapping[str, dict[str, Any]]) -> None:
    """Add multiply-adds per second, their share of the peak, and the time needed at the peak."""
    for entry in entries.values():
        for count, numbers in entry["by_threads"].items():
            if entry["macs"] and count in peaks and "median_ms" in numbers:
                peak_rate = peaks[count]["gmacs_per_second"]
                rate = entry["macs"] / numbers["median_ms"] / 1e6
                numbers["gmacs_per_second"] = _rounded(rate)
                numbers["share_of_peak"] = _rounded(rate / peak_rate)
                numbers["limit_ms"] = _rounded(entry["macs"] / peak_rate / 1e6)


def _ratios(
    measured: Mapping[tuple[str, int], Measured | UserError], stages: Sequence[str], threads: Sequence[int]
) -> list[dict[str, Any]]:
    """Every stage against the one before it, and the last against the first."""
    pairs = [(after, before) for before, after in pairwise(stages)]
    if len(stages) > 2:
        pairs.append((stages[-1], stages[0]))
    ratios = []
    for count in threads:
        for after, before in pairs:
            first, second = measured[after, count], measured[before, count]
            if isinstance(first, Measured) and isinstance(second, Measured):
                ratio = ratio_of_rounds(_turn_medians(first), _turn_medians(second))
                ratios.append(
                    {
                        "threads": count,
                        "stage": after,
                        "against": before,
                        "ratio": _rounded(ratio.ratio),
                        "low": _rounded(ratio.low),
                        "high": _rounded(ratio.high),
                        "rounds": ratio.rounds,
                        "conclusive": ratio.conclusive,
                    }
                )
    return ratios


def _turn_medians(result: Measured) -> list[float]:
    return [float(np.median(turn)) for turn in result.turns]


def _operator_profiles(
    stages: Mapping[str, Path], entries: Mapping[str, dict[str, Any]], shape: tuple[int, ...], threads: int
) -> dict[str, Any]:
    profiles: dict[str, Any] = {}
    for stage in PROFILED_STAGES:
        if stage in stages and "error" not in entries[stage]["by_threads"][str(threads)]:
            profile = asdict(profile_operators(stages[stage], shape, threads, PROFILE_SECONDS))
            profile["by_operator"] = [_rounded_values(entry) for entry in profile["by_operator"]]
            profiles[stage] = _rounded_values(profile)
    return profiles


def _noise(
    entries: Mapping[str, dict[str, Any]],
    ratios: Sequence[Mapping[str, Any]],
    operators: Mapping[str, Mapping[str, Any]],
    threads: Sequence[int],
) -> list[str]:
    """Everything that speaks against trusting this run's numbers."""
    reasons = []
    for stage, entry in entries.items():
        for count in threads:
            numbers = entry["by_threads"][str(count)]
            if numbers.get("relative_spread", 0.0) > NOISY_SPREAD:
                reasons.append(
                    f"{stage}, {_threads(count)}: the middle half of the runs spreads over"
                    f" {numbers['relative_spread']:.0%} of the median (limit {NOISY_SPREAD:.0%})"
                )
            if numbers.get("warm_up_settled") is False:
                reasons.append(f"{stage}, {_threads(count)}: times had not settled when the warm-up ended")
    for ratio in ratios:
        width = max(ratio["high"] / ratio["ratio"], ratio["ratio"] / ratio["low"]) - 1
        if width > NOISY_INTERVAL:
            reasons.append(
                f"{ratio['stage']} against {ratio['against']}, {_threads(ratio['threads'])}:"
                f" the ratio is known to {width:.0%} only (limit {NOISY_INTERVAL:.0%})"
            )
    reasons += [
        f"{stage}: operator times add up to {profile['coverage']:.0%} of the latency"
        for stage, profile in operators.items()
        if abs(profile["coverage"] - 1) > NOISY_OPERATORS
    ]
    return reasons


def _threads(count: int) -> str:
    return f"{count} thread{'' if count == 1 else 's'}"


def _rounded_values(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _rounded(value) if isinstance(value, float) else value for key, value in document.items()}


def _rounded(value: float) -> float:
    """Four significant digits: more would claim a precision that no timing here has."""
    return float(f"{value:.4g}")
