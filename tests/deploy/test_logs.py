"""Logs come from CloudWatch: of the right streams, of the right release, each line once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from moto.backends import get_backend

from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.deploy import logs
from pipeline.deploy.manifest import Release
from pipeline.deploy.store import Outcome, Store, lock
from pipeline.deploy.time_in_effect import time_in_effect
from tests.support.aws_access import aws
from tests.support.example_releases import PLATFORM, make_release

FUNCTION = "/aws/lambda/shop-dev-api"
ON_BOTH = PLATFORM.model_copy(
    update={
        "function_log_group": FUNCTION,
        "api_log_group": "/shop-dev/api",
        "api_target_group_arns": {"lambda": "arn:1", "fargate": "arn:2"},
    }
)
NOW = datetime.now(UTC).replace(microsecond=0)


def write(group: str, stream: str, *texts: str, at: datetime = NOW) -> None:
    client = aws().client("logs")
    if not client.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        client.create_log_group(logGroupName=group)
    if not client.describe_log_streams(logGroupName=group, logStreamNamePrefix=stream)["logStreams"]:
        client.create_log_stream(logGroupName=group, logStreamName=stream)
    events: Any = [{"timestamp": int(at.timestamp() * 1000), "message": text} for text in texts]
    client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def read(source: Source | None, since: datetime = NOW - timedelta(minutes=5)) -> list[str]:
    streams = logs.streams_of(PLATFORM.model_copy(update={"function_log_group": FUNCTION}), RELEASE, source)
    return [str(line).split(" ", 1)[1] for line in logs.read_once(aws(), streams, since)]


RELEASE: Release = make_release()


@pytest.fixture
def written(mocked_aws: None) -> None:  # noqa: ARG001 - the fixture
    write("/shop-dev/app", "app/app/0123456789", "GET /", at=NOW - timedelta(minutes=1))
    write("/shop-dev/app", "static/static/0123456789", "done", at=NOW - timedelta(minutes=2))
    write("/shop-dev/app", "app/app/old", "long ago", at=NOW - timedelta(hours=2))
    write(FUNCTION, "2026/11/26/[3]abc", "START RequestId: 1", "Traceback:\r  line\x1b[31m 1\x1b[0m")


@pytest.mark.usefixtures("written")
def test_each_source_has_its_own_lines_and_none_has_all_by_time() -> None:
    app, static = "app    01234567 GET /", "static 01234567 done"
    api = ["api    v3       START RequestId: 1", "api    v3       Traceback:", "api    v3         line 1"]
    assert read(Source.APP) == [app]
    assert read(Source.STATIC) == [static]
    assert read(Source.API) == api
    assert read(None) == [static, app, *api]


@pytest.mark.usefixtures("written")
def test_a_line_before_since_is_not_shown() -> None:
    assert len(read(Source.APP, NOW - timedelta(hours=3))) == 2


def test_an_api_on_tasks_has_the_log_group_of_its_tasks() -> None:
    assert [(item.group, item.prefix) for item in logs.streams_of(ON_BOTH, RELEASE, Source.API)] == [
        (FUNCTION, ""),
        ("/shop-dev/api", "api/api/"),
    ]


def test_a_layout_without_a_static_container_is_explained() -> None:
    (app,) = [item for item in RELEASE.task_definition["containerDefinitions"] if item["name"] == "app"]
    fused = replace(RELEASE, task_definition={**RELEASE.task_definition, "containerDefinitions": [app]})
    with pytest.raises(TandemError, match="has no container of static") as caught:
        logs.streams_of(PLATFORM, fused, Source.STATIC)
    assert caught.value.hint == "tandem logs app"


@pytest.mark.usefixtures("mocked_aws")
def test_a_log_group_that_does_not_exist_is_named() -> None:
    with pytest.raises(TandemError, match="there is no log group /aws/lambda"):
        read(Source.API)


@pytest.mark.usefixtures("mocked_aws")
def test_following_prints_each_line_once_and_late_ones_as_well() -> None:
    write("/shop-dev/app", "app/app/1", "first")
    streams = logs.streams_of(PLATFORM, RELEASE, Source.APP)
    late = [
        lambda: write("/shop-dev/app", "app/app/1", "second", at=NOW + timedelta(seconds=1)),
        lambda: write("/shop-dev/app", "app/app/2", "late", at=NOW - timedelta(seconds=5)),
        lambda: write("/shop-dev/app", "app/app/1", "last", at=NOW + timedelta(seconds=2)),
    ]
    lines = logs.follow(
        aws(), streams, NOW - timedelta(minutes=1), pause=lambda _: late.pop(0)() if late else None
    )
    assert [line.text for line in islice(lines, 4)] == ["first", "second", "late", "last"]


def at(store: Store, number: int, outcome: Outcome, minute: int, patch: pytest.MonkeyPatch) -> None:
    when = (NOW + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z")
    patch.setattr("pipeline.deploy.store.store.now", lambda: when)
    if outcome is Outcome.SUCCEEDED:
        with lock.held(store.objects, "a test") as lease:
            store.succeed(number, lease.token)
    else:
        store.record(number, outcome)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """1 runs from minute 0, 2 (another API only) from 10, 3 fails from 20 to 22, 4 (new tasks) from 30."""
    store = Store.in_folder(tmp_path, "dev")
    first, other = make_release("a"), make_release("b")
    for release in (first, replace(first, api=other.api), other, other):
        store.add(release)
    for number, outcome, minute in (
        (1, Outcome.STARTED, 0),
        (1, Outcome.SUCCEEDED, 1),
        (2, Outcome.STARTED, 10),
        (2, Outcome.SUCCEEDED, 11),
        (3, Outcome.STARTED, 20),
        (3, Outcome.ROLLED_BACK, 22),
        (4, Outcome.STARTED, 30),
        (4, Outcome.SUCCEEDED, 31),
    ):
        at(store, number, outcome, minute, monkeypatch)
    return store


@pytest.mark.parametrize(
    ("number", "minutes"),
    [(1, [0, 11, 0, 0]), (2, [10, 31, 0, 10]), (3, [20, 22, 20, 10]), (4, [30, None, 30, 10])],
)
def test_a_release_is_in_effect_until_it_fails_or_another_succeeds(
    store: Store, number: int, minutes: list[int | None]
) -> None:
    effect = time_in_effect(store, store.get(number))
    assert minutes == [
        None if when is None else int((when - NOW).total_seconds() // 60)
        for when in (effect.began, effect.ended, effect.tasks_began, effect.api_began)
    ]


def test_a_release_that_was_never_applied_has_no_logs(store: Store) -> None:
    added = store.add(make_release("c"))
    with pytest.raises(TandemError, match="was never applied"):
        time_in_effect(store, added)


@pytest.mark.usefixtures("mocked_aws")
def test_lines_of_a_release_leave_out_tasks_of_the_one_before(
    store: Store,
) -> None:
    for task, minute in (("old", 5), ("new", 21)):
        write("/shop-dev/app", f"app/app/{task}", f"by {task}", at=NOW + timedelta(minutes=21))
        group = get_backend("logs")["123456789012"]["eu-central-1"].groups["/shop-dev/app"]
        group.streams[f"app/app/{task}"].creation_time = (NOW + timedelta(minutes=minute)).timestamp() * 1000
    streams, effect = (
        logs.streams_of(PLATFORM, RELEASE, Source.APP),
        time_in_effect(store, store.get(3)),
    )
    assert [line.text for line in logs.read_once(aws(), streams, effect.began, effect)] == ["by new"]


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10m", 600), ("2 h", 7200), ("1d", 86_400), (" 5m ", 300)]
)
def test_a_span_is_counted_back_from_now(text: str, seconds: int) -> None:
    assert logs.parse_since(text, NOW) == NOW - timedelta(seconds=seconds)


def test_a_time_with_and_without_zone_is_a_time() -> None:
    assert logs.parse_since("2026-01-31T12:00+00:00") == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert logs.parse_since("2026-01-31 12:00").tzinfo


@pytest.mark.parametrize("text", ["", "soon", "10", "-5m", "10w", "1.5h", "999999d"])
def test_anything_else_is_no_time(text: str) -> None:
    with pytest.raises(TandemError, match="is no time"):
        logs.parse_since(text, NOW)


def test_without_a_release_nothing_has_written_a_log(tmp_path: Path) -> None:
    with pytest.raises(TandemError, match="nothing was released in dev yet"):
        logs.release_to_read(Store.in_folder(tmp_path, "dev"), None)
