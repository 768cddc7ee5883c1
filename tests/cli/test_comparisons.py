"""The comparisons of builds, serving and starts refuse, tell and end alike."""

from dataclasses import fields

import pytest

from pipeline.cli import comparisons
from pipeline.cli.compare_plan import PlanOptions
from pipeline.cli.compare_serving_plan import ServingOptions
from pipeline.cli.compare_start_plan import StartOptions
from pipeline.cli.main import app
from pipeline.compare.schedule import Progress
from pipeline.core.errors import TandemError
from tests.compare.experiments import PLAN, trial
from tests.support.command_line import CliRunner

OPTIONS = {"builds": PlanOptions, "serving": ServingOptions, "start": StartOptions}
COMMANDS = pytest.mark.parametrize("command", OPTIONS)


def options(command, values):
    return OPTIONS[command](**{field.name: values[field.name] for field in fields(OPTIONS[command])})


ALL = {
    **{key: ["x"] for key in ("size", "layout", "workload", "variant", "scenario")},
    **dict.fromkeys(("minutes", "runs", "precision", "margin", "connections", "seconds"), 1),
    "quick": True,
    "preset": "article",
    "seed": 0,
}
NONE = dict.fromkeys(ALL) | {"quick": False, "preset": "default"}


@COMMANDS
def test_every_option_beside_resume_is_refused_by_name(command):
    with pytest.raises(TandemError) as caught:
        options(command, ALL).require_none()
    assert caught.value.hint == f"tandem compare {command} --resume"
    for field in fields(OPTIONS[command]):
        assert f"--{field.name}" in caught.value.message
        with pytest.raises(TandemError, match=rf"leave out --{field.name}$"):
            options(command, NONE | {field.name: ALL[field.name]}).require_none()
    options(command, NONE).require_none()
    options(command, NONE | {"size": []}).require_none()


@COMMANDS
def test_resume_makes_no_plan_of_its_own(command, tmp_path, monkeypatch):
    """The plan is the one that was recorded: `start` would say which sizes it leaves out."""
    monkeypatch.setattr(OPTIONS[command], "plan", lambda _: pytest.fail("a plan was made"))
    (tmp_path / "tandem.toml").write_text(
        "".join(f'[sources.{n}]\nrepository="x"\n' for n in ("app", "static", "api"))
    )
    result = CliRunner().invoke(app, ["compare", command, "--resume", "--project", str(tmp_path)])
    assert isinstance(result.exception, TandemError)
    assert "the local stack is not running" in result.exception.message


def test_who_interrupts_a_comparison_learns_how_to_go_on(capsys):
    with pytest.raises(KeyboardInterrupt), comparisons.resumable("tandem compare start"):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == (
        "what was measured is stored; continue with: tandem compare start --resume\n"
    )
    with comparisons.resumable("tandem compare start"):
        pass
    assert not capsys.readouterr().err


def test_a_run_is_shown_with_its_place_and_the_time_left(capsys):
    comparisons.show_run(Progress(3, 12, 90.0), "150 MB fused: 1 s")
    comparisons.show_run(Progress(3, 12, 600.0), "150 MB fused: 2 s", warm_up="warm-up")
    assert capsys.readouterr().err.splitlines() == [
        "        3/12,  1.5 min left  150 MB fused: 1 s",
        "     warm-up, 10.0 min left  150 MB fused: 2 s",
    ]


@pytest.mark.slow
def test_medians_that_are_not_known_well_are_counted(capsys):
    cells = PLAN.cells("150 MB")
    precise = [trial(cell) for cell in cells[2:] for _ in range(PLAN.least)]
    comparisons.show_imprecise(PLAN, precise, "trials")
    assert capsys.readouterr().err == (
        "2 of 9 medians are not known as precisely as planned: the budget is used, or trials failed\n"
    )
    comparisons.show_imprecise(PLAN, [*precise, *(trial(c) for c in cells[:2] for _ in range(8))], "trials")
    assert not capsys.readouterr().err
