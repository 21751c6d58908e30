"""Run a task in a process of its own, with bounds: foreign code may abort, hang or take all memory."""

import ctypes
import multiprocessing
import resource
import signal
import sys
from collections.abc import Callable

from snapml_ocr.errors import UserError

_DIE_WITH_PARENT = 1
"""`PR_SET_PDEATHSIG` of Linux's prctl."""


def run_in_child(task: Callable[[], None], *, seconds: float, memory_bytes: int, label: str) -> int:
    """Run `task` in a forked process and return its exit code; negative numbers are signals.

    The process starts with everything this one has loaded, so fork before threads are started. It ends with
    this one, also when this one is killed. Raises `UserError` that begins with `label` when the task takes
    longer than `seconds`; an allocation beyond `memory_bytes` fails inside the task.
    """
    child = multiprocessing.get_context("fork").Process(
        target=_bounded, args=(task, memory_bytes), daemon=True
    )
    child.start()
    try:
        child.join(seconds)
    finally:
        ended = child.exitcode
        if ended is None:
            child.kill()
            child.join()
    if ended is None:
        raise UserError(f"{label}: not finished within {seconds:g} s, given up")
    return ended


def signal_name(code: int) -> str:
    """Return the name of the signal behind a negative exit code."""
    return signal.Signals(-code).name


def _bounded(task: Callable[[], None], memory_bytes: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    bound = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))
    task()
