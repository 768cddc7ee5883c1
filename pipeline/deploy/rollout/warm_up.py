"""Start as many instances of a new API version as its traffic needs, before it gets the traffic.

A version without instances answers slowly at first. Requests that wait for it use up the function's
concurrency, Lambda throttles the next ones, and the load balancer answers them with 502.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from pipeline.aws import cloudwatch
from pipeline.aws.access import Aws
from pipeline.aws.client_errors import ClientError
from pipeline.core import console
from pipeline.deploy.rollout.probe import ApiTarget, BusyError, invoke

_LEAST = 5
_MOST = 50
_NEW_ACCOUNT = 10  # concurrent executions
_RECENT = timedelta(minutes=15)


def warm_up(aws: Aws, api: ApiTarget, version: str, reserved: int) -> int:
    """Invoke `version` in parallel; returns the number of invocations.

    `reserved` is the function's reserved concurrency; with 0 it shares the account's.

    Raises:
        TandemError: the version fails, or AWS refuses. Throttling is no failure.
    """
    count = instances(concurrent_now(aws, api.function), reserved or _shared(aws))
    console.info(f"   API: warming {count} instance{'s' if count > 1 else ''} of version {version}")
    with ThreadPoolExecutor(count) as pool:
        for future in [pool.submit(_invoke_once, aws, api, version) for _ in range(count)]:
            future.result()
    return count


def instances(used: int, reserved: int) -> int:
    """How many instances to warm while `used` of the `reserved` concurrent invocations are in use.

    Twice as many as are used, since visits come in bursts; but only as many as the reserved concurrency
    leaves free, or the visitors themselves would be throttled.
    """
    return max(1, min(max(2 * used, _LEAST), reserved - used, _MOST))


def concurrent_now(aws: Aws, function: str) -> int:
    """The most invocations that ran at once in the last minutes; TandemError if AWS refuses."""
    until = datetime.now(UTC) + timedelta(minutes=1)
    return round(
        cloudwatch.maximum(
            aws,
            "AWS/Lambda",
            "ConcurrentExecutions",
            {"FunctionName": function},
            since=until - _RECENT,
            until=until,
        )
    )


def _shared(aws: Aws) -> int:
    """The concurrency that functions without a reservation share."""
    try:
        limit = aws.client("lambda").get_account_settings()["AccountLimit"]
    except ClientError:
        return _NEW_ACCOUNT  # warming is no reason to fail a release
    return limit["UnreservedConcurrentExecutions"]


def _invoke_once(aws: Aws, api: ApiTarget, version: str) -> None:
    try:
        invoke(aws, api, version, tries=1)
    except BusyError:
        return  # visitors need the concurrency more
