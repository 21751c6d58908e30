import numpy as np
import pytest

from snapml_ocr.evaluate.intervals import bootstrap_interval


def share(sums):
    return (sums[:, 0] / sums[:, 1])[:, None]


def counts(images, rate, seed=0):
    right = np.random.default_rng(seed).random(images) < rate
    return np.stack([right.astype(float), np.ones(images)], axis=1)


def test_the_same_counts_give_the_same_interval():
    first, second = (bootstrap_interval(counts(50, 0.7), share) for _ in range(2))

    assert first[0] == second[0]
    assert first[1] == second[1]


def test_the_interval_is_that_of_the_normal_approximation_for_many_images():
    rows = counts(2000, 0.5)
    mean = rows[:, 0].mean()
    low, high = bootstrap_interval(rows, share)

    half_width = 1.96 * np.sqrt(mean * (1 - mean) / len(rows))
    assert low[0] == pytest.approx(mean - half_width, abs=0.003)
    assert high[0] == pytest.approx(mean + half_width, abs=0.003)


def test_more_images_give_a_narrower_interval():
    few, many = (bootstrap_interval(counts(images, 0.7), share) for images in (20, 500))

    assert (many[1] - many[0])[0] < (few[1] - few[0])[0] / 3


def test_images_that_are_all_alike_leave_no_doubt():
    low, high = bootstrap_interval(counts(30, 2.0), share)

    assert low[0] == high[0] == 1.0


def test_the_interval_covers_the_truth_about_nineteen_times_in_twenty():
    covered = 0
    for seed in range(100):
        low, high = bootstrap_interval(counts(80, 0.7, seed), share, resamples=300)
        covered += low[0] <= 0.7 <= high[0]

    assert 88 <= covered <= 100
