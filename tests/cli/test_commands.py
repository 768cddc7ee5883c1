"""Verbs print data on stdout, talk on stderr, and their exit codes tell the truth."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from pipeline.cli.commands import diff, gc, history, logs, releases, render, show, verify, waterfall
from pipeline.core.errors import TandemError
from pipeline.core.timeline import Span
from pipeline.deploy.gc import Garbage
from pipeline.deploy.store import Outcome
from pipeline.records.run_record import RunRecord
from tests.support.aws_access import aws
from tests.support.example_releases import make_release
from tests.support.fake_session import RUNNER, FakeSession, run


@pytest.mark.usefixtures("session")
def test_releases_are_listed_newest_first_with_their_fate() -> None:
    rows = json.loads(run(releases.releases, "--env", "local", "--json"))
    assert [(row["number"], row["current"], row["outcome"]) for row in rows] == [
        (2, False, "failed"),
        (1, True, "succeeded"),
    ]
    assert run(releases.releases, "--env", "local").splitlines()[1].startswith("*    1")


@pytest.mark.usefixtures("session")
def test_a_release_is_shown_with_commits_images_and_fate() -> None:
    text = run(show.show, "2", "--env", "local")
    assert "Change app" in text
    assert "127.0.0.1:5000/shop/app@sha256:bbbb" in text
    assert "failed by" in text
    assert json.loads(run(show.show, "2", "--env", "local", "--json"))["number"] == 2


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("verb", [show.show, verify.verify])
@pytest.mark.parametrize("number", ["0", "9"])
def test_a_release_that_never_was_is_named(verb: Any, number: str) -> None:
    with pytest.raises(TandemError, match=f"there is no release {number} in local"):
        run(verb, number, "--env", "local")


@pytest.mark.usefixtures("session")
def test_two_releases_differ_by_their_images() -> None:
    text = run(diff.diff, "1", "2", "--env", "local")
    assert "images.app" in text
    assert run(diff.diff, "1", "1", "--env", "local") == "no differences\n"


def test_neither_the_history_nor_a_release_steers_the_terminal(session: FakeSession) -> None:
    """The API's own error and a task's reason are recorded as AWS tells them."""
    session.store.record(2, Outcome.FAILED, "it fails its probe: \x1b]52;c;eA==\x07\r1 succeeded")
    for text in (run(history.history, "--env", "local"), run(show.show, "2", "--env", "local")):
        assert "it fails its probe" in text
        assert text.replace("\n", "").isprintable()


@pytest.mark.usefixtures("session")
def test_history_shows_who_what_and_why() -> None:
    lines = run(history.history, "--env", "local").splitlines()
    assert len(lines) == 3
    assert "container app exited with code 1" in lines[-1]
    assert len(json.loads(run(history.history, "--env", "local", "--json", "--last", "1"))) == 1


def test_the_last_runs_are_shown_as_waterfalls_the_newest_last(session: FakeSession) -> None:
    assert run(waterfall.waterfall) == "no runs yet\n"
    parts = (Span("heads", 0.0, 0.5), Span("apply", 0.5, 1.5))
    for token, number in ((5, 1), (9, 2), (10, 0)):
        session.store.add_run(
            token, RunRecord("2026-01-31T12:00:00Z", "a push", number, 2.0, 2.0, failed=False, spans=parts)
        )
    text = run(waterfall.waterfall, "--last", "2").splitlines()
    assert [line for line in text if "2026" in line] == [
        "2026-01-31T12:00:00Z  release 2  a push",
        "2026-01-31T12:00:00Z  nothing released  a push",
    ]
    assert text[-1].strip() == "new content after 2.0 s, done after 2.0 s"
    (newest,) = json.loads(run(waterfall.waterfall, "--json"))
    assert (newest["release"], [part["name"] for part in newest["spans"]]) == (0, ["heads", "apply"])


@pytest.mark.usefixtures("session")
def test_gc_shows_before_it_removes() -> None:
    assert run(gc.gc, "--env", "local", "--keep", "1", "--dry-run") == "nothing to delete\n"


def test_gc_asks_without_the_lock_and_keeps_what_is_needed_by_then(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    garbage = [Garbage("revision", "shop-dev:1"), Garbage("revision", "shop-dev:2")]
    listings, deleted, locked = [garbage, garbage[1:]], [], []

    def find(*_: Any) -> list[Garbage]:
        locked.append(session.store.state().holder is not None)
        return listings.pop(0)

    def ask(*_: Any, **__: Any) -> bool:
        locked.append(session.store.state().holder is not None)
        return True

    monkeypatch.setattr("pipeline.deploy.gc.find_garbage", find)
    monkeypatch.setattr(typer, "confirm", ask)
    monkeypatch.setattr(gc, "_delete", lambda _, items: deleted.extend(items))
    run(gc.gc, "--env", "local")
    assert locked == [False, False, True]
    assert deleted == garbage[1:]


def test_any_task_definition_can_be_checked(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(make_release().task_definition))
    bad.write_text(json.dumps({**make_release().task_definition, "cpu": "300"}))
    assert run(render.render, "--check", str(good)) == f"{good}: follows every rule\n"
    text = run(render.render, "--check", str(good), str(bad), code=1)
    assert f"{bad}: $.cpu: '300' is not one of Fargate's sizes" in text


def test_warnings_do_not_fail_a_check(tmp_path: Path) -> None:
    file = tmp_path / "task.json"
    file.write_text(json.dumps({**make_release().task_definition, "enableFaultInjektion": True}))
    assert "$.enableFaultInjektion: warning:" in run(render.render, "--check", str(file))


def test_an_unreadable_file_hides_no_other(tmp_path: Path) -> None:
    bad, deep = tmp_path / "bad.json", tmp_path / "deep.json"
    bad.write_text(json.dumps({**make_release().task_definition, "cpu": "300"}))
    deep.write_text('{"a":' * 99_999)
    app = typer.Typer()
    app.command()(render.render)
    result = RUNNER.invoke(app, ["--check", str(deep), str(bad), str(tmp_path / "none.json"), "--json"])
    findings = json.loads(result.stdout)
    assert [item["path"] for item in findings[str(bad)]] == ["$.cpu"]
    assert "nested too deeply" in findings[str(deep)][0]["rule"]
    assert "No such file" in findings[str(tmp_path / "none.json")][0]["rule"]
    assert isinstance(result.exception, TandemError)


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_file_that_is_no_task_definition_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "task.json"
    file.write_text(text)
    with pytest.raises(TandemError, match=r"task\.json is"):
        run(render.render, "--check", str(file))


@pytest.mark.usefixtures("session")
def test_logs_are_printed_as_lines_and_as_json() -> None:
    client = aws().client("logs")
    client.create_log_group(logGroupName="/shop-dev/app")
    client.create_log_stream(logGroupName="/shop-dev/app", logStreamName="app/app/0123456789")
    event: Any = {"timestamp": int(time.time() * 1000), "message": "GET / 200"}
    client.put_log_events(logGroupName="/shop-dev/app", logStreamName="app/app/0123456789", logEvents=[event])
    assert run(logs.logs, "app").endswith(" app    01234567 GET / 200\n")
    assert json.loads(run(logs.logs, "app", "--json"))["text"] == "GET / 200"
    assert json.loads(run(logs.logs, "app", "--json", "--release", "1"))["text"] == "GET / 200"
    assert run(logs.logs, "app", "--since", "2030-01-01") == ""


@pytest.mark.usefixtures("session")
def test_ctrl_c_is_how_following_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def follow(*_: object) -> Iterator[str]:
        yield "a line"
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.deploy.logs.follow", follow)
    assert run(logs.logs, "app", "--follow") == "a line\n"
