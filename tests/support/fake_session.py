"""An environment with two releases, as the verbs see it, and a way to run one verb."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from pipeline.aws.access import Aws
from pipeline.cli.commands import diff, doctor, gc, history, logs, releases, show, verify, waterfall
from pipeline.core.platform import Platform
from pipeline.core.settings import Project
from pipeline.deploy.manifest import Weights
from pipeline.deploy.session import Session
from pipeline.deploy.store import Outcome, Store, lock
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
    """What the verb prints; AssertionError if its exit code is not `code`."""
    app = typer.Typer()
    app.command()(verb)
    result = RUNNER.invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.stdout
