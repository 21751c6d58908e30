"""Builds that are killed at random moments, again and again, until one ends."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from extended import EXTENDED
from small_build import artifacts, build, build_command, built, copy_of_undisturbed, undisturbed

KILLS = 50 if EXTENDED else 6
SEED = 20_221_107
MADE_BY = ("weights", "onnx", "simplified", "snapml")
"""Folders below `results/` that the target `models` fills."""


def test_killed_builds_leave_whole_files_only_and_the_next_one_ends_with_the_same_bytes(
    tmp_path: Path,
) -> None:
    moments = random.Random(SEED)
    complete = {
        name: digest for name, digest in artifacts(undisturbed()).items() if name.split("/")[0] in MADE_BY
    }
    projects = {stage: copy_of_undisturbed(tmp_path / stage) for stage in MADE_BY}
    interrupted = 0
    for _ in range(KILLS):
        stage = moments.choice(MADE_BY)
        remove_from(projects[stage], stage)
        interrupted += kill_a_build(projects[stage], moments)
        found = whole(made(projects[stage]))
        assert found.items() <= complete.items()
    assert interrupted > KILLS * 0.8, "most builds ended before they were killed"

    for project in projects.values():
        if build(project, "--", "models").code:
            built(project, "--unlock")
            built(project, "--", "models")
        assert made(project) == complete


def remove_from(project: Path, stage: str) -> None:
    """Remove what a stage and those after it made, so that a build begins with this one."""
    for later in MADE_BY[MADE_BY.index(stage) :]:
        for path in (project / "results" / later).rglob("*"):
            if path.is_file() and ".part" not in str(path.relative_to(project)):
                path.unlink()


def made(project: Path) -> dict[str, str]:
    """What the target `models` makes, as it is in a project now."""
    return {name: digest for name, digest in artifacts(project).items() if name.split("/")[0] in MADE_BY}


def kill_a_build(project: Path, moments: random.Random) -> bool:
    """Start a build, kill it with everything it started, and tell whether it was at work.

    Some are killed while Snakemake starts, some after its first job has begun, some while a file is written.
    """
    shutil.rmtree(project / ".snakemake/locks", ignore_errors=True)  # what --unlock does
    printed = project / "printed.txt"
    left_over = set(parts(project))
    with printed.open("w") as log:
        process = subprocess.Popen(
            build_command("--", "models"),
            cwd=project,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        kind = moments.choice(["start", "job", "job", "write", "write"])
        if kind == "job":
            wait_until(lambda: "\nJob " in printed.read_text(), process)
        elif kind == "write":
            wait_until(lambda: set(parts(project)) - left_over, process)
        # The moment is what is tested; nothing waits for it.
        time.sleep(moments.uniform(0.0, {"start": 2.0, "job": 2.0, "write": 0.1}[kind]))
        at_work = process.poll() is None
        if at_work:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert at_work or process.returncode == 0, printed.read_text()
    return at_work


def parts(project: Path) -> list[Path]:
    """The hidden folders in which files are written; they come and go meanwhile."""
    return [
        Path(folder, name)
        for stage in MADE_BY
        for folder, names, _ in os.walk(project / "results" / stage)
        for name in names
        if name.startswith(".") and name.endswith(".part")
    ]


def wait_until(condition: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while not condition() and process.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.002)


def whole(found: dict[str, str]) -> dict[str, str]:
    """What has a final name: everything outside the hidden folders in which files are written."""
    return {name: digest for name, digest in found.items() if ".part/" not in name}
