"""What is measured fits into the budget; what is no size or layout is refused in a sentence."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.compare.experiment import ExperimentPlan
from pipeline.compare.start import plans
from pipeline.compare.start.figures import RATE
from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT


def test_the_whole_comparison_has_the_sizes_and_layouts_of_the_issue():
    plan = plans.default()
    assert [label for label, _ in plan.sizes] == ["80 MB", "150 MB", "300 MB", "1 GB"]
    assert plan.variants == ("monolith", "sidecar", "fused")
    assert plan.margin == 0.1
    assert plan.least == 6, "with fewer no corrected difference of eight can be shown"
    assert ExperimentPlan.parse(plan.to_json()) == plan
    assert plan.options[RATE] > 0


def test_two_rounds_of_the_whole_and_of_the_quick_comparison_fit():
    for plan in (plans.default(), plans.quick()):
        assert plans.fitting(plan) == (plan, [])
    assert plans.quick().budget == 120


def test_a_size_that_does_not_fit_is_left_out_with_all_larger_ones():
    plan = replace(plans.default(), budget=300.0)
    fitting_plan, other_sizes = plans.fitting(plan)
    assert [label for label, _ in fitting_plan.sizes] + other_sizes == ["80 MB", "150 MB", "300 MB", "1 GB"]
    assert other_sizes[-1] == "1 GB"
    needed = sum(plans.seconds_needed(size, 3) for _, size in fitting_plan.sizes)
    assert 0 < needed <= 300 < needed + plans.seconds_needed(plan.sizes[len(fitting_plan.sizes)][1], 3)
    assert replace(fitting_plan, sizes=plan.sizes) == plan


def test_a_budget_below_the_smallest_size_is_refused_with_one_that_works():
    plan = replace(plans.default(), budget=6.0)
    with pytest.raises(
        TandemError, match=r"0\.1 minutes are too few to start each layout twice with 80 MB"
    ) as caught:
        plans.fitting(plan)
    command, _, minutes = caught.value.hint.rpartition(" ")
    assert command == 'tandem compare start --size "80 MB" --minutes'
    assert plans.fitting(replace(plans.with_cells(plan, ["80 MB"], None), budget=60 * float(minutes)))


def test_more_content_takes_longer_and_so_do_more_layouts():
    assert plans.seconds_needed(2_000_000, 3) < plans.seconds_needed(3_000_000, 3)
    assert plans.seconds_needed(2_000_000, 1) < plans.seconds_needed(2_000_000, 2)


def test_layouts_are_taken_once_each_and_unknown_ones_refused():
    plan = plans.with_cells(plans.default(), None, ["fused", "monolith", "fused"])
    assert plan.variants == ("fused", "monolith")
    with pytest.raises(TandemError, match="there is no layout 'split': there are monolith, sidecar, fused"):
        plans.parse_layouts(["split"])


def test_without_a_number_there_are_enough_starts_for_a_verdict():
    plan = plans.with_cells(plans.default(), ["80 MB"], ["monolith", "sidecar"])
    assert plans.with_runs(plan, None).least == 4
    assert plans.with_runs(plan, 2).least == 2
    many = plans.with_runs(plan, 30)
    assert (many.least, many.most) == (30, 30)
    assert plans.with_runs(plans.quick(), None).least == 2


@pytest.fixture
def project(tmp_path):
    (tmp_path / "tandem.toml").write_text((ROOT / "tandem.toml").read_text())
    return str(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--size", "many"], "'many' is no size of content"),
        (["--size", "80 MB", "--size", "80 MB"], "a size is named twice: 80 MB, 80 MB"),
        (["--size", "0 MB"], "'0 MB' is no size of content"),
        (["--layout", "split"], "there is no layout 'split': there are monolith, sidecar, fused"),
        (["--resume", "--quick"], "--resume continues a comparison with its own plan: leave out --quick"),
        (["--resume", "--size", "80 MB", "--seed", "0"], "--resume continues a comparison with its own plan"),
        (["--minutes", "0.2"], "0.2 minutes are too few to start each layout twice with 80 MB"),
    ],
)
def test_wrong_input_is_refused_in_one_sentence_before_anything_starts(project, options, message):
    with pytest.raises(TandemError) as caught:
        app(["compare", "start", "--project", project, *options], standalone_mode=False)
    assert caught.value.message.startswith(message)
    assert "\n" not in caught.value.message
    assert caught.value.hint
    assert "builds" not in caught.value.hint


def test_without_a_stack_it_says_how_to_start_one(project):
    with pytest.raises(TandemError, match="the local stack is not running") as caught:
        app(["compare", "start", "--project", project], standalone_mode=False)
    assert caught.value.hint == "tandem up"


@pytest.mark.parametrize(
    "options",
    [
        ["--minutes", "0"],
        ["--minutes", "nan"],
        ["--minutes", "inf"],
        ["--runs", "0"],
        ["--precision", "nan"],
        ["--margin", "0"],
        ["--margin", "-5"],
    ],
)
def test_limits_that_are_none_are_refused(options):
    assert CliRunner().invoke(app, ["compare", "start", *options]).exit_code == 2
