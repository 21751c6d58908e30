"""Inputs that people reported elsewhere, when they lie beside the checkout: each says what is right."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from real_models import skip_or_fail

ROOT = Path(__file__).parents[2]
CASES = sorted((ROOT.parent / "shared/cases").glob("*/run.sh"))


@pytest.mark.parametrize("script", CASES or [None], ids=lambda path: path.parent.name if path else "none")
def test_an_input_that_was_reported_is_read_right_or_refused(
    script: Path | None, real_snapml: Callable[[str, int, int], Path]
) -> None:
    if script is None:
        skip_or_fail("no reported inputs beside the checkout")
    variables = {**os.environ, "P": str(ROOT), "PY": sys.executable}
    if script.parent.name == "tall_page_silent":
        variables["DET"] = str(real_snapml("ch_PP-OCRv4_det_infer", 640, 640))
    done = subprocess.run(["sh", script], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
