"""Quiet hours: pushes wait, and are released after them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.settings import EnvironmentSettings
from pipeline.core.values import Source
from pipeline.triggers.queue import Queue
from pipeline.triggers.quiet import quiet_until
from pipeline.triggers.reconcile import handle, reconcile, release_all
from tests.support.effort import examples
from tests.support.pushes import running
from tests.support.queued_pushes import ends, queue_push
from tests.support.stage_session import StageSession


@pytest.mark.parametrize(
    ("hours", "at", "until"),
    [
        ("", "12:00", None),
        ("22:00-06:00", "21:59", None),
        ("22:00-06:00", "22:00", "2 06:00"),
        ("22:00-06:00", "05:59", "1 06:00"),
        ("22:00-06:00", "06:00", None),
        ("09:00-17:00", "09:00", "1 17:00"),
        ("09:00-17:00", "17:00", None),
        ("00:00-00:00", "12:00", "2 00:00"),
    ],
)
def test_they_end_when_they_say(hours: str, at: str, until: str | None) -> None:
    end = quiet_until(hours, datetime.fromisoformat(f"2026-01-01T{at}+00:00"))
    assert (f"{end.day} {end:%H:%M}" if end else None) == until


_TIMES = st.times().map(lambda at: f"{at:%H:%M}")


@settings(max_examples=examples(100), deadline=None)
@given(begin=_TIMES, end=_TIMES, now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))  # noqa: DTZ001
def test_after_their_end_they_are_over(begin: str, end: str, now: datetime) -> None:
    until = quiet_until(f"{begin}-{end}", now.replace(tzinfo=UTC))
    if until:
        assert until > now.replace(tzinfo=UTC)
        assert begin == end or quiet_until(f"{begin}-{end}", until) is None


_DAYS = {"spring": datetime(2027, 3, 27, 20, tzinfo=UTC), "autumn": datetime(2026, 10, 24, 20, tzinfo=UTC)}


@pytest.mark.parametrize("hours", ["22:00-02:30", "02:15-02:45", "02:30-06:00", "00:00-00:00", "03:30-02:00"])
@pytest.mark.parametrize("start", _DAYS.values(), ids=_DAYS)
def test_when_the_clock_is_changed_they_are_what_it_shows(hours: str, start: datetime) -> None:
    """An hour that comes twice is quiet twice; an end that never comes is over at the next time that does."""
    begin, end = hours.split("-")
    for minutes in range(0, 14 * 60, 5):
        now = (start + timedelta(minutes=minutes)).astimezone(ZoneInfo("Europe/Berlin"))
        shown = f"{now:%H:%M}"
        is_quiet = begin <= shown < end if begin < end else (shown >= begin or shown < end)
        until = quiet_until(hours, now)
        assert (until is not None) == is_quiet, now
        if until and begin != end:
            after = until.astimezone(UTC).astimezone(until.tzinfo)
            assert after > now
            assert quiet_until(hours, after) is None, now


def test_a_push_in_quiet_hours_waits_and_a_release_by_hand_does_not(
    session: StageSession, capsys: pytest.CaptureFixture[str]
) -> None:
    queue = Queue.of(session.project, session.environment)
    release_all(session, queue, "first")
    now = datetime.now(ZoneInfo("Asia/Tokyo"))
    hours = f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=1):%H:%M}"
    session.played.gates = EnvironmentSettings(quiet_hours=hours, timezone="Asia/Tokyo")
    assert handle(session, queue, queue_push(session, queue, Source.APP, "2")) is None
    assert reconcile(session, queue) is None
    assert (ends(queue), running(session)["app"]) == ([("waits", 0)], "1")
    assert f"quiet hours of local until {hours[-5:]} Asia/Tokyo: pushes wait" in capsys.readouterr().err
    release_all(session, queue, "an urgent fix")
    assert (ends(queue), running(session)["app"]) == ([("released", 2)], "2")


def test_what_waited_is_released_when_they_are_over(session: StageSession) -> None:
    queue = Queue.of(session.project, session.environment)
    session.played.gates = EnvironmentSettings(quiet_hours="00:00-00:00")
    handle(session, queue, queue_push(session, queue, Source.APP, "2"))
    session.played.gates = EnvironmentSettings()
    reconcile(session, queue)
    assert ends(queue) == [("released", 1)]
