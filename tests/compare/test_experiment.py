"""An experiment is measured in turns, keeps its failures, continues where it ended, and survives storage."""

from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest

from pipeline.compare import experiment_run
from pipeline.compare.experiment import (
    Experiment,
    ExperimentPlan,
    Figure,
    StartedExperiment,
    Trial,
    experiments,
    trials,
)
from pipeline.compare.experiment_run import FailedTrialError
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project, Settings
from pipeline.records import machine
from pipeline.records.build_records import Records
from pipeline.records.document import EXPERIMENT, TRIAL, Document

KIND = Experiment("test", "tandem compare test", (Figure("rate", "rate", "/s", more_is_better=True),))
PLAN = ExperimentPlan((("1 MB", 10**6),), ("monolith", "sidecar"), ("a", "b"), 3, 3, 0.05, 1000.0, 7)


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setattr(experiment_run, "tool_versions", dict)
    sources = {name: {"repository": "x"} for name in ("app", "static", "api")}
    project = Project(tmp_path, Settings.model_validate({"sources": sources}))
    return SimpleNamespace(project=project, records=Records(tmp_path / "records.sqlite"))


class Equipment:
    """Gives a measure that answers `play(cell)`; says what was measured and whether it was put away."""

    def __init__(self, play=lambda _cell: {"rate": 5.0, "errors": 0.0}):
        self.play, self.calls, self.open = play, [], 0

    @contextmanager
    def __call__(self, _plan):
        self.open += 1
        try:
            yield self.measure
        finally:
            self.open -= 1

    def measure(self, cell, is_warm_up):
        self.calls.append((cell, is_warm_up))
        return self.play(cell)


def silent(*_):
    """Report nothing."""


def test_every_cell_is_warmed_up_once_and_measured_as_planned(session):
    equipment = Equipment()
    done = experiment_run.start(session, KIND, PLAN, equipment, silent).done
    assert Counter(each.cell for each in done if each.counts) == dict.fromkeys(PLAN.cells("1 MB"), 3)
    assert Counter(each.cell for each in done if each.is_warm_up) == dict.fromkeys(PLAN.cells("1 MB"), 1)
    assert [(each.cell, each.is_warm_up) for each in done] == equipment.calls
    assert equipment.open == 0
    assert trials(session.records.documents(), done[0].run) == done
    (started,) = experiments(session.records.documents(), "test")
    assert (started.run, started.plan, started.machine) == (done[0].run, PLAN, machine.describe())


def test_rounds_are_whole_and_their_order_differs(session):
    done = experiment_run.start(session, KIND, PLAN, Equipment(), silent).done
    cells = [each.cell for each in done if each.counts]
    rounds = [tuple(cells[at : at + 4]) for at in range(0, 12, 4)]
    assert all(set(each) == set(PLAN.cells("1 MB")) for each in rounds)
    assert len(set(rounds)) > 1


def test_a_failed_trial_is_kept_with_its_figures_and_counts_nowhere(session):
    bad = PLAN.cells("1 MB")[0]

    def play(cell):
        if cell == bad:
            raise FailedTrialError("7 of 9 requests failed", {"errors": 7.0})
        return {"rate": 5.0}

    done = experiment_run.start(session, KIND, PLAN, Equipment(play), silent).done
    failed = [each for each in done if each.cell == bad and not each.is_warm_up]
    assert [each.error for each in failed] == ["7 of 9 requests failed"] * 3
    assert failed[0].figures == {"errors": 7.0}
    assert not any(each.counts for each in failed)
    assert sum(each.counts for each in done) == 9


def test_an_interrupted_experiment_continues_where_it_ended(session):
    def stop(_trial, progress):
        if progress.done == 5:
            raise KeyboardInterrupt

    first, second = Equipment(), Equipment()
    with pytest.raises(KeyboardInterrupt):
        experiment_run.start(session, KIND, PLAN, first, stop)
    assert first.open == 0
    resumed = experiment_run.resume(session, KIND, second, silent)
    assert sum(each.counts for each in resumed.done) == 12
    assert sum(not warm for _, warm in second.calls) == 7
    with pytest.raises(TandemError, match="no unfinished comparison of test") as caught:
        experiment_run.resume(session, KIND, second, silent)
    assert caught.value.hint == "tandem compare test"


def test_machines_are_never_mixed(session):
    started = StartedExperiment("test", "r1", "2026-01-02", PLAN, "there")
    session.records.add(started)
    session.records.add(Trial("r1", "2026-01-02", PLAN.cells("1 MB")[0], "there", 5.0, 1.0))
    equipment = Equipment()
    with pytest.raises(TandemError, match=r"another machine \(there, this is") as caught:
        experiment_run.resume(session, KIND, equipment, silent)
    assert caught.value.hint == "tandem compare test"
    assert equipment.calls == []


def test_an_experiment_does_not_run_beside_another_comparison(session):
    with (
        experiment_run.alone(session.project),
        pytest.raises(TandemError, match="another comparison runs"),
    ):
        experiment_run.start(session, KIND, PLAN, Equipment(), silent)
    assert session.records.documents() == []


def test_an_experiment_whose_equipment_fails_is_not_recorded(session):
    @contextmanager
    def broken(_plan):
        raise TandemError("no wrk")
        yield  # pragma: no cover - a context manager yields

    with pytest.raises(TandemError, match="no wrk"):
        experiment_run.start(session, KIND, PLAN, broken, silent)
    assert session.records.documents() == []


def test_the_budget_ends_an_experiment(session, monkeypatch):
    clock = iter(range(0, 10**6, 10))
    monkeypatch.setattr(experiment_run.time, "monotonic", lambda: float(next(clock)))
    plan = replace(PLAN, least=50, most=50, budget=200.0)
    done = experiment_run.start(session, KIND, plan, Equipment(), silent).done
    assert 150 <= sum(each.spent for each in done) <= 200


def test_records_of_another_shape_are_left_out():
    cell = PLAN.cells("1 MB")[0]
    document = Trial("r1", "2026-01-02", cell, "here", 5.0, 1.0, {"rate": 5.0}).document()
    started = StartedExperiment("test", "r1", "2026-01-02", PLAN, "here").document()
    bodies = [
        {},
        {"cell": 3},
        dict(document.body) | {"cell": {"size": "1"}},
        dict(document.body) | {"figures": [1]},
    ]
    bodies.append(dict(document.body) | {"figures": {"rate": "fast"}})
    documents = [document, *(Document(TRIAL, "2026", "r1", body) for body in bodies)]
    assert [each.cell for each in trials(documents, "r1")] == [cell]
    plans = [{}, {"plan": 1}, dict(started.body) | {"plan": {}}, dict(started.body) | {"tools": 1}]
    plans.append(dict(started.body) | {"plan": dict(started.body["plan"]) | {"options": 3}})
    odd = [Document(EXPERIMENT, "2026", "r2", {"experiment": "test"} | body) for body in plans]
    assert [each.run for each in experiments([started, *odd], "test")] == ["r1"]
    assert experiments([started], "start") == []


def test_a_newer_version_may_add_fields():
    cell = PLAN.cells("1 MB")[0]
    document = Trial("r1", "2026-01-02", cell, "here", 5.0, 1.0).document()
    newer = replace(document, body=dict(document.body) | {"colour": "red"})
    assert trials([newer], "r1") == trials([document], "r1")
