"""A comparison builds both ways, refuses what measures nothing, and never ends `make up`."""

from dataclasses import dataclass, replace

import pytest

from pipeline.compare import side_by_side
from pipeline.core import timeline
from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.values import Digest, ImageRef, Source
from pipeline.deploy.session import Session
from pipeline.git import sources
from pipeline.git.command import git_text
from pipeline.records.build_records import BuildRecord
from tests.support.repositories import made_examples, project_of

LOGO = next((ROOT / "examples" / "static" / "assets").glob("logo.*.svg")).name


@dataclass(frozen=True)
class Builder:
    """Builds an image whose digest is that of the source's whole tree, or one that never changes."""

    session: Session
    ignores: frozenset
    scenario: str
    run: str
    cache: bool = True
    bytes_changed: int | None = None

    def build(self, name, commits, before):
        del before
        parts = ["app", "static"] if name == "monolith" else [name]
        trees = "".join(sources.tree_id(self.session.project, commits[Source(part)]) for part in parts)
        fill = "0" * 64 if name in self.ignores else (trees + "0" * 64)[:32] + trees[-32:]
        digest = Digest(f"sha256:{fill}")
        ids = {part: commits[Source(part)].id for part in parts}
        self.session.records.add(
            BuildRecord(
                started_at="2026-01-02T03:04:05",
                image=name,
                scenario=self.scenario,
                run=self.run,
                commits=ids,
                digest=str(digest),
                cache="cold",
                bytes_sent=1,
                steps=(),
                machine="here",
                trigger=timeline.why(),
                bytes_changed=self.bytes_changed,
            )
        )
        return ImageRef(f"host/{name}", digest)

    image = build


class PlayedSession(Session):
    ignores: frozenset = frozenset()

    def builder(self, *, scenario="", run="", prefix=""):
        del prefix
        return Builder(self, PlayedSession.ignores, scenario, run)


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setattr(PlayedSession, "ignores", frozenset())
    return PlayedSession(made_examples(project_of(tmp_path)), "local", None)


def heads(session):
    return {source: sources.head(session.project, source) for source in (Source.APP, Source.STATIC)}


@pytest.mark.slow
def test_every_scenario_is_measured_both_ways(session):
    side_by_side.compare(session)
    assert [(record.scenario, record.image) for record in session.records.all()] == [
        *(("cold", image) for image in ("monolith", "app", "static")),
        *(("app-only", image) for image in ("monolith", "app")),
        *(("static-one-file", image) for image in ("monolith", "static")),
    ]
    assert {record.trigger for record in session.records.all()} == {"tandem compare"}


@pytest.mark.slow
def test_each_build_is_recorded_with_the_bytes_of_the_files_that_it_follows(session):
    side_by_side.compare(session)
    changed = {(each.scenario, each.image): each.bytes_changed for each in session.records.all()}
    assert {image: changed["cold", image] for image in ("monolith", "app", "static")} == dict.fromkeys(
        ("monolith", "app", "static")
    ), "everything is new"
    for scenario, source, file in (
        ("app-only", Source.APP, "html/404.html"),
        ("static-one-file", Source.STATIC, f"assets/{LOGO}"),
    ):
        where = sources.locate(session.project, source)
        before = int(git_text("cat-file", "-s", f"main:{file}", repository=where))
        added = {changed[scenario, image] - before for image in ("monolith", source.value)}
        assert len(added) == 1, "both ways carry the same change"
        assert 0 < added.pop() < 100, "one line more"


@pytest.mark.slow
def test_a_scenario_that_changed_no_image_is_refused(session, monkeypatch):
    monkeypatch.setattr(PlayedSession, "ignores", frozenset({"app"}))
    with pytest.raises(TandemError, match=r"app-only measures nothing: it changed html/.* image app stayed"):
        side_by_side.compare(session)


@pytest.mark.slow
def test_up_measures_once_for_the_same_commits(session):
    side_by_side.measure_unless_current(session, heads(session))
    count = len(session.records.all())
    side_by_side.measure_unless_current(session, heads(session))
    assert len(session.records.all()) == count


@pytest.mark.slow
def test_up_measures_again_when_a_commit_is_another(session):
    side_by_side.measure_unless_current(session, heads(session))
    count = len(session.records.all())
    moved = {**heads(session), Source.STATIC: replace(heads(session)[Source.STATIC], id="3" * 40)}
    side_by_side.measure_unless_current(session, moved)
    assert len(session.records.all()) == 2 * count


@pytest.mark.slow
def test_a_comparison_that_fails_does_not_end_up(session, monkeypatch, capsys):
    monkeypatch.setattr(PlayedSession, "ignores", frozenset({"static"}))
    side_by_side.measure_unless_current(session, heads(session))
    assert "the comparison of builds is left out: scenario static-one-file" in capsys.readouterr().err
