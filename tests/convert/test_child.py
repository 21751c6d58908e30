import os
import signal
import time

import pytest

from snapml_ocr.convert.child import run_in_child, signal_name
from snapml_ocr.errors import UserError

GIB = 2**30


def in_child(task, seconds=30.0, memory_bytes=8 * GIB):
    return run_in_child(task, seconds=seconds, memory_bytes=memory_bytes, label="task")


def test_the_exit_code_comes_back(capfd):
    assert in_child(lambda: None) == 0
    assert in_child(lambda: os._exit(3)) == 3


def test_a_task_that_is_killed_gives_the_signals_name():
    code = in_child(lambda: os.kill(os.getpid(), signal.SIGKILL))
    assert signal_name(code) == "SIGKILL"


def test_a_task_that_hangs_is_given_up():
    started = time.monotonic()
    with pytest.raises(UserError, match=r"^task: not finished within 0\.2 s"):
        in_child(lambda: time.sleep(60), seconds=0.2)
    assert time.monotonic() - started < 10


def test_more_memory_than_allowed_fails_inside_the_task():
    def greedy():
        try:
            bytearray(GIB)
        except MemoryError:
            os._exit(7)

    assert in_child(greedy, memory_bytes=GIB // 2) == 7
