"""Which weights of a training are kept."""

import numpy as np
import pytest

from snapml_ocr.training.training_state import is_best, standard_error


@pytest.mark.parametrize(
    ("earlier", "rate", "kept"),
    [
        ([], 0.3, True),
        ([0.3], 0.3, False),  # no better than the base
        ([0.3], 0.299, True),
        ([0.3, 0.05], 0.05, True),
        ([0.3, 0.05], 0.056, True),
        ([0.3, 0.05], 0.058, False),
        ([0.3, 0.05, 0.056], 0.058, False),  # the lowest counts, not the last that was kept
        ([0.3, 0.4], 0.35, False),
        ([0.02], 0.021, False),  # within the standard error of the base, and yet no better
    ],
)
def test_the_last_rate_below_the_base_that_is_as_low_as_the_lowest_but_for_chance_is_kept(
    earlier: list[float], rate: float, kept: bool
) -> None:
    rows = [{"character_error_rate": one, "standard_error": 0.007} for one in [*earlier, rate]]
    assert is_best(rows[-1], rows[:-1]) == kept


def test_standard_error_is_the_deviation_of_the_rate_over_lines_drawn_again() -> None:
    rng = np.random.default_rng(0)
    truths = ["a" * int(rng.integers(5, 40)) for _ in range(200)]
    wrong = [len(truth) if rng.random() < 0.1 else 0 for truth in truths]  # in few lines, and all of them
    texts = ["b" * count + "a" * (len(truth) - count) for truth, count in zip(truths, wrong, strict=True)]
    lengths, edits = np.array(list(map(len, truths))), np.array(wrong)
    drawn = rng.integers(0, 200, (4000, 200))
    rates = edits[drawn].sum(axis=1) / lengths[drawn].sum(axis=1)
    assert standard_error(truths, texts) == pytest.approx(rates.std(), rel=0.05)
