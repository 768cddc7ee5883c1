"""tandem tune api measures sizes on temporary versions; what serves stays as it is."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.aws.function_sizes import TemporaryVersions
from pipeline.core.errors import TandemError
from pipeline.deploy import tune as verb
from pipeline.deploy.manifest import Weights
from pipeline.deploy.memory_sizes import MeasuredSize
from pipeline.deploy.store import Outcome
from pipeline.local.moto import InvokeResponse, on_invoke, throttled
from tests.support.aws_access import aws
from tests.support.example_releases import make_release
from tests.support.stage import FUNCTION, Stage
from tests.support.stage_session import StageSession


@pytest.mark.parametrize("text", ["", "[]", "{", '"x"'])
def test_a_file_without_an_event_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "event.json"
    file.write_text(text)
    with pytest.raises(TandemError, match="is not"):
        verb.read_event(file)
    with pytest.raises(TandemError, match="cannot be read"):
        verb.read_event(tmp_path / "none.json")


class Measured:
    """Lambda's side: each version takes as long as its memory says."""

    def __init__(self) -> None:
        self.invoked: list[tuple[str, int]] = []
        self.events: list[bytes] = []
        self.fails: set[int] = set()

    def memory(self, version: str) -> int:
        client = aws().client("lambda")
        return client.get_function_configuration(FunctionName=FUNCTION, Qualifier=version)["MemorySize"]

    def __call__(self, name: str, qualifier: str, payload: bytes) -> InvokeResponse:
        assert name == FUNCTION
        memory = self.memory(qualifier)
        self.invoked.append((qualifier, memory))
        self.events.append(payload)
        if memory in self.fails:
            return InvokeResponse(b'{"errorMessage": "killed"}', qualifier, "Unhandled")
        report = f"REPORT RequestId: 1\tDuration: {10240 / memory:.2f} ms\tMemory Size: {memory} MB\n"
        return InvokeResponse(b'{"statusCode": 200}', qualifier, "", report.encode())


@pytest.fixture
def session(stage: Stage, tmp_path: Path) -> StageSession:
    """Release 1 is current; its function has 512 MB."""
    session = StageSession.on(stage, tmp_path)
    with session.locked("a test") as lease:
        release = session.store.add(make_release("a"))
        stage.apply(release, Weights())
        session.store.succeed(release.number, lease.token)
    aws().client("lambda").update_function_configuration(FunctionName=FUNCTION, MemorySize=512)
    version = aws().client("lambda").publish_version(FunctionName=FUNCTION)["Version"]
    aws().client("lambda").update_alias(FunctionName=FUNCTION, Name="live", FunctionVersion=version)
    assert release.require_api().memory == 512
    return session


@pytest.fixture
def played() -> Measured:
    made = Measured()
    on_invoke(made)
    return made


def lambda_state() -> Any:
    client = aws().client("lambda")
    versions = client.list_versions_by_function(FunctionName=FUNCTION)["Versions"]
    alias = client.get_alias(FunctionName=FUNCTION, Name="live")
    return [(each["Version"], each["MemorySize"]) for each in versions], alias["FunctionVersion"]


def tune(session: StageSession, *sizes: int, **more: Any) -> tuple[int, list[MeasuredSize]]:
    return verb.tune(session, sizes, more.pop("event", None), count=3, pause=lambda _: None, **more)


def test_each_size_is_a_temporary_version_and_all_is_as_before(
    session: StageSession, played: Measured
) -> None:
    before = lambda_state()
    current, measured = tune(session, 256, 512, 1024)
    assert current == 512
    assert [(each.memory, each.median) for each in measured] == [(256, 40.0), (512, 20.0), (1024, 10.0)]
    assert lambda_state() == before
    # The released size is measured on the released version.
    assert {version for version, memory in played.invoked if memory == 512} == {before[1]}
    assert len(played.invoked) == 3 * (3 + 1)
    trail = [entry.reason for entry in session.store.trail() if entry.outcome is Outcome.RUN]
    assert trail == ["tune api: 256, 512, 1024 MB"]


def test_the_released_size_alone_changes_nothing(session: StageSession, played: Measured) -> None:
    client = aws().client("lambda")
    with pytest.MonkeyPatch.context() as patch:
        for call in ("update_function_configuration", "publish_version", "delete_function"):
            patch.setattr(client, call, None)
        tune(session, 512)
    assert len(played.invoked) == 4


def test_a_size_that_fails_is_shown_and_the_others_are_measured(
    session: StageSession, played: Measured
) -> None:
    played.fails = {256}
    _, measured = tune(session, 256, 1024)
    assert [each.error for each in measured] == ["killed", ""]


def test_an_interruption_leaves_nothing_behind(session: StageSession, played: Measured) -> None:
    before = lambda_state()

    def interrupt(*arguments: object) -> int:
        if arguments[-1] and len(lambda_state()[0]) > len(before[0]):
            raise KeyboardInterrupt
        return 1

    with pytest.raises(KeyboardInterrupt):
        tune(session, 256, 1024, limit_cpu=interrupt)
    assert lambda_state() == before
    assert len(played.invoked) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("played")
@pytest.mark.parametrize("sizes", [(512,), (256,), (512, 1024)])
def test_what_a_killed_run_left_is_removed(session: StageSession, sizes: tuple[int, ...]) -> None:
    """Else Terraform would take it for the released version as soon as the memory is right again."""
    before, client = lambda_state(), aws().client("lambda")

    class KilledError(BaseException):
        """The process is gone: nothing is cleaned up."""

    def kill(*_: object) -> int:
        raise KilledError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TemporaryVersions, "_clean_up", lambda _: None)
        with pytest.raises(KilledError):
            tune(session, 1024, limit_cpu=kill)
    assert len(lambda_state()[0]) == len(before[0]) + 1
    assert client.get_function_configuration(FunctionName=FUNCTION)["MemorySize"] == 1024
    tune(session, *sizes)
    assert lambda_state() == before


def test_a_version_that_was_there_is_never_deleted(session: StageSession, played: Measured) -> None:
    """Lambda answers with the last version if nothing has changed since."""
    before, client = lambda_state(), aws().client("lambda")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "publish_version", lambda **_: {"Version": before[1]})
        with pytest.raises(TandemError, match="which is not temporary"):
            tune(session, 256)
    assert lambda_state() == before
    assert played.invoked == []


@pytest.mark.usefixtures("played")
def test_while_a_temporary_version_exists_terraform_sees_other_memory(session: StageSession) -> None:
    """Else, after a kill, its next apply would take the newest version for the released one."""
    before = lambda_state()[0]

    def look(*_: object) -> int:
        versions, _alias = lambda_state()
        latest = dict(versions)["$LATEST"]
        assert latest != 512 or len(versions) == len(before)
        return 1

    tune(session, 256, 512, 1024, limit_cpu=look)
    client = aws().client("lambda")
    deleted: list[int] = []
    delete = client.delete_function

    def watch(**arguments: Any) -> Any:
        deleted.append(dict(lambda_state()[0])["$LATEST"])
        return delete(**arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "delete_function", watch)
        tune(session, 256, 1024)
    assert deleted
    assert 512 not in deleted


def test_local_containers_get_their_processor_share_and_all_back(
    session: StageSession, played: Measured
) -> None:
    limits: list[tuple[str, int | None, int]] = []

    def limit(_stack: str, _function: str, version: str, memory: int | None) -> int:
        limits.append((version, memory, len(played.invoked)))
        return 1

    tune(session, 512, 1024, limit_cpu=limit)
    assert [(memory, invoked) for _, memory, invoked in limits] == [
        *((512, 1), (512, 2), (512, 3), (None, 4)),
        *((1024, 5), (1024, 6), (1024, 7), (None, 8)),
    ]
    assert {version for version, memory, _ in limits if memory == 512} == {lambda_state()[1]}


def test_the_event_is_a_request_of_the_load_balancer_or_a_file(
    session: StageSession, played: Measured
) -> None:
    tune(session, 512)
    event = json.loads(played.events[-1])
    assert (event["httpMethod"], event["path"]) == ("GET", "/api/health")
    assert event["requestContext"]["elb"]["targetGroupArn"].endswith("targetgroup/api/1")
    tune(session, 512, event=b'{"own": 1}')
    assert played.events[-1] == b'{"own": 1}'


@pytest.mark.slow  # botocore tries again, with pauses
def test_a_function_that_is_busy_is_not_measured(session: StageSession) -> None:
    before = lambda_state()
    on_invoke(lambda _name, version, _payload: throttled(version))
    with pytest.raises(TandemError, match="is throttled"):
        tune(session, 256)
    assert lambda_state() == before


def test_tasks_have_no_function_to_tune(session: StageSession, played: Measured) -> None:
    groups = {"fargate": "arn:tasks"}
    session.stage.platform = session.stage.platform.model_copy(update={"api_target_group_arns": groups})
    with pytest.raises(TandemError, match="the API runs on tasks"):
        tune(session, 512)
    assert played.invoked == []


def test_an_unfinished_release_is_finished_first(session: StageSession, played: Measured) -> None:
    session.store.record(1, Outcome.STARTED)
    with pytest.raises(TandemError, match="left unfinished"):
        tune(session, 512)
    assert played.invoked == []
