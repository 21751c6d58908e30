"""Which tools and which machine the numbers come from."""

import re
from collections.abc import Sequence
from pathlib import Path

from snapml_ocr.report.build import Build
from snapml_ocr.report.numbers import megabytes
from snapml_ocr.report.tables.table import Column, Row, Table

SHOWN_PACKAGES = {
    "numpy",
    "onnx",
    "onnx-ir",
    "onnxruntime",
    "onnxscript",
    "onnxsim",
    "opencv-python-headless",
    "paddle2onnx",
    "paddlepaddle",
    "pyclipper",
    "rapidfuzz",
    "shapely",
    "snakemake",
}
"""Packages that can change a model or a number."""


def machines_table(build: Build) -> Table:
    """One row per machine that timed something."""
    columns = (
        Column("processor", "Processor"),
        Column("cores", "Cores", str, number=True),
        Column("memory_bytes", "Memory", megabytes, number=True),
        Column("system", "System"),
        Column("python", "Python"),
        Column("packages", "Packages"),
    )
    rows: list[Row] = []
    documents = [model.latency for model in build.models] + [pipeline.speed for pipeline in build.pipelines]
    for document in documents:
        if not document:
            continue
        machine = document["machine"]
        packages = ", ".join(f"{name} {version}" for name, version in sorted(machine["packages"].items()))
        row = {**machine, "packages": packages}
        if row not in rows:
            rows.append(row)
    return Table("machines", "Machines that timed the models", columns, rows)


def versions_table(locks: Sequence[Path]) -> Table:
    """One row per package of `SHOWN_PACKAGES` and locked environment; `locks` are requirements files."""
    columns = (
        Column("environment", "Environment"),
        Column("package", "Package"),
        Column("version", "Version"),
    )
    rows: list[Row] = []
    for lock in locks:
        pins = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
        rows += [
            {"environment": lock.stem, "package": package, "version": version}
            for package, version in sorted(pins)
            if package in SHOWN_PACKAGES
        ]
    return Table("versions", "Locked versions of what makes and runs the models", columns, rows)
