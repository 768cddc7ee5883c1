"""A change of the build time is found where it happened, and noise is none."""

import random
from dataclasses import replace

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.steps import Step
from tests.records.example_record import RECORD

pytestmark = pytest.mark.slow  # numpy and many simulated series


@pytest.fixture(scope="module")
def trends():
    from pipeline.records import trend  # noqa: PLC0415 - not while tests are collected

    return trend


def series(seed, *parts, spread=0.05):
    """Times with these medians, each for so many builds; one build in twenty is three times as slow."""
    rng = random.Random(seed)  # noqa: S311 - reproducible
    return [
        median * rng.lognormvariate(0, spread) * (3 if rng.random() < 0.05 else 1)
        for median, count in parts
        for _ in range(count)
    ]


def builds(seconds, **more):
    return [
        replace(RECORD, scenario="", run=str(n), steps=(Step("build", each),), **more)
        for n, each in enumerate(seconds)
    ]


def test_a_change_is_found_within_two_builds_and_noise_is_not(trends):
    hits = near = false = 0
    for seed in range(100):
        changes = trends.change_points(series(seed, (10.0, 20), (13.0, 20)))
        hits += bool(changes)
        near += any(abs(change.place - 20) <= 2 for change in changes)
        false += bool(trends.change_points(series(1000 + seed, (10.0, 40))))
    print(
        f"\na change of 30 % after 20 builds: found in {hits} of 100 series, within 2 builds in {near};"
        f" noise taken for a change in {false} of 100"
    )
    assert near >= 95
    assert false <= 3


def test_two_changes_are_found_with_their_medians(trends):
    first, second = trends.change_points(series(3, (10.0, 15), (20.0, 15), (12.0, 15)))
    assert abs(first.place - 15) <= 2
    assert abs(second.place - 30) <= 2
    assert first.ratio == pytest.approx(2.0, rel=0.1)
    assert second.ratio == pytest.approx(0.6, rel=0.1)
    assert first.p < 0.01


def test_a_change_near_the_end_is_found(trends):
    near = 0
    for seed in range(50):
        changes = trends.change_points(series(seed, (10.0, 30), (20.0, 6)))
        near += any(abs(change.place - 30) <= 2 for change in changes)
    print(f"\na change to double with 6 builds after it: found within 2 builds in {near} of 50 series")
    assert near >= 35


@pytest.mark.parametrize("seconds", [[], [1.0], [1.0] * 40, [1.0, 9.0] * 3])
def test_too_few_or_equal_times_have_no_change(trends, seconds):
    assert trends.change_points(seconds) == []


def test_a_change_that_nobody_feels_is_not_named(trends):
    assert trends.change_points(series(1, (10.0, 50), (10.2, 50), spread=0.001)) == []


def test_equal_input_gives_equal_output(trends):
    seconds = series(3, (10.0, 15), (20.0, 15))
    assert trends.change_points(seconds) == trends.change_points(seconds)


def test_a_trend_is_of_one_image_one_machine_and_releases(trends):
    own = builds([1.0, 2.0, 3.0])
    others = [
        replace(own[0], image="api"),
        replace(own[0], scenario="cold"),
        replace(own[0], outcome="failed"),
        replace(own[0], machine="there"),
    ]
    trend = trends.trend([*others, *own], "app", 2)
    assert list(trend.builds) == own[1:]


def test_an_image_without_builds_is_refused(trends):
    with pytest.raises(
        TandemError, match="no build of image 'web' by a release is recorded: there are builds of app"
    ):
        trends.trend(builds([1.0]), "web", 9)
