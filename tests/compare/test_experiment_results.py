"""An experiment says "no difference" only where it is shown, and names what is better and what is worse."""

import random
from dataclasses import replace

import pytest

from pipeline.compare.serving.figures import CPU, MEDIAN, RATE, SERVING
from tests.compare.experiments import PLAN, example, trial

pytestmark = pytest.mark.slow  # importing scipy takes most of a second


@pytest.fixture(scope="module")
def results():
    from pipeline.compare import experiment_results  # noqa: PLC0415 - not while tests are collected

    return experiment_results


def verdicts(results, measured, figure):
    figure_results = results.figure_results(measured.started.plan, [figure], measured.trials)
    return {(each.cell.variant, each.cell.case): each.verdict for each in figure_results if each.verdict}


def test_equal_layouts_show_no_difference_in_every_figure(results):
    for figure in SERVING.figures:
        by_cell = verdicts(results, example(), figure)
        assert set(by_cell.values()) == {"no difference shown (within ±5 %)"}
        assert len(by_cell) == 6


def test_more_requests_are_better_and_more_cpu_is_worse(results):
    slow = example(factors={("sidecar", "large-asset"): 0.8, ("fused", "small-page"): 1.3})
    rate, cpu, median = (verdicts(results, slow, figure) for figure in (RATE, CPU, MEDIAN))
    assert rate["sidecar", "large-asset"] == cpu["sidecar", "large-asset"] == "worse"
    assert rate["fused", "small-page"] == cpu["fused", "small-page"] == "better"
    assert median["sidecar", "large-asset"] == "worse"
    assert rate["sidecar", "small-page"] == "no difference shown (within ±5 %)"


def test_few_or_noisy_runs_say_that_they_cannot_tell(results):
    assert set(verdicts(results, example(count=1), RATE).values()) == {"too few runs to tell"}
    assert set(verdicts(results, example(count=3, spread=0.2), RATE).values()) == {"too few runs to tell"}


def test_a_small_difference_within_the_margin_is_none(results):
    measured = example(factors={("sidecar", "large-asset"): 1.02}, spread=0.003)
    assert verdicts(results, measured, RATE)["sidecar", "large-asset"] == "no difference shown (within ±5 %)"
    tight = replace(measured, started=replace(measured.started, plan=replace(PLAN, margin=0.01)))
    assert verdicts(results, tight, RATE)["sidecar", "large-asset"] == "better"


def test_the_correction_is_for_all_comparisons_of_a_figure(results):
    figure_results = results.figure_results(PLAN, [RATE], example(count=5, spread=0.03).trials)
    compared = [each for each in figure_results if each.equivalence]
    best = min(compared, key=lambda each: each.equivalence.p)
    assert best.p_equal == pytest.approx(6 * best.equivalence.p)
    assert max(each.p_different for each in compared) <= 1
    assert min(each.p_different for each in compared) == pytest.approx(
        min(1.0, 6 * min(each.difference.p for each in compared))
    )


def test_noise_is_seldom_taken_for_a_difference_or_for_equality(results):
    """Of 60 experiments with a true difference at the margin, at most a tenth claim that there is none."""
    rng = random.Random(3)  # noqa: S311 - reproducible
    cells = [cell for cell in PLAN.cells("150 MB") if cell.case == "small-page" and cell.variant != "fused"]
    wrong = 0
    for _ in range(60):
        done = [
            trial(cell, 1000 * (1.05 if cell.variant == "sidecar" else 1) * rng.lognormvariate(0, 0.02))
            for cell in cells
            for _ in range(8)
        ]
        (verdict,) = [each.verdict for each in results.figure_results(PLAN, [RATE], done) if each.verdict]
        wrong += verdict.startswith("no difference")
    assert wrong <= 6


def test_a_figure_of_zero_is_compared_with_nothing(results):
    cells = PLAN.cells("150 MB")
    done = [replace(trial(cell), figures={RATE.key: 0.0}) for cell in cells for _ in range(3)]
    figure_results = results.figure_results(PLAN, [RATE], done)
    assert len(figure_results) == 9
    assert {each.verdict for each in figure_results} == {""}


def test_without_the_base_nothing_is_compared(results):
    alone = replace(PLAN, variants=("sidecar",))
    measured = example(alone)
    assert alone.comparisons == 0
    assert verdicts(results, measured, RATE) == {}


def test_warm_ups_and_failures_count_nowhere(results):
    cell = PLAN.cells("150 MB")[0]
    done = [trial(cell), trial(cell, 1.0, is_warm_up=True), trial(cell, 2.0, error="no answer")]
    (figure_result,) = results.figure_results(PLAN, [RATE], done)
    assert (figure_result.summary.n, figure_result.summary.median) == (1, 1000.0)
    assert results.counts(PLAN, done)[0] == results.CellCount(cell, 1, 1)
