import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapml_ocr.benchmark.time_summary import MIN_ROUNDS, ratio_of_rounds, summarise

times = st.floats(0.01, 1e4)


@given(st.lists(times, min_size=1, max_size=60))
def test_quantiles_are_ordered_values_that_were_measured(milliseconds):
    summary = summarise(milliseconds)
    quantiles = [summary.p25_ms, summary.median_ms, summary.p75_ms, summary.p90_ms, summary.p99_ms]
    assert quantiles == sorted(quantiles)
    assert set(quantiles) <= set(milliseconds)
    assert summary.fastest_ms <= quantiles[0]
    assert quantiles[-1] <= summary.slowest_ms


def test_the_spread_is_the_middle_half_relative_to_the_median():
    assert summarise([float(value) for value in range(1, 101)]).relative_spread == pytest.approx(50 / 50)


def test_no_run_has_no_summary():
    with pytest.raises(ValueError, match="no run"):
        summarise([])


@given(st.lists(times, min_size=1, max_size=30), st.floats(0.1, 10))
def test_a_constant_factor_is_found_exactly_whatever_the_machine_did(milliseconds, factor):
    ratio = ratio_of_rounds([factor * value for value in milliseconds], milliseconds)
    assert ratio.low <= ratio.ratio * (1 + 1e-9)
    assert ratio.ratio <= ratio.high * (1 + 1e-9)
    assert ratio.ratio == pytest.approx(factor)


@given(st.lists(st.tuples(times, times), min_size=1, max_size=30))
def test_swapping_the_variants_inverts_ratio_and_interval(pairs):
    first, second = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    forward, backward = ratio_of_rounds(first, second), ratio_of_rounds(second, first)
    assert forward.ratio == pytest.approx(1 / backward.ratio)
    assert forward.low <= 1 / backward.ratio * (1 + 1e-9)


@pytest.mark.parametrize("rounds", [MIN_ROUNDS, 7, 9, 20, 60])
def test_equal_variants_have_1_in_their_interval_in_19_of_20_runs(rounds):
    """Log-normal noise with slow moments that hit a whole round, as on a shared machine."""
    generator = np.random.default_rng(rounds)
    runs = 400
    hits = 0
    for _ in range(runs):
        moment = np.exp(generator.exponential(0.3, rounds))
        first, second = (moment * np.exp(generator.normal(0, 0.05, rounds)) for _ in range(2))
        hits += not ratio_of_rounds(first.tolist(), second.tolist()).conclusive
    assert hits / runs >= 0.93, "95% less three standard errors of 400 runs"


def test_a_difference_as_small_as_that_of_two_processes_of_one_model_is_not_shown():
    equal = np.exp(np.random.default_rng(2).normal(0, 0.001, 60))
    assert not ratio_of_rounds((1.01 * equal).tolist(), equal[::-1].tolist()).conclusive


def test_a_real_difference_is_shown_once_there_are_rounds_enough():
    generator = np.random.default_rng(1)
    slower = 1.2 * np.exp(generator.normal(0, 0.05, 20))
    equal = np.exp(generator.normal(0, 0.05, 20))
    ratio = ratio_of_rounds(slower.tolist(), equal.tolist())
    assert ratio.conclusive
    assert ratio.low <= 1.2 <= ratio.high


@pytest.mark.parametrize("lists", [([], []), ([1.0], [1.0, 2.0])])
def test_rounds_that_do_not_pair_are_refused(lists):
    with pytest.raises(ValueError, match="cannot be compared"):
        ratio_of_rounds(*lists)
