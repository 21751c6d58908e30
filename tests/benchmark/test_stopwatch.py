import time

import pytest

from snapml_ocr.benchmark.stopwatch import Stopwatch


def busy(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


class Functions:
    """Something that has functions, as a module has."""


@pytest.fixture
def reader():
    module = Functions()
    module.model = lambda: busy(0.02)
    module.find = lambda: (busy(0.01), module.model())
    module.read = lambda: (busy(0.005), module.model(), module.model())
    return module


def test_time_of_a_timed_call_is_not_counted_again_by_its_caller(reader):
    watch = Stopwatch()
    steps = {
        (reader, "find"): "boxes",
        (reader, "read"): "lines",
        (reader, "model"): lambda around: {"boxes": "detector", "lines": "recognizer"}[around[-1]],
    }
    started = time.perf_counter()
    with watch.watching(steps):
        reader.find()
        reader.read()
    whole = time.perf_counter() - started
    assert set(watch.seconds) == {"boxes", "lines", "detector", "recognizer"}
    assert watch.seconds["detector"] >= 0.02
    assert watch.seconds["recognizer"] >= 0.04
    assert watch.seconds["boxes"] >= 0.01
    assert sum(watch.seconds.values()) <= whole


def test_functions_are_as_before_after_the_block(reader):
    original = reader.find
    watch = Stopwatch()
    with watch.watching({(reader, "find"): "boxes"}):
        assert reader.find is not original
    assert reader.find is original


def test_the_time_of_a_call_that_fails_is_counted(reader):
    def failing():
        busy(0.01)
        raise ZeroDivisionError

    reader.find = failing
    watch = Stopwatch()
    with watch.watching({(reader, "find"): "boxes"}), pytest.raises(ZeroDivisionError):
        reader.find()
    assert watch.seconds["boxes"] >= 0.01
    assert reader.find is failing
