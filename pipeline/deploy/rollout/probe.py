"""Probe one version of the API's function: invoke it directly, and read its metrics."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.aws import cloudwatch, errors, lambda_alias
from pipeline.aws.client import Aws
from pipeline.aws.errors import ClientError
from pipeline.core.errors import TandemError
from pipeline.core.platform import FUNCTION, Platform

_SERVER_ERROR = 500
_MAX_RESPONSE = 1 << 20  # bytes; for a larger response the load balancer answers 502
_NOT_NOW = {409, 429, 502}  # pending; throttled; waking up
_TRIES = 10  # one a second while Lambda says "not now"
_TOLERATED = 0.05  # share of invocations that may fail: some requests are malformed


@dataclass(frozen=True)
class ApiTarget:
    """The function, its alias's target group and the path that reaches it."""

    function: str
    target_group_arn: str
    path: str

    @classmethod
    def of(cls, platform: Platform, path: str) -> "ApiTarget":
        """The target of `path` on `platform`; without a function the target group is empty and not used."""
        groups = platform.api_target_group_arns or {}
        return cls(platform.function_name, groups.get(FUNCTION, ""), path)


class BusyError(TandemError):
    """Lambda refused the invocation for now: it throttles the function, or wakes it up."""


def invoke(
    aws: Aws,
    api: ApiTarget,
    version: str,
    pause: Callable[[float], None] = time.sleep,
    *,
    tries: int = _TRIES,
) -> None:
    """Invoke `version` as the load balancer's health check does; `pause` waits for so many seconds.

    Raises:
        BusyError: Lambda refused each of `tries` invocations for now.
        TandemError: the version fails, or its response is no valid answer for a load balancer.
    """
    function_error, body = _invoke(aws, api, version, pause, tries)
    if function_error:
        raise _probe_error(api, version, _function_error(body))
    if len(body) > _MAX_RESPONSE:
        raise _probe_error(
            api, version, f"its response of {len(body)} bytes is too large for a load balancer"
        )
    try:
        status = int(json.loads(body)["statusCode"])
    except (ValueError, KeyError, TypeError) as error:
        raise _probe_error(api, version, f"the ALB cannot read its response: {body[:200]!r}") from error
    if status >= _SERVER_ERROR:
        raise _probe_error(api, version, f"{api.path}/health answers {status}")


def _invoke(
    aws: Aws, api: ApiTarget, version: str, pause: Callable[[float], None], tries: int
) -> tuple[str, bytes]:
    """The error of the function (empty if it returned) and its response.

    Throttling says nothing about the version: the function is busy with other requests, so it is tried again.
    So is a version that Lambda wakes up.
    """
    client, event, refusal = aws.client("lambda"), json.dumps(_event(api)).encode(), ""
    for number in range(1, tries + 1):
        try:
            response = client.invoke(FunctionName=api.function, Qualifier=version, Payload=event)
            return response.get("FunctionError", ""), response["Payload"].read()
        except ClientError as error:
            refusal = errors.reason(error)
            if errors.status(error) not in _NOT_NOW:
                raise _probe_error(api, version, refusal) from error
        if number < tries:
            pause(1.0)
    busy = _probe_error(api, version, f"Lambda refused each of {tries} invocations: {refusal}")
    raise BusyError(busy.message, hint=busy.hint)


def error_share(aws: Aws, function: str, version: str, since: datetime) -> float:
    """The share (0 to 1) of the version's invocations through the alias that failed since `since`."""
    minute = timedelta(minutes=1)
    dimensions = {
        "FunctionName": function,
        "Resource": f"{function}:{lambda_alias.ALIAS}",
        "ExecutedVersion": version,
    }
    names, until = ("Invocations", "Errors"), datetime.now(UTC) + minute
    invocations, failed = cloudwatch.totals(
        aws, "AWS/Lambda", names, dimensions, since=since - minute, until=until
    )
    return failed / invocations if invocations else 0.0


def require_few_errors(aws: Aws, function: str, version: str, since: datetime) -> None:
    """TandemError if more than 5 % of the version's invocations since `since` failed."""
    share = error_share(aws, function, version, since)
    if share > _TOLERATED:
        raise TandemError(f"version {version} of {function} fails {share:.0%} of its invocations")


def _event(api: ApiTarget) -> dict[str, Any]:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
    return {
        "requestContext": {"elb": {"targetGroupArn": api.target_group_arn}},
        "httpMethod": "GET",
        "path": f"{api.path}/health",
        "queryStringParameters": {},
        "headers": {"host": "tandem", "user-agent": "Tandem-Probe/1", "x-forwarded-proto": "https"},
        "body": "",
        "isBase64Encoded": False,
    }


def _function_error(body: bytes) -> str:
    try:
        problem = json.loads(body)
        return f"{problem.get('errorType', 'error')}: {problem.get('errorMessage', '')}"
    except (ValueError, AttributeError):
        return body[:200].decode(errors="replace")


def _probe_error(api: ApiTarget, version: str, reason: str) -> TandemError:
    return TandemError(
        f"version {version} of {api.function} fails its probe: {reason}",
        hint="fix the API and release again; it got no traffic",
    )
