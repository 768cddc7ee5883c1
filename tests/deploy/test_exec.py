"""tandem exec runs a command in a running container, only where that is allowed, and leaves a trace."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from pipeline.aws.ecs import ServiceSnapshot, Task, TaskContainer
from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.deploy import exec as verb
from pipeline.deploy.store import Outcome
from tests.support.aws_access import aws
from tests.support.stage import Stage
from tests.support.stage_session import StageSession

OLD, NEW = "a1" * 16, "b2" * 16


def task(task_id: str, minute: int, status: str = "RUNNING") -> Task:
    containers = (
        TaskContainer("app", status, "HEALTHY", None, "", runtime_id=f"app-{task_id[:2]}"),
        TaskContainer("static", "STOPPED", "UNKNOWN", 0, "", runtime_id=f"static-{task_id[:2]}"),
    )
    times = {"createdAt": datetime(2026, 1, 1, 12, minute, tzinfo=UTC)}
    return Task(task_id, "shop-dev:1", status, "HEALTHY", "", "", containers, times, {})


class Terminal:
    """Notes what it is told to run."""

    def __init__(self, code: int = 0) -> None:
        self.ran: list[list[str]] = []
        self.code = code

    def __call__(self, argv: Sequence[str]) -> int:
        self.ran.append(list(argv))
        return self.code


@pytest.fixture
def session(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StageSession:
    """Two tasks run and one has stopped; ECS Exec is on for the app."""
    snapshot = ServiceSnapshot(
        "shop-dev:1", 2, 2, (), (task(OLD, 1), task(NEW, 2), task("c3" * 16, 3, "STOPPED")), ()
    )
    monkeypatch.setattr(verb, "read_service", lambda *_: snapshot)
    monkeypatch.setattr(verb.shutil, "which", lambda name: f"/bin/{name}")
    stage.platform = stage.platform.model_copy(update={"exec": {"app": True, "api": False}})
    return StageSession.on(stage, tmp_path)


def test_locally_docker_runs_it_in_the_newest_task(session: StageSession) -> None:
    terminal = Terminal(code=3)
    assert verb.execute(session, Source.APP, ["ls", "-l"], run=terminal) == 3
    (argv,) = terminal.ran
    assert argv[:2] == ["docker", "exec"]
    assert argv[-3:] == ["app-b2", "ls", "-l"]


def test_a_task_is_named_by_the_begin_of_its_id(session: StageSession) -> None:
    assert verb.find_target(session, Source.APP, "a1a1").runtime_id == "app-a1"
    with pytest.raises(TandemError, match="no task ffff of shop-dev runs"):
        verb.find_target(session, Source.APP, "ffff")


def test_a_container_that_has_ended_runs_nothing(session: StageSession) -> None:
    with pytest.raises(TandemError, match="no running container static: only app and api go on running"):
        verb.find_target(session, Source.STATIC)


def test_the_trail_has_the_command_before_it_runs(session: StageSession) -> None:
    def fails(_: Sequence[str]) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verb.execute(session, Source.APP, ["sh", "-c", "id; ls"], run=fails)
    (entry,) = session.store.trail()
    assert entry.outcome is Outcome.EXEC
    assert entry.reason == f"sh -c 'id; ls': in app of task {NEW[:8]}"
    assert entry.by


@pytest.fixture
def prod(session: StageSession) -> StageSession:
    """The same in AWS."""
    _ = session.store  # in its folder, before the environment has a bucket
    session.environment = "prod"
    return session


def test_in_aws_the_plugin_connects_to_the_session_of_ecs(prod: StageSession) -> None:
    terminal = Terminal()
    session: Any = {"sessionId": "s-1", "streamUrl": "wss://x", "tokenValue": "t"}
    asked = {
        "cluster": "shop-dev",
        "task": NEW,
        "container": "app",
        "interactive": True,
        "command": "sh -c 'id; ls'",
    }
    with Stubber(aws().client("ecs")) as stub:
        stub.add_response("execute_command", {"session": session}, asked)
        assert verb.execute(prod, Source.APP, ["sh", "-c", "id; ls"], run=terminal) == 0
    (argv,) = terminal.ran
    assert argv[0] == "session-manager-plugin"
    assert json.loads(argv[1]) == {"SessionId": "s-1", "StreamUrl": "wss://x", "TokenValue": "t"}
    assert argv[2:4] == ["eu-central-1", "StartSession"]
    assert json.loads(argv[5]) == {"Target": f"ecs:shop-dev_{NEW}_app-b2"}


def test_where_exec_is_off_nothing_runs(prod: StageSession) -> None:
    prod.stage.platform = prod.platform.model_copy(update={"exec": {}})
    with pytest.raises(TandemError, match="exec is off in prod") as refused:
        verb.execute(prod, Source.APP, ["ls"], run=Terminal())
    assert refused.value.hint == ('set exec = "app" in terraform/envs/prod.tfvars, then make apply ENV=prod')
    assert prod.store.trail() == []


def test_without_the_plugin_nothing_runs(prod: StageSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb.shutil, "which", lambda _: None)
    with pytest.raises(TandemError, match="session-manager-plugin is not on PATH"):
        verb.execute(prod, Source.APP, ["ls"], run=Terminal())
    assert prod.store.trail() == []


def test_a_refusal_by_ecs_is_an_error_and_stays_in_the_trail(prod: StageSession) -> None:
    with Stubber(aws().client("ecs")) as stub:
        stub.add_client_error(
            "execute_command",
            "InvalidParameterException",
            "agent is not running",
            expected_params=ANY_COMMAND,
        )
        with pytest.raises(TandemError, match="agent is not running"):
            verb.execute(prod, Source.APP, ["ls"], run=Terminal())
    assert len(prod.store.trail()) == 1


ANY_COMMAND = dict.fromkeys(("cluster", "task", "container", "interactive", "command"), ANY)
