"""Pushes to the sources of a session, and what they lead to."""

from pipeline.core.values import Source
from pipeline.deploy.release import release
from pipeline.deploy.release_result import ReleaseResult
from pipeline.deploy.status import read_status
from tests.support.aws_access import aws
from tests.support.stage_session import StageSession


def move_head(session: StageSession, source: Source, digit: str) -> None:
    """Push a commit and release nothing."""
    session.played.heads[source] = digit


def push(session: StageSession, source: Source, digit: str) -> ReleaseResult:
    """Push a commit and release it."""
    move_head(session, source, digit)
    return release(session, f"push to {source}")


def running(session: StageSession) -> dict[str, str]:
    """One digit for the commit of each source that is released."""
    current = session.store.current()
    assert current is not None
    return {source.value: commit.id[0] for source, commit in current.commits.items()}


def outcomes(session: StageSession) -> list[tuple[int, str]]:
    """The trail: releases and what became of them."""
    return [(entry.release, entry.outcome.value) for entry in session.store.trail()]


def status_lines(session: StageSession) -> str:
    """What `tandem status` says."""
    status = read_status(aws(), "local", "http://127.0.0.1", session.platform, session.store)
    return "\n".join(status.lines())
