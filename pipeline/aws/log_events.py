"""CloudWatch Logs: the events and the streams of one log group."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipeline.aws.access import Aws
from pipeline.aws.client_errors import explain_errors
from pipeline.core.errors import TandemError


@dataclass(frozen=True)
class LogEvent:
    """One line of a log stream; `id` is unique in its log group."""

    at: datetime
    stream: str
    text: str
    id: str


def read_events(
    aws: Aws, group: str, prefix: str, since: datetime, until: datetime | None = None
) -> Iterator[LogEvent]:
    """The events of the streams whose names begin with `prefix`, from `since` to `until`.

    CloudWatch sorts the events of each page by time.

    Raises:
        TandemError: there is no such log group, or AWS refuses.
    """
    query: Any = {"logGroupName": group, "startTime": _milliseconds(since)}
    query |= {"logStreamNamePrefix": prefix} if prefix else {}
    query |= {"endTime": _milliseconds(until)} if until else {}
    with _explained(aws, group):
        pages = aws.client("logs").get_paginator("filter_log_events").paginate(**query)
        for page in pages:
            for event in page["events"]:
                yield LogEvent(
                    datetime.fromtimestamp(event["timestamp"] / 1000, UTC),
                    event["logStreamName"],
                    event["message"].rstrip(),
                    event["eventId"],
                )


def stream_starts(aws: Aws, group: str, prefix: str) -> dict[str, datetime]:
    """When each stream whose name begins with `prefix` was created, by name; errors as `read_events`."""
    query: Any = {"logGroupName": group, **({"logStreamNamePrefix": prefix} if prefix else {})}
    with _explained(aws, group):
        pages = aws.client("logs").get_paginator("describe_log_streams").paginate(**query)
        return {
            stream["logStreamName"]: datetime.fromtimestamp(stream["creationTime"] / 1000, UTC)
            for page in pages
            for stream in page["logStreams"]
        }


def decode_tail(log_result: str) -> list[str]:
    """The lines of the field `LogResult` of Lambda's answer: base64, the last 4 KB of the log."""
    return base64.b64decode(log_result).decode(errors="replace").splitlines()


def _milliseconds(time: datetime) -> int:
    return max(0, int(time.timestamp() * 1000))


@contextmanager
def _explained(aws: Aws, group: str) -> Iterator[None]:
    with explain_errors(f"read the log group {group}"):
        try:
            yield
        except aws.client("logs").exceptions.ResourceNotFoundException as error:
            raise TandemError(f"there is no log group {group}", hint="tandem apply") from error
