"""tandem run runs a command in the released API, shows its log, returns its exit code, and leaves a trace."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from pipeline.cli.commands import run as command
from pipeline.core.errors import TandemError
from pipeline.deploy import run as verb
from pipeline.deploy.store import Outcome
from pipeline.local.ecs.api import api_hooks
from pipeline.local.ecs.planner.service_actions import StopCode
from tests.support.aws_access import aws
from tests.support.example_releases import make_release
from tests.support.played_tasks import PlayedTasks
from tests.support.stage import Stage
from tests.support.stage_session import StageSession

FAMILY, GROUP = "shop-dev-run", "/shop-dev/api-task"


@pytest.fixture
def tasks() -> Iterator[PlayedTasks]:
    played = PlayedTasks()
    api_hooks.listen(played)
    yield played
    api_hooks.unlisten(played)


@pytest.fixture
def session(stage: Stage, tmp_path: Path) -> StageSession:
    """Release 1 is current; its API's image has a revision for commands, and an older image another."""
    stage.platform = stage.platform.model_copy(
        update={
            "run_family": FAMILY,
            "api_log_group": GROUP,
            "service_subnet_ids": ("subnet-1", "subnet-2"),
            "api_task_security_group_ids": ("sg-1", "sg-2"),
        }
    )
    session = StageSession.on(stage, tmp_path)
    with session.locked("a test") as lease:
        release = session.store.add(make_release("a"))
        session.store.succeed(release.number, lease.token)
    register(FAMILY, str(release.api.image))
    register(FAMILY, "127.0.0.1:5000/shop/api@sha256:" + "0" * 64)
    aws().client("logs").create_log_group(logGroupName=GROUP)
    return session


def register(family: str, image: str) -> str:
    container: Any = {"name": "run", "image": image, "entryPoint": ["sh"], "command": ["true"]}
    registered = (
        aws()
        .client("ecs")
        .register_task_definition(
            family=family,
            containerDefinitions=[container],
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
        )
    )
    return str(registered["taskDefinition"]["taskDefinitionArn"])


def trail(session: StageSession) -> list[str]:
    return [entry.reason for entry in session.store.trail() if entry.outcome is Outcome.RUN]


def run(session: StageSession, tasks: PlayedTasks, *words: str, timeout: float = 60) -> tuple[int, list[str]]:
    shown: list[str] = []
    code = verb.run(session, words or ("migrate",), timeout=timeout, output=shown.append, pause=tasks.second)
    return code, shown


def test_a_command_runs_with_the_released_image_network_and_words(
    session: StageSession, tasks: PlayedTasks
) -> None:
    assert run(session, tasks, "python3", "-m", "migrate", "a b;c") == (0, [])
    (request,) = tasks.requests
    assert request.task_definition.endswith(f"{FAMILY}:1"), "the newest revision runs another image"
    (override,) = request.overrides["containerOverrides"]
    assert override == {"name": "run", "command": ["python3", "-m", "migrate", "a b;c"]}
    assert (request.cluster, request.started_by) == ("shop-dev", "tandem")


def test_the_log_is_shown_once_and_the_exit_code_is_the_commands(
    session: StageSession, tasks: PlayedTasks
) -> None:
    tasks.exit_code, tasks.lines = 7, [["one", "\x1b[31mtwo\x1b[0m"], [], ["three"]]
    assert run(session, tasks) == (7, ["one", "two", "three"])


def test_the_trail_says_what_ran_and_how_it_ended(session: StageSession, tasks: PlayedTasks) -> None:
    tasks.exit_code = 3
    run(session, tasks, "sh", "-c", "migrate --all")
    starts, ends = trail(session)
    assert starts == f"sh -c 'migrate --all': starts, {FAMILY}:1"
    assert ends.startswith("sh -c 'migrate --all': exit code 3, task ")
    assert session.store.trail()[-1].by


def test_a_command_that_never_starts_is_an_error_with_ecs_reason(
    session: StageSession, tasks: PlayedTasks
) -> None:
    tasks.exit_code, tasks.reason = None, "ResourceInitializationError: unable to pull secrets"
    with pytest.raises(TandemError, match=r"did not run: task .*unable to pull secrets"):
        run(session, tasks)
    assert "unable to pull secrets" in trail(session)[-1]


def test_a_command_that_takes_too_long_is_stopped(session: StageSession, tasks: PlayedTasks) -> None:
    tasks.lines = [[] for _ in range(10)]
    with pytest.raises(TandemError, match="did not end within 3 s") as error:
        run(session, tasks, timeout=3)
    assert error.value.hint == "tandem run --env local --timeout 6 -- COMMAND"
    assert tasks.described.desired_status == "STOPPED"
    assert "did not end within 3 s" in trail(session)[-1]


def test_an_interrupted_command_is_stopped(session: StageSession, tasks: PlayedTasks) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verb.run(session, ["migrate"], timeout=9, output=lambda _: None, pause=interrupt)
    assert tasks.described.desired_status == "STOPPED"
    assert trail(session)[-1] == "migrate: was not watched to its end"


def test_a_task_that_somebody_stops_ends_the_command(session: StageSession, tasks: PlayedTasks) -> None:
    tasks.exit_code = 143

    def stop(_: float) -> None:
        tasks.end(StopCode.USER)

    assert verb.run(session, ["migrate"], timeout=9, pause=stop) == 143


def test_a_refused_task_leaves_its_entry(session: StageSession, tasks: PlayedTasks) -> None:
    session.stage.platform = session.platform.model_copy(update={"service_subnet_ids": ()})
    with pytest.raises(TandemError, match=r"cannot start the task: .*Network Configuration must be provided"):
        run(session, tasks)
    assert "Network Configuration" in trail(session)[-1]


@pytest.mark.parametrize("family", ["", "shop-dev-other"])
def test_a_release_of_older_code_cannot_run_commands(session: StageSession, family: str) -> None:
    session.stage.platform = session.platform.model_copy(update={"run_family": family})
    with pytest.raises(TandemError, match="no task definition for commands") as error:
        verb.find_released(session)
    assert error.value.hint == "make apply ENV=local"


def test_the_verb_exits_with_the_commands_code(
    session: StageSession, tasks: PlayedTasks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(command, "open_session", lambda *_: session)
    monkeypatch.setattr("time.sleep", tasks.second)
    monkeypatch.setattr(verb.run, "__kwdefaults__", {"output": print, "pause": tasks.second})
    tasks.exit_code = 5
    with pytest.raises(typer.Exit) as ended:
        command.run(["migrate"], "local", tmp_path, 60)
    assert ended.value.exit_code == 5
    tasks.exit_code = 0
    command.run(["migrate"], "local", tmp_path, 60)


def test_a_dry_run_names_the_revision_and_runs_nothing(
    session: StageSession,
    tasks: PlayedTasks,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "open_session", lambda *_: session)
    command.run(["migrate"], "local", tmp_path, 60, dry_run=True)
    assert capsys.readouterr().out.strip().endswith(f"{FAMILY}:1")
    assert (tasks.requests, trail(session)) == ([], [])
