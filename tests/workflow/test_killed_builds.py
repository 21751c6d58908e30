"""Builds that are killed at random moments, again and again, until one ends."""

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

from small_build import artifacts, build, build_command, built, copy_project, undisturbed

from thorough import THOROUGH

KILLS = 50 if THOROUGH else 6
SEED = 20_221_107
MADE_BY = ("weights", "onnx", "simplified", "snapml")
"""Folders below `results/` that the target `models` fills."""


def test_killed_builds_leave_whole_files_only_and_the_next_one_ends_with_the_same_bytes(
    tmp_path: Path,
) -> None:
    project, moments = copy_project(undisturbed(), tmp_path / "project"), random.Random(SEED)
    complete = {
        name: digest for name, digest in artifacts(undisturbed()).items() if name.split("/")[0] in MADE_BY
    }
    interrupted = 0
    for _ in range(KILLS):
        interrupted += kill_a_build(project, moments)
        found = whole(artifacts(project))
        assert found.items() <= complete.items()
        if found == complete:
            for folder in moments.sample(MADE_BY, moments.randint(1, 3)):
                shutil.rmtree(project / "results" / folder)
    assert interrupted > KILLS * 0.8, "most builds ended before they were killed"

    locked = build(project, "--", "models")
    if locked.code:
        assert "Directory cannot be locked" in locked.output
        built(project, "--unlock")
    built(project, "--", "models")
    assert artifacts(project) == complete
    assert not list((project / "results").rglob("*.part"))


def kill_a_build(project: Path, moments: random.Random) -> bool:
    """Start a build, kill it with everything it started, and tell whether it was at work.

    One in five is killed while Snakemake starts, the others after its first job has begun.
    """
    shutil.rmtree(project / ".snakemake/locks", ignore_errors=True)  # what --unlock does
    with (project / "printed.txt").open("w+") as printed:
        process = subprocess.Popen(
            build_command("--", "models"),
            cwd=project,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        if moments.random() < 0.2:
            delay = moments.uniform(0.2, 2.0)
        else:
            wait_for_the_first_job(project / "printed.txt", process)
            delay = moments.uniform(0.0, 2.0)
        time.sleep(delay)  # the moment is what is tested, nothing waits for it
        at_work = process.poll() is None
        if at_work:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return at_work


def wait_for_the_first_job(printed: Path, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while "\nJob " not in printed.read_text() and process.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert process.poll() in (None, 0), printed.read_text()


def whole(found: dict[str, str]) -> dict[str, str]:
    """What has a final name: everything outside the hidden folders in which files are written."""
    return {name: digest for name, digest in found.items() if ".part/" not in name}
