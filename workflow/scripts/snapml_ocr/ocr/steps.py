"""A hook around the steps of reading, for programs that measure where its time goes."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")

FILE, BOXES, LINES, TURNS, MODEL = "image file", "boxes", "lines", "turning", "model"
"""The steps: MODEL is one run of a model, within one of the others."""

Hook = Callable[[str], AbstractContextManager[object]]
"""Gets the name of a step and returns what is entered while it lasts."""

_hook: ContextVar[Hook | None] = ContextVar("hook", default=None)


@contextmanager
def observed(hook: Hook | None) -> Iterator[None]:
    """Call `hook` for every step that this thread takes in the block."""
    token = _hook.set(hook)
    try:
        yield
    finally:
        _hook.reset(token)


def step(name: str) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Make a function one step of reading."""

    def as_step(function: Callable[Given, Result]) -> Callable[Given, Result]:
        @wraps(function)
        def observable(*args: Given.args, **options: Given.kwargs) -> Result:
            hook = _hook.get()
            if hook is None:
                return function(*args, **options)
            with hook(name):
                return function(*args, **options)

        return observable

    return as_step
