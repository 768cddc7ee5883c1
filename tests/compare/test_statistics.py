"""The statistics agree with known data and scipy, find a slowdown of 5 % and do not find noise."""

import random

import pytest

pytestmark = pytest.mark.slow  # importing scipy takes most of a second


@pytest.fixture(scope="module")
def statistics():
    from pipeline.compare import statistics  # noqa: PLC0415 - not while tests are collected

    return statistics


@pytest.fixture(scope="module")
def stats():
    from scipy import stats  # noqa: PLC0415 - not while tests are collected

    return stats


def seeded(seed):
    return random.Random(seed)  # noqa: S311 - reproducible, nothing secret


def times(rng, count, median=10.0, spread=0.02):
    return [median * rng.lognormvariate(0, spread) for _ in range(count)]


def test_the_median_has_an_interval_around_it(statistics):
    summary = statistics.summarize(times(seeded(1), 30))
    assert summary.low < summary.median < summary.high
    assert summary.n == 30
    assert summary.half_width == (summary.high - summary.low) / 2
    assert statistics.summarize([3.0]) == statistics.Summary(1, 3.0, None, None)


def test_the_interval_covers_the_true_median(statistics):
    covered = 0
    for seed in range(200):
        summary = statistics.summarize(times(seeded(seed), 20))
        covered += summary.low <= 10.0 <= summary.high
    print(f"\nthe 95 % interval of 20 values covers the median in {covered} of 200 samples")
    assert covered >= 180


def test_equal_input_gives_equal_intervals(statistics):
    values = times(seeded(2), 12)
    assert statistics.summarize(values) == statistics.summarize(values)
    assert statistics.difference(values, values[:6]) == statistics.difference(values, values[:6])


def test_mann_whitney_and_effect_of_known_data(statistics):
    """U = 17 and p = 0.11, as scipy documents for these ages."""
    difference = statistics.difference([19, 22, 16, 29, 24], [20, 11, 17, 12])
    assert difference.p == pytest.approx(0.1111111)
    assert difference.effect == pytest.approx(2 * 17 / 20 - 1)
    assert difference.ratio == pytest.approx(22 / 14.5)
    assert difference.n == (5, 4)


def test_the_effect_is_one_where_all_are_larger(statistics):
    assert statistics.difference([3.0, 4.0], [1.0, 2.0]).effect == 1.0
    assert statistics.difference([1.0, 2.0], [3.0, 4.0]).effect == -1.0
    assert statistics.difference([2.0], [1.0]).low is None


def test_the_correction_of_known_data(statistics):
    """As R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")."""
    assert statistics.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert statistics.holm([0.9, 0.8]) == [1.0, 1.0]
    assert statistics.holm([]) == []


def test_equivalence_agrees_with_two_tests_of_scipy(statistics, stats):
    import numpy as np  # noqa: PLC0415 - not while tests are collected

    a, b = times(seeded(3), 15), times(seeded(4), 12, median=10.1)
    equivalence = statistics.equivalence(a, b, 0.05)
    lower = stats.ttest_ind(np.log(a), np.log(b) - np.log(1.05), equal_var=False, alternative="greater")
    upper = stats.ttest_ind(np.log(a), np.log(b) + np.log(1.05), equal_var=False, alternative="less")
    assert equivalence.p == pytest.approx(max(lower.pvalue, upper.pvalue))
    assert equivalence.is_shown
    assert 1 / 1.05 < equivalence.low < equivalence.ratio < equivalence.high < 1.05


def test_the_interval_of_90_percent_decides_equivalence(statistics):
    for seed in range(60):
        rng = seeded(seed)
        equivalence = statistics.equivalence(times(rng, 8, spread=0.04), times(rng, 8, 10.2, 0.04), 0.05)
        assert equivalence.is_shown == (equivalence.low > 1 / 1.05 and equivalence.high < 1.05), seed


@pytest.mark.parametrize(
    ("a", "b", "margin"), [([1.0], [1.0, 2.0], 0.1), ([1.0, 0.0], [1.0, 2.0], 0.1), ([1.0, 2], [1.0, 2], 0)]
)
def test_equivalence_of_too_little_is_refused(statistics, a, b, margin):
    with pytest.raises(ValueError, match=r"two values|positive"):
        statistics.equivalence(a, b, margin)


def test_no_values_are_refused(statistics):
    with pytest.raises(ValueError, match="no values"):
        statistics.summarize([])
    with pytest.raises(ValueError, match="no values"):
        statistics.difference([1.0], [])


SEEDS, CELLS, RUNS = 100, 24, 20


def test_a_slowdown_of_5_percent_is_found_and_noise_is_not(statistics):
    """In a comparison of 24 cells one is 5 % slower; p-values are corrected for all 24."""
    slowdowns = false_alarms = 0
    for seed in range(SEEDS):
        rng = seeded(seed)
        p_values = [
            statistics.stats.mannwhitneyu(
                times(rng, RUNS, 10.5 if cell == 0 else 10.0), times(rng, RUNS)
            ).pvalue
            for cell in range(CELLS)
        ]
        corrected = statistics.holm(p_values)
        slowdowns += corrected[0] < 0.05
        false_alarms += min(corrected[1:]) < 0.05
    print(
        f"\n{RUNS} runs with a spread of 2 %: a slowdown of 5 % was found in {slowdowns} of {SEEDS}"
        f" comparisons, noise was taken for one in {false_alarms} of {SEEDS}"
    )
    assert slowdowns >= 95
    assert false_alarms <= 10


def test_equivalence_is_shown_for_noise_and_not_for_a_slowdown(statistics):
    shown_count = wrong_count = 0
    for seed in range(SEEDS):
        rng = seeded(seed)
        same = times(rng, RUNS)
        shown_count += statistics.equivalence(times(rng, RUNS), same, 0.05).is_shown
        wrong_count += statistics.equivalence(times(rng, RUNS, 10.5), same, 0.05).is_shown
    print(
        f"\nno difference beyond 5 % was shown for noise in {shown_count} of {SEEDS} comparisons,"
        f" for a slowdown of 5 % in {wrong_count} of {SEEDS}"
    )
    assert shown_count >= 95
    assert wrong_count <= 10
