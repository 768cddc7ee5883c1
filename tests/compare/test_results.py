"""Results compare each variant with the bloated image, and the table says what is known."""

from dataclasses import replace

import pytest

from pipeline.compare.build_plan import Plan
from pipeline.compare.measurement import Variant
from pipeline.compare.scenarios import Scenario
from tests.compare.test_build_plan import measured

pytestmark = pytest.mark.slow  # importing scipy takes most of a second

PLAN = Plan(
    sizes=(("10 MB", 10_000_000),),
    variants=(Variant.MONOLITH, Variant.SPLIT_LAYERS),
    scenarios=(Scenario.COLD, Scenario.APP_ONLY, Scenario.NOTHING),
    least=3,
    most=9,
    precision=0.05,
    budget=100.0,
    seed=7,
)


@pytest.fixture(scope="module")
def modules():
    from pipeline.compare import results, results_table  # noqa: PLC0415 - not while tests are collected

    return results, results_table


def runs(variant, scenario, seconds, **more):
    cell = next(cell for cell in PLAN.cells("10 MB") if (cell.variant, cell.scenario) == (variant, scenario))
    return [measured(cell, each, **more) for each in seconds]


STEADY = [10.0, 10.1, 10.2, 9.9, 10.05, 9.95]
DONE = [
    *runs(Variant.MONOLITH, Scenario.COLD, STEADY, bytes_sent=100),
    *runs(Variant.SPLIT_LAYERS, Scenario.COLD, [each / 2 for each in STEADY], bytes_sent=110),
    *runs(Variant.MONOLITH, Scenario.NOTHING, STEADY, bytes_sent=None),
    *runs(Variant.SPLIT_LAYERS, Scenario.NOTHING, STEADY, bytes_changed=0),
    *runs(Variant.MONOLITH, Scenario.APP_ONLY, [0.0], error="broken"),
    *runs(Variant.MONOLITH, Scenario.APP_ONLY, [0.0], error="broken", is_warm_up=True),
]


def test_faster_slower_and_no_difference_are_told_apart(modules):
    results, _ = modules
    cell_results = results.results(PLAN, DONE)
    cold = results.find(cell_results, "10 MB", Variant.SPLIT_LAYERS, Scenario.COLD)
    assert cold.verdict == "faster"
    assert cold.difference.ratio == pytest.approx(2.0, rel=0.02)
    assert cold.summary.n == 6
    nothing = results.find(cell_results, "10 MB", Variant.SPLIT_LAYERS, Scenario.NOTHING)
    assert nothing.verdict == "no difference within ±5 %"
    assert nothing.bytes_changed == 0
    slower = [
        replace(each, seconds=4 * each.seconds) if each.counts and each.cell == cold.cell else each
        for each in DONE
    ]
    again = results.find(results.results(PLAN, slower), "10 MB", Variant.SPLIT_LAYERS, Scenario.COLD)
    assert again.verdict == "slower"


def test_p_values_are_corrected_for_their_number(modules):
    results, _ = modules
    cell_results = results.results(PLAN, DONE)
    cold = results.find(cell_results, "10 MB", Variant.SPLIT_LAYERS, Scenario.COLD)
    assert cold.p == pytest.approx(2 * cold.difference.p)


def test_failures_are_counted_without_warm_ups(modules):
    results, _ = modules
    cell_results = results.results(PLAN, DONE)
    failed = results.find(cell_results, "10 MB", Variant.MONOLITH, Scenario.APP_ONLY)
    assert (failed.summary, failed.failures, failed.verdict) == (None, 1, "")
    assert results.find(cell_results, "11 MB", Variant.MONOLITH, Scenario.COLD) is None


def test_the_table_has_every_cell_and_its_n(modules):
    results, results_table = modules
    text = results_table.results_table(PLAN, results.results(PLAN, DONE), "here, 2 cores")
    lines = text.splitlines()
    assert lines[0].split() == ["10", "MB", "monolith", "split-layers"]
    assert "10.0 ±0.1 (6)" in lines[1]
    assert "5.01 ±0.06 (6) 2.0x" in lines[1]
    assert "failed" in lines[2]
    assert "not measured" in lines[2]
    assert "(6) =1.0x" in lines[3]
    assert text.endswith("on here, 2 cores")


def test_results_are_json(modules):
    import json  # noqa: PLC0415 - beside its only use

    results, _ = modules
    values = [result.to_json() for result in results.results(PLAN, DONE)]
    again = json.loads(json.dumps(values))
    assert again[3]["verdict"] == "faster"
    assert again[3]["summary"]["n"] == 6


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_builds_are_no_verdict(modules, count):
    results, _ = modules
    few = [
        *runs(Variant.MONOLITH, Scenario.COLD, STEADY[:count]),
        *runs(Variant.SPLIT_LAYERS, Scenario.COLD, [each / 2 for each in STEADY[:count]]),
    ]
    cold = results.find(results.results(PLAN, few), "10 MB", Variant.SPLIT_LAYERS, Scenario.COLD)
    assert cold.verdict == "too few builds to tell"
    assert cold.difference.ratio == pytest.approx(2.0)


def test_the_planned_number_of_builds_is_just_enough_for_a_verdict(modules):
    from pipeline.compare.build_plan import needed_runs  # noqa: PLC0415 - beside its only use

    results, _ = modules
    for scenarios in (1, 3):
        plan = Plan(PLAN.sizes, PLAN.variants, PLAN.scenarios[:scenarios], 1, 9, 0.05, 1.0, 1)
        needed = needed_runs(plan.comparisons)
        for count, verdict in ((needed, "faster"), (needed - 1, "too few builds to tell")):
            done = [
                run
                for scenario in plan.scenarios
                for variant, seconds in ((Variant.MONOLITH, 10.0), (Variant.SPLIT_LAYERS, 1.0))
                for run in runs(variant, scenario, [seconds + each / 100 for each in range(count)])
            ]
            cold = results.find(results.results(plan, done), "10 MB", Variant.SPLIT_LAYERS, Scenario.COLD)
            assert cold.verdict == verdict, (scenarios, count)
