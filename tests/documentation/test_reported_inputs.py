"""Inputs that people reported elsewhere, when they lie beside the checkout: each says what is right."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CASES = sorted((ROOT.parent / "shared/cases").glob("*/run.sh"))


@pytest.mark.skipif(not CASES, reason="no reported inputs beside the checkout")
@pytest.mark.parametrize("script", CASES, ids=lambda path: path.parent.name)
def test_an_input_that_was_reported_is_read_right_or_refused(
    script: Path, real_snapml: Callable[[str, int, int], Path]
) -> None:
    variables = {**os.environ, "P": str(ROOT), "PY": sys.executable}
    if script.parent.name == "tall_page_silent":
        variables["DET"] = str(real_snapml("ch_PP-OCRv4_det_infer", 640, 640))
    done = subprocess.run(["sh", script], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
