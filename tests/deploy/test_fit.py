"""App and content that do not fit wait, and nothing else stops."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.deploy.release import ReleaseResult, release
from pipeline.deploy.selection import wanted_commits
from pipeline.deploy.status import read_status
from tests.support.aws_access import aws
from tests.support.pushes import push, running
from tests.support.stage_session import StageSession

WHY = "it requires commit 2 of the content"


@pytest.fixture
def fitted(session: StageSession) -> StageSession:
    """Release 1 runs, and the app's head 2 requires the content's 2."""
    release(session, "first")
    session.played.unfit[("2", "1")] = WHY
    return session


def released(session: StageSession, **heads: str) -> ReleaseResult:
    session.played.heads |= {Source(source): digit for source, digit in heads.items()}
    return release(session, "push")


def test_an_app_waits_for_its_content_and_the_api_does_not(fitted: StageSession) -> None:
    result = released(fitted, app="2", api="2")
    assert running(fitted) == {"app": "1", "static": "1", "api": "2"}
    assert result.notes() == [f"app: 2222222222 waits: {WHY}"]
    assert "waits" in fitted.store.trail()[-2].reason
    assert running(fitted) == {
        source.value: commit.id[0] for source, commit in wanted_commits(fitted).items()
    }


def test_it_is_released_with_the_content_that_it_waited_for(fitted: StageSession) -> None:
    result = push(fitted, Source.APP, "2")
    assert (result.is_new, result.notes()) == (False, [f"app: 2222222222 waits: {WHY}"])
    assert push(fitted, Source.STATIC, "2").notes() == []
    assert running(fitted) == {"app": "2", "static": "2", "api": "1"}


def test_content_that_lacks_what_the_released_app_requires_waits(fitted: StageSession) -> None:
    released(fitted, app="2", static="2")
    fitted.played.unfit[("2", "3")] = WHY
    result = released(fitted, static="3", api="3")
    assert running(fitted) == {"app": "2", "static": "2", "api": "3"}
    assert result.notes() == [f"static: 3333333333 waits: the app 2222222222 needs other content: {WHY}"]


def test_if_only_both_together_fit_both_stay(fitted: StageSession) -> None:
    fitted.played.unfit |= {("2", "3"): WHY, ("1", "3"): WHY, ("2", "1"): WHY}
    result = released(fitted, app="2", static="3", api="2")
    assert running(fitted) == {"app": "1", "static": "1", "api": "2"}
    assert set(result.held) == {Source.APP, Source.STATIC}


def test_an_app_does_not_go_without_content_that_does_not_build(fitted: StageSession) -> None:
    fitted.played.does_not_build.add("static 2")
    result = released(fitted, app="2", static="2", api="2")
    assert running(fitted) == {"app": "1", "static": "1", "api": "2"}
    assert (set(result.held), set(result.failed)) == ({Source.APP}, {Source.STATIC})
    current = fitted.store.current()
    assert current is not None
    assert str(current.images["app"]).endswith("1" * 64), "the image is that of the commit"


def test_a_first_release_that_does_not_fit_is_refused(session: StageSession) -> None:
    session.played.unfit[("1", "1")] = WHY
    with pytest.raises(TandemError, match="app and content do not fit: 1111111111 of app waits"):
        release(session, "first")
    assert session.store.numbers() == []


def test_the_status_says_what_waits_and_why(fitted: StageSession) -> None:
    push(fitted, Source.APP, "2")
    status = read_status(
        aws(), "local", "http://x", fitted.platform, fitted.store, fitted.heads, fitted.unmet
    )
    lines = [line for line in status.lines() if line.startswith(("moved", "left out"))]
    assert lines == [f"left out app: 2222222222 waits: {WHY}"]
