"""Whatever fails at whatever call of a rollout: its end is recorded, and what ran before runs again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.client import BaseClient

from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.deploy.release import release
from pipeline.deploy.rollback import rollback
from pipeline.deploy.store import Outcome
from pipeline.terraform.failures import LockedError
from tests.deploy.test_any_state import require_running
from tests.support.stage_session import StageSession

_MOST = 200  # calls of one rollout
ENDED = {Outcome.FAILED, Outcome.ROLLED_BACK}


class Calls:
    """Counts the calls of AWS in a block, Terraform's own among them; some of them fail."""

    def __init__(self, first: int, *, last: int) -> None:
        self.count, self.first, self.last = 0, first, last
        self.names: list[str] = []

    @contextmanager
    def failing(self) -> Iterator[None]:
        real = BaseClient._make_api_call

        def call(client: BaseClient, operation: str, arguments: Any) -> Any:
            self.count += 1
            if self.first <= self.count <= self.last:
                self.names.append(operation)
                raise RuntimeError(f"nobody expected this of {operation}")
            return real(client, operation, arguments)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(BaseClient, "_make_api_call", call)
            yield


def push(session: StageSession, digit: str) -> None:
    session.played.heads.update({Source.APP: digit, Source.API: digit})


def attempt(run: Callable[[], object], calls: Calls) -> str:
    """The error's message that `run` ends with; empty if it succeeds."""
    with calls.failing():
        try:
            run()
        except TandemError as error:
            return error.message
    return ""


@pytest.mark.slow
def test_an_error_at_any_call_of_a_release_ends_in_what_ran_before(session: StageSession) -> None:
    first = release(session, "first").release
    push(session, "2")
    failed = set[str]()
    for number in range(1, _MOST):
        calls = Calls(number, last=number)
        message = attempt(lambda: release(session, "push"), calls)
        if not message:
            break
        assert "nobody expected this" in message, calls.names
        assert f"{first.title} runs again" in message
        assert session.store.trail()[-1].outcome is Outcome.ROLLED_BACK, calls.names
        assert session.store.state().holder is None
        require_running(session)
        failed.update(calls.names)
    assert not calls.names, "an error was swallowed"
    require_running(session)
    assert failed >= {
        "DescribeServices",
        "RegisterTaskDefinition",
        "UpdateService",
        "GetAlias",
        "PublishVersion",
        "Invoke",
        "GetMetricData",
        "DescribeAlarms",
    }


@pytest.mark.slow
def test_aws_that_fails_from_any_call_on_leaves_a_recorded_end(session: StageSession) -> None:
    """Recovery fails as well. The same command finishes once AWS is back, or says what a person must do."""
    release(session, "first")
    for number in range(1, _MOST, 5):
        push(session, "2")
        calls = Calls(number, last=_MOST * 100)
        message = attempt(lambda: release(session, "push"), calls)
        assert calls.names or not message
        if not message:
            break
        assert "nobody expected this" in message, calls.names
        assert session.store.trail()[-1].outcome in ENDED, calls.names
        assert session.store.state().holder is None
        try:
            release(session, "again")
        except TandemError as error:
            assert "push a commit to the api" in error.hint  # noqa: PT017 - it need not fail
            push(session, "3")
            release(session, "push to api")
        require_running(session)
        push(session, "1")
        release(session, "back")


@pytest.mark.slow
def test_an_error_at_any_call_of_a_rollback_ends_in_what_ran_before(session: StageSession) -> None:
    release(session, "first")
    push(session, "2")
    second = release(session, "push").release
    for number in range(1, _MOST):
        calls = Calls(number, last=number)
        message = attempt(lambda: rollback(session, 1, "it is slow"), calls)
        if not message:
            break
        assert "nobody expected this" in message, calls.names
        assert session.store.trail()[-1].outcome is Outcome.ROLLED_BACK, calls.names
        assert session.store.current() == second
        require_running(session)
    require_running(session)


def test_a_locked_state_whose_outputs_cannot_be_read_stays_unfinished(session: StageSession) -> None:
    """Whether something was applied is unknown then: the next run finds out."""
    release(session, "first")
    push(session, "2")

    def locked(*_: object) -> None:
        session.played.outputs = {"unreadable": True}
        raise LockedError("the state of terraform/release is locked", hint="terraform force-unlock 1")

    session.played.before_apply = locked
    with pytest.raises(LockedError, match="is locked"):
        release(session, "push")
    assert session.store.trail()[-1].outcome is Outcome.STARTED
    session.played.before_apply = lambda *_: None
    assert release(session, "again").release.number == 2
    require_running(session)
