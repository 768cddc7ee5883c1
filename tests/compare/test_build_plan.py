"""A plan says what comes next from what was measured alone, so that an interrupted comparison continues."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from pipeline.compare.build_plan import Plan, needed_runs
from pipeline.compare.measurement import Measurement, Variant, of_run, seconds_by_cell
from pipeline.compare.scenarios import Scenario
from pipeline.compare.schedule import next_cell, progress, require_same_machine, unfinished
from pipeline.core.errors import TandemError

PLAN = Plan(
    sizes=(("10 MB", 10_000_000), ("100 MB", 100_000_000)),
    variants=tuple(Variant),
    scenarios=(Scenario.COLD, Scenario.APP_ONLY),
    least=3,
    most=3,
    precision=0.05,
    budget=10_000.0,
    seed=7,
)
AT = "2026-01-02T03:04:05+00:00"


def measured(cell, seconds=1.0, **more):
    values = {"machine": "here", "seconds": seconds, "spent": seconds, **more}
    return Measurement("r1", AT, cell, **values)


def play(plan, done=(), seconds=lambda _: 1.0, most=10_000):
    """Measure until the plan is finished, or `most` times."""
    done = list(done)
    while len(done) < most and (cell := next_cell(plan, done)):
        done.append(measured(cell, seconds(cell)))
    return done


def test_every_cell_is_measured_as_often_as_planned():
    counts = Counter(each.cell for each in play(PLAN))
    assert len(counts) == 16
    assert set(counts.values()) == {3}


def test_sizes_come_one_after_the_other_and_rounds_are_complete():
    cells = [each.cell for each in play(PLAN)]
    assert [cell.size for cell in cells] == ["10 MB"] * 24 + ["100 MB"] * 24
    for start in range(0, 48, 8):
        assert len(set(cells[start : start + 8])) == 8


def test_the_order_differs_between_rounds_and_seeds_and_is_reproducible():
    first, again, other = play(PLAN), play(PLAN), play(replace(PLAN, seed=8))
    assert first == again
    rounds = [tuple(each.cell for each in first[start : start + 8]) for start in range(0, 24, 8)]
    assert len(set(rounds)) == 3
    assert [each.cell for each in first] != [each.cell for each in other]


@pytest.mark.parametrize("at", [1, 7, 8, 25, 47])
def test_an_interrupted_comparison_continues_where_it_ended(at):
    measurements = play(PLAN)
    assert play(PLAN, measurements[:at]) == measurements


def test_warm_ups_do_not_count():
    cell = next_cell(PLAN, [])
    warm_ups = [measured(cell, is_warm_up=True)] * 5
    assert next_cell(PLAN, warm_ups) == cell
    assert seconds_by_cell(warm_ups) == {}
    assert progress(PLAN, warm_ups).done == 0


@pytest.mark.slow
def test_a_cell_that_fails_three_times_in_a_row_is_not_tried_again():
    plan, done = replace(PLAN, sizes=PLAN.sizes[:1], least=5, most=5), []
    bad = plan.cells("10 MB")[0]
    while cell := next_cell(plan, done):
        done.append(measured(cell, error="broken" if cell == bad else ""))
    counts = Counter(each.cell for each in done)
    assert counts[bad] == 3
    assert counts[plan.cells("10 MB")[1]] == 5
    assert unfinished(plan, done)[0] == bad
    assert bad not in seconds_by_cell(done)


def test_a_failure_between_successes_is_tried_again():
    plan, done = replace(PLAN, sizes=PLAN.sizes[:1], least=7, most=7), []
    while cell := next_cell(plan, done):
        runs = sum(each.cell == cell for each in done)
        done.append(measured(cell, error="" if runs % 3 == 2 else "broken"))
    assert set(Counter(each.cell for each in done).values()) == {7}


def test_the_budget_ends_a_comparison():
    done = play(replace(PLAN, budget=20.0))
    assert sum(each.spent for each in done) <= 21.0
    assert {each.cell.size for each in done} == {"10 MB", "100 MB"}, "each size has its part"


def test_a_build_that_does_not_fit_into_the_budget_is_not_begun():
    plan = replace(PLAN, sizes=PLAN.sizes[:1], variants=(Variant.MONOLITH,), scenarios=(Scenario.COLD,))
    assert len(play(replace(plan, budget=25.0, most=9), seconds=lambda _: 10.0)) == 2


def test_what_a_small_size_does_not_use_a_large_one_gets():
    plan = replace(PLAN, least=20, most=20, budget=32.0)
    cheap = play(plan, seconds=lambda cell: 0.001 if cell.size == "10 MB" else 1.0)
    large = [each for each in cheap if each.cell.size == "100 MB"]
    assert sum(each.spent for each in large) > 28


def test_the_time_left_is_never_above_the_budget():
    done = play(PLAN, most=10, seconds=lambda _: 100.0)
    early = progress(replace(PLAN, budget=1_500.0), done)
    assert early.done == 10
    assert early.seconds_left <= 500.0
    assert progress(PLAN, play(PLAN)) == replace(early, done=48, expected=48, seconds_left=0.0)


def test_the_time_left_counts_cells_that_were_not_built_yet():
    assert progress(PLAN, []).seconds_left == PLAN.budget, "nothing is known yet"
    one_size = replace(PLAN, sizes=PLAN.sizes[:1])
    done = play(one_size, most=2, seconds=lambda _: 10.0)
    assert progress(one_size, done).seconds_left == pytest.approx(10.0 * (8 * 3 - 2))


def test_machines_are_never_mixed():
    done = [measured(PLAN.cells("10 MB")[0])]
    require_same_machine(done, "here", "tandem compare builds")
    with pytest.raises(TandemError, match=r"measured on another machine \(here, this is there\)"):
        require_same_machine(done, "there", "tandem compare builds")


@pytest.mark.parametrize(("comparisons", "runs"), [(0, 4), (1, 4), (3, 5), (9, 6), (18, 6), (36, 7), (54, 7)])
def test_enough_builds_are_planned_for_a_verdict(comparisons, runs):
    assert needed_runs(comparisons) == runs


def test_cells_are_compared_with_the_bloated_image():
    assert PLAN.comparisons == 12
    assert replace(PLAN, variants=(Variant.FUSED,)).comparisons == 0


def test_a_plan_comes_back_from_json():
    assert Plan.parse(PLAN.to_json()) == PLAN
    with pytest.raises(ValueError, match="no plan"):
        Plan.parse({"sizes": [["1 MB", 1]]})


def test_a_measurement_comes_back_from_its_record():
    measurement = measured(PLAN.cells("10 MB")[1], bytes_sent=3, images=("a", "b"), load=0.5)
    assert Measurement.parse(measurement.document()) == measurement
    assert of_run([measurement.document()], "r1") == [measurement]
    assert of_run([measurement.document()], "r2") == []
    torn = replace(measurement.document(), body={"cell": {}})
    assert of_run([torn, measurement.document()], "r1") == [measurement]


@pytest.mark.slow
def test_a_steady_cell_ends_early_and_an_unsteady_one_goes_on():
    rng = random.Random(1)  # noqa: S311 - reproducible
    plan = replace(PLAN, least=5, most=40, sizes=PLAN.sizes[:1], scenarios=(Scenario.COLD,))
    spread = {Variant.MONOLITH: 0.4, Variant.FUSED: 0.001}
    done = play(plan, seconds=lambda cell: 10 * rng.lognormvariate(0, spread.get(cell.variant, 0.03)))
    counts = Counter(each.cell.variant for each in done)
    assert counts[Variant.FUSED] == 5
    assert counts[Variant.MONOLITH] == 40
    assert unfinished(plan, done) == [plan.cells("10 MB")[0]]


@pytest.mark.slow
def test_an_interval_of_some_milliseconds_is_narrow():
    plan = replace(PLAN, least=5, most=40, sizes=PLAN.sizes[:1], scenarios=(Scenario.COLD,))
    rng = random.Random(1)  # noqa: S311 - reproducible
    assert len(play(plan, seconds=lambda _: rng.uniform(0.01, 0.03))) == 20
