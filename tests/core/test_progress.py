import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from snapml_ocr import progress
from snapml_ocr.progress import Progress, tracked

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"


def test_a_log_gets_plain_lines_with_amount_rate_and_time_left(capsys, monkeypatch):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    with Progress("model.tar", 4 * 2**20, unit="B") as shown:
        for _ in range(4):
            shown.advance(2**20)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("model.tar: 1.0 MiB of 4.0 MiB, ")
    assert lines[0].endswith(" s left")
    assert "MiB/s" in lines[0]
    assert "\r" not in "".join(lines)


def test_a_log_is_not_flooded(capsys):
    assert list(tracked(range(1000), "images", 1000, unit="image")) == list(range(1000))
    assert capsys.readouterr().err.count("\n") == 1


def test_an_unknown_total_is_left_out(capsys):
    with Progress("x", None, unit="B") as shown:
        shown.advance(2**20)
    printed = capsys.readouterr().err
    assert " of " not in printed
    assert "left" not in printed


@pytest.mark.skipif(sys.platform != "linux", reason="terminals differ")
def test_a_terminal_gets_a_bar():
    program = "from snapml_ocr.progress import Progress\nwith Progress('x.tar', 10, 'B') as p: p.advance(10)"
    outer, inner = pty.openpty()
    termios.tcsetwinsize(inner, (24, 100))
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    subprocess.run([sys.executable, "-c", program], stderr=inner, env=environment, check=True)
    os.close(inner)
    shown = os.read(outer, 10_000).decode()
    os.close(outer)
    assert "x.tar" in shown
    assert "100%" in shown
    assert "B/s" in shown
