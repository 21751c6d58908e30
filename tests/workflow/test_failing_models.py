"""A model that fails: what a build with --keep-going still makes, and what its report says."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from real_models import PROJECT
from small_build import PARTS, copy_project

GOOD = "ch_ppocr_mobile_v2_cls_infer"
MIXED = {
    "build": ["first"],
    "pipelines": {
        "first": {
            "detector": {"model": "en_PP-OCRv3_det_infer", "shapes": ["320x320"]},
            "recognizer": {"model": "ch_PP-OCRv4_rec_infer", "shapes": ["48x320"]},
        },
        "second": {
            "detector": {"model": "ch_PP-OCRv4_det_infer", "shapes": ["320x320"]},
            "classifier": {"model": GOOD},
            "recognizer": {"model": "en_number_mobile_v2.0_rec_infer", "shapes": ["32x320"]},
        },
        "third": {"classifier": {"model": GOOD}},
    },
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(PROJECT, tmp_path, [*PARTS, "Makefile"])


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def snakemake(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(folder, sys.executable, "-m", "snakemake", "--cores", "2", *arguments)


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`make` with the environment that runs the tests."""
    return run(folder, "make", "-o", ".venv/pipeline.lock", "CORES=2", *arguments)


def write_build(folder: Path, broken: dict[str, dict[str, object]]) -> None:
    """A build of one classifier that works and others that do not."""
    models = yaml.safe_load((PROJECT / "config/models.yaml").read_text())
    catalogue = {name: models[GOOD] | changes for name, changes in broken.items()}
    (folder / "models.yaml").write_text(json.dumps({GOOD: models[GOOD], **catalogue}))
    names = {"works": GOOD, **{f"with_{name}": name for name in broken}}
    pipelines = {pipeline: {"classifier": {"model": model}} for pipeline, model in names.items()}
    build = {"build": list(pipelines), "pipelines": pipelines, "catalogue": "models.yaml"}
    (folder / "build.yaml").write_text(json.dumps(build))


def test_the_other_models_are_built_and_the_report_has_a_row_for_the_failure(project: Path) -> None:
    write_build(project, {"far": {"sources": ["folder:nowhere"]}})
    done = snakemake(project, "--configfile", "build.yaml", "--keep-going", "--", "models")
    assert done.returncode == 1
    assert (project / f"results/snapml/{GOOD}_48x192.compat.json").exists()
    done = snakemake(project, "--configfile", "build.yaml", "--", "report_of_failures")
    assert done.returncode == 0, done.stderr
    with (project / "results/report/failures.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert (row["subject"], row["step"]) == ("far", "fetch_pdmodel")
    assert row["reason"].startswith("error: far: ")
    assert "no file nowhere/inference.pd" in row["reason"]
    page = (project / "results/report/index.html").read_text()
    assert "This build is not complete" in page
    assert "no file nowhere/inference.pd" in page
    assert GOOD in page
    # Snakemake must not take this page for the whole report.
    assert not (project / "results/report/report.md").exists()


def test_make_goes_on_reports_and_still_ends_with_an_error(project: Path) -> None:
    files = {"inference.pdmodel": "0" * 64, "inference.pdiparams": "0" * 64}
    write_build(project, {"far": {"sources": ["folder:nowhere"]}, "other": {"files": files}})
    done = make(project, "build", "CONFIG=build.yaml", "PIPELINES=with_far,with_other", "KEEP_GOING=1")
    assert done.returncode == 2  # what make says of a command that failed
    with (project / "results/report/failures.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["subject"] for row in rows] == ["far", "other"]
    assert "has SHA-256" in rows[1]["reason"]
    assert "failed: fetch_pdmodel of far, see logs/fetch/far.log" in done.stdout


def test_several_pipelines_of_mixed_models_are_one_build(project: Path) -> None:
    (project / "mixed.yaml").write_text(json.dumps(MIXED))
    command = "SNAKEMAKE=snakemake --dry-run --cores 2 --configfile mixed.yaml"
    done = make(project, "build", "PIPELINES=first,second", "VERBOSE=1", command)
    assert done.returncode == 0, done.stderr
    jobs = done.stdout
    for pipeline, wanted in (("first", True), ("second", True), ("third", False)):
        assert (f"results/gates/{pipeline}.json" in jobs) is wanted
    for model in (GOOD, "en_PP-OCRv3_det_infer", "ch_PP-OCRv4_rec_infer", "en_number_mobile_v2.0_rec_infer"):
        assert f"results/onnx/{model}.onnx" in jobs
