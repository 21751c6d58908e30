"""Which weights of a training are kept."""

import pytest

from snapml_ocr.training.training_state import is_preferred


def row(step: int, rate: float, rehearsal: float) -> dict[str, float]:
    return {"step": step, "character_error_rate": rate, "rehearsal": rehearsal}


BASE = row(0, 0.3, 0.0)


@pytest.mark.parametrize(
    ("later", "kept"),
    [
        (row(100, 0.055, 0.4), True),  # no worse than chance allows, and nearer to the base
        (row(100, 0.055, 0.8), False),
        (row(100, 0.060, 0.4), False),  # one standard error of .05 on 1000 characters is .0069
        (row(100, 0.040, 0.8), True),  # better beyond chance
        (row(100, 0.049, 0.8), False),
    ],
)
def test_of_equally_good_weights_those_nearest_to_the_base_are_kept(
    later: dict[str, float], kept: bool
) -> None:
    best = row(50, 0.05, 0.6)
    assert is_preferred(later, best, [BASE, best], 1000) == kept


def test_base_gives_way_to_any_lower_rate_and_to_no_other() -> None:
    assert is_preferred(row(50, 0.299, 2.0), BASE, [BASE], 1000)
    assert not is_preferred(row(50, 0.3, 2.0), BASE, [BASE], 1000)


def test_without_rehearsal_the_lowest_rate_is_kept() -> None:
    best = row(50, 0.05, 0.0)
    assert is_preferred(row(100, 0.049, 0.0), best, [BASE, best], 1000)
    assert not is_preferred(row(100, 0.051, 0.0), best, [BASE, best], 1000)
