"""What internals.smk takes from inside Snakemake is still there, and planning changes no file."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from snakemake.iocontainers import Wildcards
from snakemake.rules import Rule
from snakemake.scheduling.job_scheduler import JobScheduler

from small_build import build_command, small_project

WATCHED = ("results", "config", "images", "workflow")


def listing(folder: Path) -> dict[str, tuple[int, float]]:
    found = [
        path for part in WATCHED for path in (folder / part).rglob("*") if "__pycache__" not in path.parts
    ]
    return {str(path): (path.stat().st_size, path.stat().st_mtime) for path in found}


def test_rules_can_still_be_asked_what_they_are_made_from() -> None:
    for name in ("is_producer", "get_wildcards", "expand_input", "expand_output", "expand_log", "params"):
        assert hasattr(Rule, name), (
            f"Snakemake's Rule has no {name}: workflow/rules/internals.smk needs another way"
        )
    assert Wildcards(fromdict={"model": "m"}).model == "m"
    assert "job_rate_limiter" in Path(sys.modules[JobScheduler.__module__].__file__ or "").read_text()


def test_planning_and_linting_change_no_file(tmp_path: Path) -> None:
    project = small_project(tmp_path / "project")
    made = project / "results/snapml/of_tomorrow.onnx"
    made.parent.mkdir(parents=True)
    made.write_bytes(b"made")
    os.utime(made, (4e9, 4e9))
    before = listing(project)
    for arguments in (["--dry-run"], ["--lint"], ["--summary"]):
        subprocess.run(build_command(*arguments), cwd=project, capture_output=True, check=False)
    assert listing(project) == before


def test_records_that_results_brought_along_are_found_without_a_build(tmp_path: Path) -> None:
    project = small_project(tmp_path / "project")
    records = project / "results/.snakemake/metadata"
    records.mkdir(parents=True)
    (records / "one").write_text(json.dumps({}))
    shutil.rmtree(project / ".snakemake", ignore_errors=True)
    subprocess.run(build_command("--dry-run"), cwd=project, capture_output=True, check=False)
    assert (project / ".snakemake/metadata").resolve() == records.resolve()
