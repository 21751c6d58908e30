"""Real builds through Slurm and in object storage: the bytes of a local build, and no harm from faults."""

import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import local_slurm
import pytest
from local_s3 import BUCKET, Store, running_store

from small_build import DIFFER, SETTINGS, artifacts, small_project, undisturbed

pytestmark = pytest.mark.cluster

MAX_BUILD_S = 900
SNAKEMAKE = (sys.executable, "-m", "snakemake")
PARTITION = "slurm_partition=main"


def start(folder: Path, profile: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--profile",
        f"profiles/{profile}",
        "--configfile",
        SETTINGS,
    ]
    return subprocess.Popen(
        [*command, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = process.communicate(timeout=MAX_BUILD_S)
    return process.returncode, output


def of_stored(store: Store, prefix: str) -> dict[str, str]:
    """SHA-256 of the artifacts below a prefix, as `artifacts` gives them for a folder."""
    start_of_name = f"{prefix}/results/"
    return {
        name.removeprefix(start_of_name): hashlib.sha256(content).hexdigest()
        for name, content in store.objects(start_of_name).items()
        if name.removeprefix(start_of_name).split("/")[0] not in DIFFER
    }


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local_slurm.Node]:
    reason = local_slurm.missing()
    if reason and os.environ.get("REQUIRE_CLUSTER"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    with local_slurm.running_node(tmp_path_factory.mktemp("slurm")) as started:
        yield started


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with running_store() as started:
        yield started


def slurm(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return start(folder, "slurm", "--default-resources", PARTITION, *arguments)


@pytest.mark.usefixtures("node")
def test_a_build_through_slurm_has_the_bytes_of_a_local_one(tmp_path: Path) -> None:
    project = small_project(tmp_path / "project")
    code, output = ended(slurm(project))
    assert code == 0, output
    assert artifacts(project) == artifacts(undisturbed())
    assert len(re.findall("submitted with SLURM jobid", output)) >= 5
    groups = re.findall(r"slurm_logs/group_model_export_\w+", output)
    assert groups, "a model's chain is one job"


def test_a_node_that_goes_down_in_mid_build_leaves_nothing_half_written(
    node: local_slurm.Node, tmp_path: Path
) -> None:
    project = small_project(tmp_path / "project")
    process = slurm(project, "--", "models")
    until(lambda: (project / "results/weights").is_dir() and is_running())
    node.stop()
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    ended(process)
    subprocess.run(["scancel", "--user=root"], check=False)
    node.start()
    complete = artifacts(undisturbed())
    assert artifacts_without_parts(project).items() <= complete.items()
    subprocess.run(
        [sys.executable, "-m", "snakemake", "--unlock"], cwd=project, check=True, capture_output=True
    )
    code, output = ended(slurm(project, "--", "models"))
    assert code == 0, output
    assert artifacts_without_parts(project).items() <= complete.items()


@pytest.mark.usefixtures("node")
def test_a_job_killed_for_memory_is_run_again_with_more(tmp_path: Path) -> None:
    project = small_project(tmp_path / "project")
    eater = project / "workflow/scripts/simplify.py"
    text = eater.read_text()
    eater.write_text(text.replace('if __name__ == "__main__":', EATS_ON_FIRST_TRY, 1))
    process = start(
        project,
        "slurm",
        "--default-resources",
        PARTITION,
        "mem_mb=900*attempt",
        "--",
        "models",
        FIRST_TRY=str(tmp_path / "tried"),
    )
    code, output = ended(process)
    assert code == 0, output
    assert (tmp_path / "tried").exists()
    assert artifacts_without_parts(project).items() <= artifacts(undisturbed()).items()


EATS_ON_FIRST_TRY = """if __name__ == "__main__":
    import os, time
    tried = os.environ["FIRST_TRY"]
    if not os.path.exists(tried):
        open(tried, "w").close()
        held = bytearray(1600 * 2**20)
        time.sleep(20)
"""


def test_a_build_in_a_bucket_has_the_bytes_of_a_local_one_and_a_fresh_clone_finds_nothing_to_do(
    store: Store, tmp_path: Path
) -> None:
    project = small_project(tmp_path / "project")
    arguments = ["--cores", "2", "--default-storage-prefix", f"s3://{BUCKET}/small"]
    code, output = ended(start(project, "s3", *arguments, **store.environment))
    assert code == 0, output
    local = artifacts(undisturbed())
    assert of_stored(store, "small") == local
    page = store.objects("small/results/report/index.html")
    assert b"data:image" in b"".join(page.values()), "the report has its pictures"

    clone = small_project(tmp_path / "clone")
    code, output = ended(start(clone, "s3", *arguments, **store.environment))
    assert code == 0, output
    assert "Nothing to be done" in output


def test_a_store_that_answers_with_errors_now_and_then_changes_nothing(store: Store, tmp_path: Path) -> None:
    project = small_project(tmp_path / "project")
    arguments = ["--cores", "2", "--default-storage-prefix", f"s3://{BUCKET}/faulty", "--", "models"]
    with store.failing(every=9) as faulty:
        code, output = ended(start(project, "s3", *arguments, **faulty.environment))
    assert code == 0, output
    assert faulty.failed > 3
    assert of_stored(store, "faulty").items() <= artifacts(undisturbed()).items()


def test_a_bucket_that_is_not_there_is_named(store: Store, tmp_path: Path) -> None:
    project = small_project(tmp_path / "project")
    arguments = ["--cores", "1", "--default-storage-prefix", "s3://no-such-bucket/x", "--", "models"]
    code, output = ended(start(project, "s3", *arguments, **store.environment))
    assert code != 0
    assert "no-such-bucket" in output


def until(holds: Any) -> None:
    deadline = time.time() + 120
    while not holds():
        assert time.time() < deadline
        time.sleep(0.2)


def is_running() -> bool:
    listed = subprocess.run(["squeue", "-h", "-t", "R"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def artifacts_without_parts(project: Path) -> dict[str, str]:
    return {name: digest for name, digest in artifacts(project).items() if ".part" not in name}
