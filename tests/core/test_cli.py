import errno
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from snapml_ocr.cli import arguments, run
from snapml_ocr.errors import CheckFailedError, UserError

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"


def raising(error):
    def main():
        raise error

    return main


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (UserError("a.onnx: no such file"), 2, "error: a.onnx: no such file\n"),
        (CheckFailedError("outputs differ"), 1, "error: outputs differ\n"),
        (OSError(errno.ENOSPC, "No space", "a.onnx"), 2, "error: a.onnx: no space left on the disk"),
        (
            PermissionError(errno.EACCES, "Permission denied", "a.onnx"),
            2,
            "error: a.onnx: Permission denied\n",
        ),
        (MemoryError(), 2, "error: out of memory"),
        (ImportError("libx.so: failed to map segment from shared object"), 2, "error: out of memory"),
        (RuntimeError("std::bad_alloc"), 2, "error: out of memory"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
    ],
)
def test_a_mistake_becomes_one_line_and_an_exit_code(capsys, error, code, line):
    with pytest.raises(SystemExit) as ended:
        run(raising(error))
    printed = capsys.readouterr().err
    assert ended.value.code == code
    assert printed.startswith(line)
    assert printed.count("\n") == 1


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (0, 0), (1, 1), (3, 3)])
def test_the_exit_code_is_what_main_returns(returned, code):
    with pytest.raises(SystemExit) as ended:
        run(lambda: returned)
    assert ended.value.code == code


def test_a_defect_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        run(raising(ZeroDivisionError()))


def test_a_reader_that_leaves_is_no_error():
    program = "from snapml_ocr.cli import run\nrun(lambda: [print('x' * 1000) for _ in range(1000)] and 0)"
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
    assert (process.returncode, errors) == (0, b"")


def test_options_written_for_a_shell_are_read_back():
    written = arguments(image=["a b.jpg", "c$d.jpg"], labels=None, root="", seconds=1.5)
    assert shlex.split(written) == ["--image=a b.jpg", "--image=c$d.jpg", "--seconds=1.5"]
