"""A comparison is resumed if it is unfinished, on its machine, and never beside another."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from pipeline.compare import builds
from pipeline.compare.alone import alone
from pipeline.compare.build_plan import Plan
from pipeline.compare.builds import StartedComparison
from pipeline.compare.measurement import Variant
from pipeline.compare.scenarios import Scenario
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project, Settings
from pipeline.records import machine
from pipeline.records.build_records import Records
from tests.compare.test_build_plan import measured

PLAN = Plan((("1 MB", 10**6),), (Variant.FUSED,), (Scenario.COLD,), 2, 2, 0.05, 60.0, 1)


@pytest.fixture
def session(tmp_path):
    sources = {name: {"repository": "x"} for name in ("app", "static", "api")}
    project = Project(tmp_path, Settings.model_validate({"sources": sources}))
    return SimpleNamespace(project=project, records=Records(tmp_path / "records.sqlite"))


@pytest.fixture
def ran(monkeypatch):
    """The comparisons that would be measured."""
    runs = []
    monkeypatch.setattr(builds, "_run", lambda _session, started, _report: runs.append(started.run))
    return runs


def add(session, run, count, where):
    started = StartedComparison(run, "2026-01-02", PLAN, where)
    session.records.add(started)
    for number in range(count):
        cell = PLAN.cells("1 MB")[0]
        session.records.add(
            replace(measured(cell), run=run, machine=where, started_at=f"2026-01-0{number + 1}")
        )


def resume(session):
    return builds.resume(session, lambda *_: None)


def test_the_last_unfinished_comparison_is_resumed(session, ran):
    for run, count in (("old", 1), ("newer", 1), ("finished", 2)):
        add(session, run, count, machine.describe())
    resume(session)
    assert ran == ["newer"]


def test_a_comparison_of_another_machine_is_not_resumed(session, ran):
    add(session, "r1", 1, "there")
    with pytest.raises(TandemError, match=r"measured on another machine \(there, this is"):
        resume(session)
    assert ran == []


def test_without_an_unfinished_comparison_nothing_is_resumed(session, ran):
    add(session, "r1", 2, machine.describe())
    with pytest.raises(TandemError, match="there is no unfinished comparison"):
        resume(session)
    assert ran == []


@pytest.mark.slow
def test_beside_another_comparison_none_starts_and_none_is_resumed(session, ran):
    add(session, "r1", 1, machine.describe())
    with alone(session.project):
        with pytest.raises(TandemError, match="another comparison runs"):
            resume(session)
        with pytest.raises(TandemError, match="another comparison runs"):
            builds.start(session, PLAN, lambda *_: None)
    assert ran == []
    assert len(builds.comparisons(session.records.documents())) == 1, "none was recorded as started"


@pytest.mark.slow
def test_a_comparison_is_recorded_when_it_starts(session, ran):
    builds.start(session, PLAN, lambda *_: None)
    (started,) = builds.comparisons(session.records.documents())
    assert ran == [started.run]
    assert started.plan == PLAN
    assert started.machine == machine.describe()
    assert "git" in started.tools
