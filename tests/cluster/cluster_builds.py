"""Builds with the profiles of clusters: started, waited for, and compared with a local one."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from small_build import SETTINGS, artifacts, undisturbed

MAX_BUILD_S = 900


def start(
    folder: Path, profile: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start a build in `folder`; `environment` is added to this process's."""
    command = [sys.executable, "-m", "snakemake", "--workflow-profile", f"profiles/{profile}"]
    return subprocess.Popen(
        [*command, "--configfile", SETTINGS, *arguments],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code of a build, and what it said."""
    output, _ = process.communicate(timeout=MAX_BUILD_S)
    return process.returncode, output


def ended_well(process: subprocess.Popen[str]) -> str:
    """What a build that must end well said."""
    code, output = ended(process)
    assert code == 0, output
    return output


def models_of_a_local_build() -> dict[str, str]:
    """Checksums of what the target `models` of a small project makes, by path below `results/`."""
    made = ("weights/", "onnx/", "simplified/", "snapml/")
    return {name: digest for name, digest in artifacts(undisturbed()).items() if name.startswith(made)}
