"""Which jobs a change makes run: the whole workflow's plan, over outputs that Snakemake takes for built."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from small_build import PARTS, ROOT, copy_project
from snapml_ocr.verified_outputs import write_checksums

Plan = dict[str, int]

LARGE = b"made\n" * 300_000
"""Snakemake compares files up to 1 MB by content unless it is told otherwise."""


def snakemake(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout + finished.stderr


def plan(folder: Path) -> Plan:
    """Number of jobs by rule that a build would run; the targets themselves are left out."""
    printed = snakemake(folder, "--dry-run")
    if "Nothing to be done" in printed:
        return {}
    table = printed.split("Job stats:")[1].split("\ntotal")[0]
    jobs = {name: int(count) for name, count in re.findall(r"^(\w+)\s+(\d+)$", table, re.MULTILINE)}
    jobs.pop("all", None)
    return jobs


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which every output exists and Snakemake has recorded what it was made from."""
    folder = tmp_path_factory.mktemp("built")
    copy_project(ROOT, folder)
    # Two models of one format: every rule of the matrix has one job or one for each of them.
    edit("config/config.yaml", "build: [ppocrv4-v6-en]", "build: [ppocrv4-en]")(folder)
    for line in snakemake(folder, "--summary").splitlines():
        if line.startswith("results/"):
            output = folder / line.split("\t")[0]
            if output.name == "plots" or (output.parent.name == "lens" and output.suffix != ".zip"):
                output.mkdir(parents=True)
                continue
            output.parent.mkdir(parents=True, exist_ok=True)
            output.write_bytes(LARGE if output.suffix == ".onnx" else b"made\n")
    for output in (folder / "results").rglob("*.sha256"):
        write_checksums((file for file in output.parent.iterdir() if file != output), output)
    snakemake(folder, "--touch", "--forceall")
    return folder


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    return shutil.copytree(built, tmp_path / "project")


def edit(path: str, old: str, new: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        file = project / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))

    return change


def comment(path: str, remark: str = "\n# a remark\n") -> Callable[[Path], None]:
    def change(project: Path) -> None:
        with (project / path).open("a") as file:
            file.write(remark)

    return change


def touch_everything(project: Path) -> None:
    for part in PARTS:
        for path in [project / part, *(project / part).rglob("*")]:
            os.utime(path)


def touch_one_artifact_after_the_other(project: Path) -> None:
    """In the order of their names, which is not the one in which they were made; some are large."""
    large = project / "results/onnx/ch_PP-OCRv4_det_infer.onnx"
    assert large.stat().st_size > 2**20
    for number, path in enumerate(sorted((project / "results").rglob("*"), reverse=True)):
        os.utime(path, (time.time() - 1000 + number,) * 2)


def lay_an_older_file_over(project: Path) -> None:
    """As unpacking an older release does: the content changes, and the date is older than any result's."""
    path = project / LIBRARY / "report/page/index.html.j2"
    path.write_text("older\n")
    os.utime(path, (10**9, 10**9))


def set_the_clock_back(project: Path) -> None:
    """All results were made when the clock was a day ahead; then a label was corrected."""
    for path in (project / "results").rglob("*"):
        os.utime(path, (time.time() + 86400,) * 2)
    comment("images/labels.json", "\n")(project)
    subprocess.run([sys.executable, "workflow/scripts/prepare_build.py"], cwd=project, check=True)


END = {"report": 1, "lineage": 1, "manifest": 1}
JUDGED = {"gates": 1, "enforce_gates": 1, **END}
SCORED = {"accuracy": 1, **JUDGED}
READ_AGAIN = {"pipeline_stage": 1, "pipeline_file": 1, "lens_bundle": 1}
FIXED = {
    **READ_AGAIN,
    "snapml_check": 3,
    "float16": 3,
    "inference": 1,
    "inspect": 3,
    "latency": 3,
    "parity": 3,
    "throughput": 1,
    **SCORED,
}
LIBRARY = "workflow/scripts/snapml_ocr"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(lambda project: None, {}, id="nothing"),
        pytest.param(touch_everything, {}, id="touch every file"),
        pytest.param(touch_one_artifact_after_the_other, {}, id="touch every artifact"),
        pytest.param(
            lay_an_older_file_over, {"report": 1, "enforce_gates": 1, "manifest": 1}, id="an older file"
        ),
        pytest.param(
            set_the_clock_back,
            {"parity_inputs": 3, "paddle_reference": 3, "parity": 3, "float16": 3, **SCORED},
            id="labels, after the clock was set back",
        ),
        pytest.param(
            comment(f"{LIBRARY}/snapml/fixer.py"), {"snapml_fix": 3, **FIXED}, id="comment in the fixer"
        ),
        pytest.param(
            comment(f"{LIBRARY}/snapml/rules/hard_sigmoid.py"),
            {"snapml_fix": 3, **FIXED},
            id="one rewrite rule",
        ),
        pytest.param(
            comment(f"{LIBRARY}/evaluate/detection.py"),
            {"float16": 3, **SCORED},
            id="comment in a protocol",
        ),
        pytest.param(
            edit("config/config.yaml", "[48x320, 48x832]", "[48x320, 48x640]"),
            {
                "simplify": 1,
                "snapml_fix": 1,
                "parity_inputs": 1,
                "paddle_reference": 1,
                **FIXED,
                "snapml_check": 1,
                "float16": 1,
                "inspect": 1,
                "latency": 1,
                "parity": 1,
                "predict": 3,
                "pipeline_stage": 4,
            },
            id="one shape of one model",
        ),
        pytest.param(
            edit("config/config.yaml", "det_db_thresh: 0.3", "det_db_thresh: 0.35"),
            {
                **READ_AGAIN,
                "pipeline_stage": 4,
                "inference": 1,
                "predict": 3,
                "throughput": 1,
                "parity": 1,
                "float16": 1,
                **SCORED,
            },
            id="a threshold",
        ),
        pytest.param(
            edit("config/config.yaml", "drop_score: 0.6", "drop_score: 0.5"),
            {**READ_AGAIN, "pipeline_stage": 4, "inference": 1, "predict": 3, "throughput": 1, **SCORED},
            id="a threshold that parity does not know",
        ),
        pytest.param(
            edit("config/models.yaml", "mean: [0.485,", "mean: [0.486,"),
            {
                **READ_AGAIN,
                "pipeline_stage": 4,
                "parity_inputs": 1,
                "paddle_reference": 1,
                "parity": 1,
                "float16": 1,
                "inference": 1,
                "predict": 3,
                "throughput": 1,
                **SCORED,
            },
            id="normalisation of the detector",
        ),
        pytest.param(
            edit("rec_char_dict/en_dict.txt", "0\n", ""),
            {
                "cut_dictionary": 1,
                "export_pdmodel": 1,
                "simplify": 2,
                "snapml_fix": 2,
                "paddle_reference": 2,
                **FIXED,
                "snapml_check": 2,
                "float16": 2,
                "inspect": 2,
                "latency": 2,
                "parity": 2,
                "predict": 3,
                "pipeline_stage": 4,
            },
            id="a character less to read",
        ),
        pytest.param(
            edit(
                "config/config.yaml",
                "end_to_end_hmean_alphanumeric: 0.3",
                "end_to_end_hmean_alphanumeric: 0.2",
            ),
            JUDGED,
            id="a limit",
        ),
        pytest.param(
            comment(f"{LIBRARY}/report/page/index.html.j2"),
            {"report": 1, "enforce_gates": 1, "manifest": 1},
            id="the template of the report",
        ),
        pytest.param(
            edit("envs/pipeline.lock", "onnxsim==0.8.1", "onnxsim==0.8.2"),
            {"simplify": 3, "snapml_fix": 3, **FIXED, "pipeline_stage": 2, "predict": 1},
            id="a new version of onnxsim",
        ),
        pytest.param(
            edit("config/config.yaml", 'mirror: ""', "mirror: https://example.org/models"),
            {},
            id="another mirror",
        ),
        pytest.param(
            lambda project: (project / "results/simplified/ch_PP-OCRv4_det_infer_640x640.onnx").unlink(),
            {
                "simplify": 1,
                "snapml_fix": 1,
                **FIXED,
                "snapml_check": 1,
                "float16": 1,
                "inspect": 1,
                "latency": 1,
                "parity": 1,
                "predict": 1,
                "pipeline_stage": 2,
            },
            id="an artifact removed by hand",
        ),
    ],
)
def test_a_change_runs_exactly_the_jobs_it_concerns(
    project: Path, change: Callable[[Path], None], expected: Plan
) -> None:
    change(project)
    assert plan(project) == expected


def test_results_copied_into_a_fresh_checkout_are_up_to_date(project: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "elsewhere"
    fresh.mkdir()
    copy_project(project, fresh)
    shutil.copytree(project / "results", fresh / "results", copy_function=shutil.copyfile)
    assert plan(fresh) == {}
    comment("config/ppocrv3-en.yaml")(fresh)
    comment(f"{LIBRARY}/report/page/index.html.j2")(fresh)
    assert plan(fresh) == {"report": 1, "enforce_gates": 1, "manifest": 1}


def test_a_second_pipeline_runs_its_own_jobs_and_the_report(project: Path) -> None:
    printed = snakemake(project, "--dry-run", "--config", "build=[ppocrv4-en,ppocrv3-en]")
    jobs = re.findall(r"^Job \d+: (.*)$", printed, re.MULTILINE)
    assert jobs
    # Judging waits for the report, which shows both.
    assert [job for job in jobs if "PP-OCRv4" in job or "ppocrv4" in job] == ["Hold ppocrv4-en to its limits"]


def test_cached_rules_depend_on_nothing_but_inputs_and_parameters() -> None:
    """Snakemake's cache does not look at wildcards: what a command takes from them must be a parameter."""
    cached = 0
    for file in (ROOT / "workflow/rules").glob("*.smk"):
        for rule in re.split(r"^(?= *rule\b)", file.read_text(), flags=re.MULTILINE):
            if re.search(r"^ +cache:", rule, re.MULTILINE):
                cached += 1
                assert "{wildcards." not in rule.split(" shell:")[1], rule.splitlines()[0]
    assert cached == 4
