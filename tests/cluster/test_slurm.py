"""Real builds through a Slurm node on this machine: the bytes of a local build, and no harm from faults."""

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import local_slurm
import pytest
from cluster_builds import ended_well, models_of_a_local_build, start

from small_build import artifacts, small_project, undisturbed

pytestmark = pytest.mark.cluster

PARTITION = ("--default-resources", "slurm_partition=main")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local_slurm.Node]:
    reason = local_slurm.missing()
    if reason and os.environ.get("REQUIRE_CLUSTER"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    with local_slurm.running_node(tmp_path_factory.mktemp("slurm")) as started:
        yield started


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return small_project(tmp_path / "project")


@pytest.mark.usefixtures("node")
def test_a_build_has_the_bytes_of_a_local_one_and_few_jobs(project: Path) -> None:
    output = ended_well(start(project, "slurm", *PARTITION))
    assert artifacts(project) == artifacts(undisturbed())
    submitted = re.findall(r"submitted with SLURM jobid \d+ \(log: \S+/slurm_logs/(\w+?)_\w+", output)
    assert sorted(submitted) == ["group", "group", "group", "rule"], "a model's chain is one job"


def test_a_build_survives_that_its_node_goes_down(node: local_slurm.Node, project: Path) -> None:
    process = start(project, "slurm", *PARTITION, "--", "models")
    until(lambda: any((project / "results/onnx").glob("*.onnx")))
    node.cut_power()
    node.until_missed()
    there = {name: digest for name, digest in artifacts(project).items() if ".part/" not in name}
    node.start()
    ended_well(process)
    assert there.items() <= models_of_a_local_build().items(), "nothing was half-written"
    assert artifacts(project) == models_of_a_local_build(), "and nothing is left of the first attempt"
    assert "Restarts=1" in jobs_shown()


@pytest.mark.usefixtures("node")
def test_a_job_that_was_killed_for_memory_is_run_again_with_twice_as_much(project: Path) -> None:
    eater = project / "workflow/scripts/simplify.py"
    lines = ["import time", f"held = bytearray({EATEN_MB} * 2**20)", "time.sleep(6)", "del held"]
    text = eater.read_text()
    eater.write_text(
        text.replace("    run(main)", "\n".join(f"    {line}" for line in [*lines, "run(main)"]))
    )
    target = f"results/simplified/{next(iter(undisturbed().glob('results/simplified/*.onnx'))).name}"
    alone = ("--groups", "simplify=alone")
    output = ended_well(start(project, "slurm", *PARTITION, *alone, "--", target))
    assert "memory limit" in output, "the log of the attempt that was killed is shown"
    attempts = re.findall(r"JobState=(\w+) .*?MinMemoryNode=(\w+)", jobs_shown().replace("\n", " "))
    (killed, first), (_, second) = attempts[-2:]
    assert killed != "COMPLETED"
    assert [megabytes(first) * 2, "COMPLETED"] == [megabytes(second), attempts[-1][0]]
    assert megabytes(first) < EATEN_MB < megabytes(second)


EATEN_MB = 2000


def megabytes(written: str) -> float:
    """An amount as Slurm writes it."""
    return float(written.rstrip("MG")) * (1024 if written.endswith("G") else 1)


def jobs_shown() -> str:
    """All that the controller knows of its jobs, in the order of their numbers."""
    shown = subprocess.run(["scontrol", "show", "jobs"], capture_output=True, text=True, check=True)
    return shown.stdout


def until(holds: Callable[[], bool]) -> None:
    deadline = time.time() + 120
    while not holds():
        assert time.time() < deadline
        time.sleep(0.1)
