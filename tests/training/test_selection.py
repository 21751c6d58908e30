"""Which weights of a training are kept."""

import pytest

from snapml_ocr.training.training_state import is_best


@pytest.mark.parametrize(
    ("earlier", "rate", "kept"),
    [
        ([], 0.3, True),
        ([0.3], 0.3, False),  # no better than the base
        ([0.3], 0.299, True),
        ([0.3, 0.05], 0.05, True),
        ([0.3, 0.05], 0.056, True),  # one standard error of .05 on 1000 characters is .0069
        ([0.3, 0.05], 0.058, False),
        ([0.3, 0.05, 0.056], 0.058, False),  # the lowest counts, not the last that was kept
        ([0.3, 0.4], 0.35, False),
        ([0.02], 0.021, False),  # within the standard error of the base, and yet no better
    ],
)
def test_the_last_rate_below_the_base_that_is_as_low_as_the_lowest_but_for_chance_is_kept(
    earlier: list[float], rate: float, kept: bool
) -> None:
    assert is_best(rate, earlier, 1000) == kept
