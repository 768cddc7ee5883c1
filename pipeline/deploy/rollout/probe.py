"""Probe one version of the API's function: invoke it directly, and read its metrics."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.aws import client_errors, cloudwatch, lambda_alias
from pipeline.aws.access import Aws
from pipeline.aws.client_errors import ClientError
from pipeline.core.errors import TandemError
from pipeline.core.json_text import parse_json
from pipeline.core.platform import FUNCTION, Platform
from pipeline.deploy.rollout import function_log

_SERVER_ERROR = 500
_MAX_RESPONSE = 1 << 20  # bytes; for a larger response the load balancer answers 502
_NOT_NOW = {409, 429, 502}  # pending; throttled; waking up
_TRIES = 10  # one a second while Lambda says "not now"
# How Python refuses the call of a WSGI application (environ, start_response) by an ASGI adapter.
_WSGI = re.compile(r"__call__\(\) takes 3 positional arguments but 4 were given")
_WSGI_HINT = (
    "the application is WSGI (Flask, Django, Bottle), its adapter is for ASGI: wrap it, as in"
    " Mangum(a2wsgi.WSGIMiddleware(app))"
)
_SHOWN = 500  # characters of a function's error
_TOLERATED = 0.05  # share of invocations that may fail: some requests are malformed


@dataclass(frozen=True)
class ApiTarget:
    """The function, its alias's target group, the path that reaches it, and its log group."""

    function: str
    target_group_arn: str
    path: str
    log_group: str = ""
    multi_value: bool = False
    """Whether the target group's events have lists of values for headers and query parameters."""

    @classmethod
    def of(cls, platform: Platform, path: str) -> "ApiTarget":
        """The target of `path` on `platform`; without a function the target group is empty and not used."""
        groups = platform.api_target_group_arns or {}
        return cls(
            platform.function_name,
            groups.get(FUNCTION, ""),
            path,
            platform.function_log_group,
            platform.api_multi_value_headers,
        )


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
    response = _invoke(aws, api, version, pause, tries)
    problem = _problem(api, response)
    if problem:
        log = function_log.of_answer(response.log) or function_log.of_version(aws, api.log_group, version)
        raise _probe_error(api, version, problem + log, _WSGI_HINT if _WSGI.search(log) else "")


@dataclass(frozen=True)
class _Response:
    """Lambda's answer: the function's error (empty if it returned), its body and its last log lines."""

    error: str
    body: bytes
    log: str


def _problem(api: ApiTarget, response: _Response) -> str:
    """Why a load balancer would not pass on the response; empty if it would."""
    body = response.body
    if response.error:
        return _function_error(body)
    if len(body) > _MAX_RESPONSE:
        return f"its response of {len(body)} bytes is too large for a load balancer"
    try:
        status = int(parse_json(body)["statusCode"])
    except (ValueError, KeyError, TypeError):
        return f"the ALB cannot read its response: {body[:200]!r}"
    return f"{api.path}/health answers {str(status)[:_SHOWN]}" if status >= _SERVER_ERROR else ""


def _invoke(aws: Aws, api: ApiTarget, version: str, pause: Callable[[float], None], tries: int) -> _Response:
    """Lambda's answer to one invocation.

    Throttling says nothing about the version: the function is busy with other requests, so it is tried again.
    So is a version that Lambda wakes up.
    """
    client, event, refusal = aws.client("lambda"), json.dumps(_event(api)).encode(), ""
    for number in range(1, tries + 1):
        try:
            response = client.invoke(
                FunctionName=api.function, Qualifier=version, Payload=event, LogType="Tail"
            )
            return _Response(
                response.get("FunctionError", ""), response["Payload"].read(), response.get("LogResult", "")
            )
        except ClientError as error:
            refusal = client_errors.reason(error)
            if client_errors.status(error) not in _NOT_NOW:
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
    invocations, failures = cloudwatch.totals(
        aws, "AWS/Lambda", names, dimensions, since=since - minute, until=until
    )
    return failures / invocations if invocations else 0.0


def require_few_errors(aws: Aws, api: ApiTarget, version: str, since: datetime) -> None:
    """TandemError if more than 5 % of the version's invocations since `since` failed."""
    share = error_share(aws, api.function, version, since)
    if share > _TOLERATED:
        log = function_log.of_version(aws, api.log_group, version, since)
        raise TandemError(f"version {version} of {api.function} fails {share:.0%} of its invocations{log}")


def _event(api: ApiTarget) -> dict[str, Any]:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
    headers = {"host": "tandem", "user-agent": "Tandem-Probe/1", "x-forwarded-proto": "https"}
    lists = {name: [value] for name, value in headers.items()}
    single: dict[str, Any] = {"queryStringParameters": {}, "headers": headers}
    multiple: dict[str, Any] = {"multiValueQueryStringParameters": {}, "multiValueHeaders": lists}
    return {
        "requestContext": {"elb": {"targetGroupArn": api.target_group_arn}},
        "httpMethod": "GET",
        "path": f"{api.path}/health",
        **(multiple if api.multi_value else single),
        "body": "",
        "isBase64Encoded": False,
    }


def _function_error(body: bytes) -> str:
    try:
        problem = parse_json(body)
        return f"{problem.get('errorType', 'error')}: {problem.get('errorMessage', '')}"[:_SHOWN]
    except (ValueError, AttributeError):
        return body[:200].decode(errors="replace")


def _probe_error(api: ApiTarget, version: str, reason: str, hint: str = "") -> TandemError:
    return TandemError(
        f"version {version} of {api.function} fails its probe: {reason}",
        hint=hint or "fix the API and release again; it got no traffic",
    )
