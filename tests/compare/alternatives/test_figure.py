"""Figures keep their range, their basis and their sources through arithmetic."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.compare.alternatives.citations import Citation
from pipeline.compare.alternatives.figure import NOTHING, Estimate, exactly, total

OURS = Estimate.measured(2.0)
THEIRS = Estimate.documented(1.0, 3.0, Citation.S3_LATENCY)
AMOUNT = st.floats(0.001, 1e9)
RANGE = st.tuples(AMOUNT, AMOUNT).map(lambda pair: Estimate(min(pair), max(pair), is_measured=False))


def test_a_sum_is_measured_only_if_all_of_it_is() -> None:
    twice = OURS + OURS
    assert twice == Estimate(4.0, 4.0, is_measured=True, sources=(Citation.MEASURED,))
    both = OURS + THEIRS
    assert (both.low, both.high, both.is_measured) == (3.0, 5.0, False)
    assert both.sources == (Citation.MEASURED, Citation.S3_LATENCY)
    assert total([]) == NOTHING


def test_an_amount_at_a_rate_takes_longest_at_the_slowest_rate() -> None:
    took = exactly(600.0).at_rate(Estimate.documented(10.0, 60.0, Citation.FARGATE_SMALL))
    assert (took.low, took.high, took.is_measured) == (10.0, 60.0, False)
    assert took.sources == (Citation.FARGATE_SMALL,)


def test_of_two_limits_the_longer_counts() -> None:
    limit = THEIRS.at_least(Estimate.documented(2.0, 2.5, Citation.CLI_REQUESTS))
    assert (limit.low, limit.high) == (2.0, 3.0)
    assert limit.sources == (Citation.S3_LATENCY, Citation.CLI_REQUESTS)
    assert not OURS.at_least(THEIRS).is_measured


@settings(max_examples=25)
@given(RANGE, RANGE, st.floats(0.0, 100.0))
def test_low_stays_below_high(first: Estimate, second: Estimate, count: float) -> None:
    for each in (first + second, first.times(count), first.at_rate(second), first.at_least(second)):
        assert each.low <= each.high
