"""Probe one version of the API function: invoke it directly, and read its metrics."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.aws import cloudwatch, errors, lambda_alias
from pipeline.aws.client import Aws
from pipeline.aws.errors import ClientError
from pipeline.core.errors import TandemError
from pipeline.core.platform import FUNCTION, Platform

_SERVER_ERROR = 500
_LARGEST = 1 << 20  # bytes of an answer that a load balancer passes on; beyond, visitors get 502
_THROTTLED, _THROTTLED_TRIES = 429, 10
_TOLERATED = 0.05  # of a version's invocations may fail: clients send nonsense, too


@dataclass(frozen=True)
class ApiTarget:
    """The function, its alias's target group and the path that reaches it."""

    function: str
    target_group_arn: str
    path: str

    @classmethod
    def of(cls, platform: Platform, path: str) -> "ApiTarget":
        """Where no function runs the API there is no target group, and nobody asks."""
        groups = platform.api_target_group_arns or {}
        return cls(platform.function_name, groups.get(FUNCTION, ""), path)


def invoke(aws: Aws, api: ApiTarget, version: str, pause: Callable[[float], None] = time.sleep) -> None:
    """Invoke `version` as the load balancer's health check would; TandemError if it does not do well."""
    answer, body = _invoke(aws, api, version, pause)
    if answer.get("FunctionError"):
        raise _unwell(api, version, _error(body))
    if len(body) > _LARGEST:
        raise _unwell(api, version, f"its answer of {len(body)} bytes is too large for a load balancer")
    try:
        status = int(json.loads(body)["statusCode"])
    except (ValueError, KeyError, TypeError) as error:
        raise _unwell(api, version, f"its answer is none for a load balancer: {body[:200]!r}") from error
    if status >= _SERVER_ERROR:
        raise _unwell(api, version, f"{api.path}/health answers {status}")


def _invoke(
    aws: Aws, api: ApiTarget, version: str, pause: Callable[[float], None]
) -> tuple[Mapping[str, Any], bytes]:
    client, event = aws.client("lambda"), json.dumps(_event(api)).encode()
    for left in reversed(range(_THROTTLED_TRIES)):
        try:
            answer = client.invoke(FunctionName=api.function, Qualifier=version, Payload=event)
            return answer, answer["Payload"].read()
        except ClientError as error:
            if errors.status(error) == _THROTTLED:
                # The function is busy with its users: that says nothing about this version.
                if not left:
                    raise _unwell(api, version, "every invocation was throttled") from error
                pause(1.0)
                continue
            raise _unwell(api, version, errors.reason(error)) from error
    raise AssertionError


def error_share(aws: Aws, function: str, version: str, since: datetime) -> float:
    """Which share of the version's invocations through the alias failed since then (CloudWatch)."""
    minute = timedelta(minutes=1)
    where = {
        "FunctionName": function,
        "Resource": f"{function}:{lambda_alias.ALIAS}",
        "ExecutedVersion": version,
    }
    names, until = ("Invocations", "Errors"), datetime.now(UTC) + minute
    invoked, failed = cloudwatch.totals(aws, "AWS/Lambda", names, where, since=since - minute, until=until)
    return failed / invoked if invoked else 0.0


def require_few_errors(aws: Aws, function: str, version: str, since: datetime) -> None:
    """TandemError if more of the version's invocations failed than is tolerated."""
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


def _error(body: bytes) -> str:
    try:
        problem = json.loads(body)
        return f"{problem.get('errorType', 'error')}: {problem.get('errorMessage', '')}"
    except (ValueError, AttributeError):
        return body[:200].decode(errors="replace")


def _unwell(api: ApiTarget, version: str, reason: str) -> TandemError:
    return TandemError(
        f"version {version} of {api.function} does not do well: {reason}",
        hint="fix the API and release again; it got no traffic",
    )
