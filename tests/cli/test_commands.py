"""Verbs print data on stdout, talk on stderr, and their exit codes tell the truth."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from pipeline.aws.client import Aws
from pipeline.cli.commands import diff, doctor, gc, history, logs, releases, render, show, verify, waterfall
from pipeline.core.errors import TandemError
from pipeline.core.platform import Platform
from pipeline.core.settings import Project
from pipeline.core.timeline import Span
from pipeline.deploy import doctor as doctor_checks
from pipeline.deploy.gc import Garbage
from pipeline.deploy.manifest import Weights
from pipeline.deploy.session import Session
from pipeline.deploy.store import Outcome, Store, lock
from pipeline.records.run_record import RunRecord
from tests.support.aws_access import aws
from tests.support.example_releases import SETTINGS, make_release
from tests.support.stage import Stage

RUNNER = CliRunner()


@dataclass
class FakeSession:
    """The parts of a session that verbs use, on the stage."""

    project: Project
    environment: str
    platform: Platform
    store: Store
    aws: Aws

    locked = Session.locked


@pytest.fixture
def session(tmp_path: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> FakeSession:
    """Release 1 works, release 2 failed."""
    project = Project(tmp_path, SETTINGS)
    fake = FakeSession(
        project,
        "local",
        stage.platform.model_copy(update={"url": "http://127.0.0.1"}),
        Store.in_folder(project.state / "local" / "releases", "local"),
        aws(),
    )
    with lock.held(fake.store.objects, "releases") as lease:
        first = fake.store.add(make_release("a"))
        stage.apply(first, Weights())
        fake.store.record(1, Outcome.STARTED, "a push")
        fake.store.succeed(1, lease.token)
        fake.store.add(make_release("b", why="another push"))
        fake.store.record(2, Outcome.FAILED, "container app exited with code 1")
    for verb in (diff, doctor, gc, history, logs, releases, show, verify, waterfall):
        monkeypatch.setattr(verb, "open_session", lambda *_: fake)
    return fake


def run(verb: Any, *arguments: str, code: int = 0) -> str:
    app = typer.Typer()
    app.command()(verb)
    result = RUNNER.invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.stdout


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
    found, deleted, locked = [garbage, garbage[1:]], [], []

    def find(*_: Any) -> list[Garbage]:
        locked.append(session.store.state().holder is not None)
        return found.pop(0)

    def ask(*_: Any, **__: Any) -> bool:
        locked.append(session.store.state().holder is not None)
        return True

    monkeypatch.setattr("pipeline.deploy.gc.find_garbage", find)
    monkeypatch.setattr(typer, "confirm", ask)
    monkeypatch.setattr(gc, "_delete", lambda _, items: deleted.extend(items))
    run(gc.gc, "--env", "local")
    assert locked == [False, False, True]
    assert deleted == garbage[1:]


def test_a_stale_lock_comes_with_the_command_that_clears_it(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.deploy.store.holder._machine", lambda: "another machine")
    lease = lock.acquire(session.store.objects, "release 3", expires_after=-1)
    monkeypatch.undo()
    monkeypatch.setattr("pipeline.deploy.store.holder._machine", lambda: "this machine")
    with pytest.raises(TandemError, match="stale") as caught:
        doctor_checks._lock(session)  # type: ignore[arg-type]
    assert caught.value.hint == f"tandem doctor --env local --unlock {lease.token}"


def lock_elsewhere(session: FakeSession, expires_after: float = 60.0) -> lock.Lease:
    """The lock as a run on another machine holds it; nobody renews it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.deploy.store.holder._machine", lambda: "another machine")
        return lock.acquire(session.store.objects, "release 3", expires_after=expires_after)


def test_doctor_watches_a_lock_before_it_says_that_its_holder_is_silent(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the clocks of the two machines the holder is silent; it renews the lock all the same."""
    lease = lock_elsewhere(session, expires_after=2.0)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 90)
    renewing = threading.Timer(0.3, lambda: lease.renew())  # noqa: PLW0108 - its result is not used
    with monkeypatch.context() as patch:
        patch.setattr(lock, "_POLL", 0.05)
        renewing.start()
        assert "which renews it" in doctor_checks._lock(session)  # type: ignore[arg-type]
    renewing.join()


def test_doctor_advises_to_unlock_only_what_it_has_seen_silent(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock_elsewhere(session, expires_after=0.5)
    monkeypatch.setattr(doctor_checks, "_GLANCE", 0.0)
    assert "renewed 0 s ago by its clock" in doctor_checks._lock(session)  # type: ignore[arg-type]
    time.sleep(0.6)
    with pytest.raises(TandemError, match="did not renew it while it was watched"):
        doctor_checks._lock(session)  # type: ignore[arg-type]


@pytest.mark.parametrize("is_held", [True, False])
def test_doctor_says_if_no_lock_has_that_token(session: FakeSession, *, is_held: bool) -> None:
    if is_held:
        lock.acquire(session.store.objects, "release 3")
    seen = "release 3.* holds it with token 2" if is_held else "the lock is free"
    with pytest.raises(TandemError, match=f"no lock is held with token 999: .*{seen}") as caught:
        run(doctor.doctor, "--unlock", "999")
    assert caught.value.hint == "tandem doctor --env local"
    assert (session.store.state().holder is not None) == is_held


def test_doctor_clears_a_lock_by_its_token(session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    lease = lock.acquire(session.store.objects, "release 3")
    monkeypatch.setattr(doctor_checks, "diagnose_tools", list)
    monkeypatch.setattr(doctor_checks, "diagnose_environment", lambda _: [])
    run(doctor.doctor, "--unlock", str(lease.token))
    assert session.store.state().holder is None


def test_doctor_names_what_was_left_unfinished(session: FakeSession) -> None:
    session.store.record(2, Outcome.STARTED)
    with pytest.raises(TandemError, match=r"release 2 was started .* did not end"):
        doctor_checks._releases(session)  # type: ignore[arg-type]


def test_doctor_knows_a_killed_run_from_a_running_one(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.store.record(2, Outcome.STARTED)
    lock.acquire(session.store.objects, "release 2")
    assert doctor_checks._releases(session).endswith("runs")  # type: ignore[arg-type]
    monkeypatch.setattr("pipeline.deploy.store.holder._start_of", lambda _: "gone")
    with pytest.raises(TandemError, match="did not end"):
        doctor_checks._releases(session)  # type: ignore[arg-type]


def test_doctor_fails_when_a_check_fails(monkeypatch: pytest.MonkeyPatch, session: FakeSession) -> None:
    missing = doctor_checks.Diagnostic(ok=False, what="git", seen="gone", hint="install it")
    monkeypatch.setattr(doctor_checks, "diagnose_tools", lambda: [missing])
    monkeypatch.setattr(doctor_checks, "diagnose_environment", lambda _: [])
    assert "BAD  git: gone\n       hint: install it" in run(doctor.doctor, code=1)
    assert session.store.state().current == 1


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
    found = json.loads(result.stdout)
    assert [item["path"] for item in found[str(bad)]] == ["$.cpu"]
    assert "nested too deeply" in found[str(deep)][0]["rule"]
    assert "No such file" in found[str(tmp_path / "none.json")][0]["rule"]
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
