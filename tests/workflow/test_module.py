"""Another workflow uses this one as a module: programs come from the checkout, artifacts get a prefix."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from small_build import SETTINGS, artifacts, small_project, undisturbed

OTHER = """\
configfile: "config/config.yaml"

module ocr:
    snakefile: {checkout!r}
    config: config["ocr"]
    prefix: "text"

use rule * from ocr as ocr_*

rule largest:
    default_target: True
    input: "text/results/snapml/ch_PP-OCRv4_det_infer_96x96.onnx"
    output: "size.txt"
    shell: "wc -c < {{input}} > {{output}}"
"""
DEPLOYED = """\
configfile: "config/config.yaml"

module ocr:
    snakefile:
        github("owner/ocr", path="workflow/Snakefile", tag="v1")
    config:
        config

use rule * from ocr
"""
"""What snakedeploy writes, beside a copy of config/."""


def small_configuration(checkout: Path) -> dict[str, Any]:
    """The whole configuration of a small build: a module reads no file of its own."""
    default = yaml.safe_load((checkout / "config/config.yaml").read_text(encoding="utf-8"))
    small = yaml.safe_load((checkout / SETTINGS).read_text(encoding="utf-8"))
    return {
        key: {**value, **small.get(key, {})} if isinstance(value, dict) else small.get(key, value)
        for key, value in default.items()
    }


def workflow_of(folder: Path, snakefile: str, configuration: dict[str, Any]) -> Path:
    """A workflow that holds nothing but a Snakefile and a configuration."""
    folder.joinpath("config").mkdir(parents=True)
    folder.joinpath("Snakefile").write_text(snakefile)
    folder.joinpath("config/config.yaml").write_text(yaml.safe_dump(configuration, sort_keys=False))
    return folder


def run(folder: Path, *arguments: str, **environment: str) -> str:
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_a_module_with_a_prefix_makes_the_bytes_of_a_build_in_the_checkout(tmp_path: Path) -> None:
    checkout = small_project(tmp_path / "checkout")
    snakefile = OTHER.format(checkout=f"{checkout}/Snakefile")
    folder = workflow_of(tmp_path / "other", snakefile, {"ocr": small_configuration(checkout)})
    run(folder, "--", "largest", "text/results/manifest.json")
    assert artifacts(folder / "text") == artifacts(undisturbed())
    made = undisturbed() / "results/snapml/ch_PP-OCRv4_det_infer_96x96.onnx"
    assert int((folder / "size.txt").read_text()) == made.stat().st_size
    assert not (folder / "results").exists(), "the other workflow's own folders are left alone"
    assert not (checkout / "results").exists()
    assert "Nothing to be done" in run(folder, "--", "largest", "text/results/manifest.json")


def test_what_snakedeploy_writes_runs_the_programs_of_the_commit_that_it_names(
    tmp_path: Path,
) -> None:
    checkout = small_project(tmp_path / "checkout")
    identity = ("-c", "user.name=tests", "-c", "user.email=tests@example.org")
    cache = tmp_path / "cache"
    kept = cache / "snakemake/snakemake/source-cache/snakemake-git-cache/github.com/owner/ocr"
    for command in (
        ("git", "init", "--quiet"),
        ("git", "add", "--all"),
        ("git", *identity, "commit", "--quiet", "--message", "all"),
        ("git", "tag", "v1"),
        ("git", "clone", "--quiet", "--bare", ".", str(kept)),
    ):
        subprocess.run(command, cwd=checkout, check=True)
    folder = workflow_of(tmp_path / "other", DEPLOYED, small_configuration(checkout))
    wanted = "parity/inputs/ch_PP-OCRv4_det_infer_96x96.npz"
    run(folder, "--", f"results/{wanted}", XDG_CACHE_HOME=str(cache))
    assert "List every artifact with its checksum" in run(folder, "--dry-run", XDG_CACHE_HOME=str(cache))
    made = (folder / "results" / wanted).read_bytes()
    assert made == (undisturbed() / "results" / wanted).read_bytes()
