"""What all programs' command lines have in common."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = sorted((Path(__file__).parents[2] / "workflow" / "scripts").glob("*.py"))


def shown(script, *arguments):
    environment = {**os.environ, "COLUMNS": "80"}
    command = [sys.executable, script, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_help_fits_a_screen(script):
    assert len(shown(script, "--help").splitlines()) <= 50


@pytest.mark.parametrize("name", ["inference", "benchmark_pipeline", "recommend_shapes"])
def test_a_short_help_names_every_option_that_the_long_one_describes(name):
    script = SCRIPTS[0].with_name(f"{name}.py")
    short, long = (set(shown(script, flag).split()) for flag in ("--help", "--help_all"))
    options = {word.strip(",[]()") for word in long if word.startswith("--")} - {"--second_look_below"}
    assert len(options) > 30
    assert options <= {word.strip(",[]()") for word in short}
