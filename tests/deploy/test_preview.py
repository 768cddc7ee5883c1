"""A preview builds and compares, and releases nothing."""

from typing import Any

import pytest
import typer

from pipeline.cli.commands.preview import preview as preview_verb
from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, Source
from pipeline.deploy.preview import Preview, _cell, preview, seconds_of
from pipeline.deploy.release import release
from pipeline.git import sources
from tests.support.stage_session import StageSession


@pytest.fixture
def released(session: StageSession, monkeypatch: pytest.MonkeyPatch) -> StageSession:
    monkeypatch.setattr(sources, "changed_subjects", lambda *_: ["Add a page | <b>@all</b> [x](y)"])
    release(session, "first")
    session.played.applied.clear()
    return session


def app(digit: str) -> dict[Source, Commit]:
    return {Source.APP: Commit(Source.APP, digit * 40, "Add a page")}


def test_it_builds_the_commit_and_changes_nothing(released: StageSession) -> None:
    before = (released.store.trail(), released.store.numbers(), released.store.state())
    made = preview(released, app("2"))
    assert (released.store.trail(), released.store.numbers(), released.store.state()) == before
    assert released.played.applied == []
    assert "app" in released.played.built
    assert (made.current, made.problem) == (1, "")
    assert [(item.source, item.after[0]) for item in made.moved] == [(Source.APP, "2")]
    assert made.images["app"][0] != made.images["app"][1]
    assert made.images["static"][0] == made.images["static"][1]
    assert made.fields


def test_its_builds_are_recorded_as_those_of_a_preview(released: StageSession) -> None:
    preview(released, app("2"))
    assert released.played.causes == ["first", "tandem preview"]


def test_its_markdown_cannot_be_broken_by_a_commit(released: StageSession) -> None:
    text = preview(released, app("2")).markdown()
    assert text.startswith("### Preview for local, where release 1 runs\n\nEvery check passes.")
    assert "- app 1111111111 → 2222222222: Add a page \\| \\<b\\>@\u200ball\\</b\\> \\[x\\](y)" in text
    assert "| static | " in text
    assert "| the same |" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://evil.example/x", "see https:\u200b//evil.example/x"),
        ("HTTP://a ftp://b WWW.c.d", "HTTP:\u200b//a ftp:\u200b//b WWW\u200b.c.d"),
        ("@all me@example.com", "@\u200ball me@\u200bexample.com"),
        ("closes #12, a/b#3, GH-4", "closes \\#\u200b12, a/b\\#\u200b3, GH\u200b-4"),
        ("a\n\n# Title\r\n| x |", "a \\#\u200b Title \\| x \\|"),
        ("fix: a, b: c/d", "fix: a, b: c/d"),
    ],
)
def test_text_of_others_makes_no_link_and_calls_nobody(text: str, shown: str) -> None:
    assert _cell(text) == shown


@pytest.mark.parametrize("what", ["build", "check", "fit"])
def test_it_says_why_it_cannot_be_released(released: StageSession, what: str) -> None:
    if what == "build":
        released.played.does_not_build.add("app 2")
    elif what == "check":
        released.played.findings.append("task role does not exist")
    else:
        released.played.unfit[("2", "1")] = "it requires commit 2 of the content"
    made = preview(released, app("2"))
    words = {"build": "cannot build app", "check": "task role does not exist", "fit": "it requires commit 2"}
    assert words[what] in made.problem
    assert "**It cannot be released:** " in made.markdown()
    assert released.store.numbers() == [1]


def test_before_the_first_release_everything_is_new(
    session: StageSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "changed_subjects", lambda *_: [])
    made = preview(session, app("2"))
    assert (made.current, made.images["app"][0]) == (None, "")
    assert "where nothing runs" in made.markdown()


def test_the_same_commits_differ_in_nothing(released: StageSession) -> None:
    made = preview(released, app("1"))
    assert (made.moved, made.fields) == ((), ())
    assert "No commit differs from what runs." in made.markdown()


def test_the_verb_fails_if_it_could_not_be_released(
    released: StageSession, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def resolve(_: Any, source: Source, name: str) -> Commit:
        return Commit(source, name * 40, "")

    monkeypatch.setattr("pipeline.cli.commands.preview.open_session", lambda *_: released)
    monkeypatch.setattr("pipeline.git.sources.resolve", resolve)
    preview_verb(["app=2", "static=3"])
    assert "### Preview for local" in capsys.readouterr().out
    released.played.findings.append("no")
    with pytest.raises(typer.Exit) as ended:
        preview_verb(["app=2"])
    assert ended.value.exit_code == 1
    with pytest.raises(TandemError, match="names no source and commit"):
        preview_verb(["shop=2"])
    with pytest.raises(TandemError, match="two commits are named for app"):
        preview_verb(["app=2", "static=3", "app=4"])


def test_with_serve_its_images_are_served_and_the_exit_code_stays(
    released: StageSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Any] = []
    monkeypatch.setattr("pipeline.cli.commands.preview.open_session", lambda *_: released)
    monkeypatch.setattr("pipeline.git.sources.resolve", lambda _, source, name: Commit(source, name * 40, ""))
    monkeypatch.setattr(
        "pipeline.local.dev.image_site.serve_images", lambda *arguments: served.append(arguments)
    )
    preview_verb(["app=2"], serve=True, for_="10m", port=9)
    ((project, images, port, seconds, _),) = served
    assert (project, port, seconds) == (released.project, 9, 600)
    assert set(images) == {"app", "static", "api"}
    assert images["app"] == preview(released, app("2")).built["app"]
    released.played.findings.append("no")
    with pytest.raises(typer.Exit):
        preview_verb(["app=2"], serve=True)
    assert len(served) == 2
    released.played.does_not_build.add("app 3")
    with pytest.raises(TandemError, match="nothing to serve"):
        preview_verb(["app=3"], serve=True)


@pytest.mark.parametrize("text", ["", "10", "m", "-1m", "1w", "1m2s", "9999999s"])
def test_a_span_of_time_is_read_strictly(text: str) -> None:
    with pytest.raises(TandemError, match="it takes 90s, 10m, 2h or 1d"):
        seconds_of(text)


def test_a_span_of_time_has_units() -> None:
    assert [seconds_of(text) for text in ("90s", "10 m", "2h", "1d")] == [90, 600, 7200, 86400]


def test_a_preview_is_json_as_well(released: StageSession) -> None:
    values = preview(released, app("2")).to_dict()
    assert Preview(**{**values, "moved": (), "fields": ()}).current == 1
    assert "built" not in values
