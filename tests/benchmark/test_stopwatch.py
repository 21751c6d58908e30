import time

import pytest

from snapml_ocr.benchmark.stopwatch import Stopwatch


def busy(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def test_time_of_an_inner_step_is_not_counted_again_by_the_outer_one():
    models = {"boxes": "detector", "lines": "recognizer"}
    watch = Stopwatch(lambda step, around: models[around[-1]] if step == "model" else step)
    started = time.perf_counter()
    for step, runs in (("boxes", 1), ("lines", 2)):
        with watch.step(step):
            busy(0.01)
            for _ in range(runs):
                with watch.step("model"):
                    busy(0.02)
    whole = time.perf_counter() - started
    assert set(watch.seconds) == {"boxes", "lines", "detector", "recognizer"}
    assert watch.seconds["detector"] >= 0.02
    assert watch.seconds["recognizer"] >= 0.04
    assert watch.seconds["boxes"] >= 0.01
    assert sum(watch.seconds.values()) <= whole


def test_the_time_of_a_step_that_fails_is_counted():
    watch = Stopwatch()

    @watch.step("boxes")
    def failing():
        busy(0.01)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert watch.seconds["boxes"] >= 0.01
