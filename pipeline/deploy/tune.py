"""The tune verb: how fast and how dear the API's function is with each amount of memory.

Each size is a temporary version of the released function, invoked directly. The alias that the load balancer
uses stays where it is. The released size is measured on the released version.
"""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pipeline.aws import lambda_alias
from pipeline.aws.function_sizes import Invocation, TemporaryVersions, invoke, is_arm
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.json_text import damage, parse_json
from pipeline.core.platform import FUNCTION
from pipeline.deploy.api_spec import ApiSpec
from pipeline.deploy.memory_sizes import MeasuredSize
from pipeline.deploy.plan import require_current
from pipeline.deploy.session import Session
from pipeline.deploy.store import Outcome

LimitCpu = Callable[[str, str, str, int | None], int]
"""Limits a version's containers to the share of this memory: stack, function, version, MiB; None lifts it."""


def read_event(file: Path) -> bytes:
    """The event in a file.

    Raises:
        TandemError: the file cannot be read, or is not a JSON object.
    """
    hint = "tandem tune api"  # without an event it asks for the health path
    try:
        text = file.read_bytes()
        event = parse_json(text)
    except OSError as error:
        raise TandemError(f"the event {file} cannot be read: {error.strerror}", hint=hint) from error
    except ValueError as error:
        raise TandemError(f"the event {file} is not JSON: {damage(error)}", hint=hint) from error
    if not isinstance(event, dict):
        raise TandemError(f"the event {file} is not a JSON object", hint=hint)
    return text


def event_for(path: str, target_group: str, *, multi_value: bool) -> bytes:
    """The load balancer's event for a GET request to `path`."""
    headers = {"host": "tandem", "user-agent": "Tandem-Tune/1", "x-forwarded-proto": "https"}
    event: dict[str, Any] = {
        "requestContext": {"elb": {"targetGroupArn": target_group}},
        "httpMethod": "GET",
        "path": path,
        "body": "",
        "isBase64Encoded": False,
    }
    if multi_value:
        event |= {
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "multiValueQueryStringParameters": {},
        }
    else:
        event |= {"headers": headers, "queryStringParameters": {}}
    return json.dumps(event).encode()


def tune(  # noqa: PLR0913 - its options
    session: Session,
    sizes: Sequence[int],
    event: bytes | None,
    *,
    count: int,
    limit_cpu: LimitCpu | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> tuple[int, list[MeasuredSize]]:
    """The released memory, and what `count` warm invocations took with each size, ascending.

    Raises:
        TandemError: the API has no function, a release was left unfinished, or Lambda refuses.
    """
    with session.locked("tune the API's memory"):
        api = _require_function(session)
        function = session.platform.function_name
        payload = event or event_for(
            f"{api.path}/health",
            (session.platform.api_target_group_arns or {}).get(FUNCTION, ""),
            multi_value=session.platform.api_multi_value_headers,
        )
        session.store.record(0, Outcome.RUN, f"tune api: {', '.join(map(str, sizes))} MB")
        released_version, arm = _released_version(session, function), is_arm(session.aws, function)
        measurements = []
        with TemporaryVersions(session.aws, function, api.memory, pause).cleanup() as versions:
            for memory in sizes:
                version = released_version if memory == api.memory else versions.publish(memory)
                invocations = _invoke(session, version, memory, payload, count, limit_cpu)
                measurements.append(MeasuredSize.of(memory, invocations, arm=arm))
                last = measurements[-1]
                console.info(f"   {memory} MB: {last.error or f'{last.median:.1f} ms'}")
    return api.memory, measurements


def _invoke(  # noqa: PLR0913, PLR0917 - one step of `tune`
    session: Session, version: str, memory: int, payload: bytes, count: int, limit_cpu: LimitCpu | None
) -> list[Invocation]:
    """One cold invocation and `count` warm ones; local containers have the share of this memory meanwhile."""
    stack, function = session.stack.id, session.platform.function_name
    invocations = [invoke(session.aws, function, version, payload)]
    try:
        for _ in range(count):
            if limit_cpu:  # before each: another container may have started meanwhile
                limit_cpu(stack, function, version, memory)
            invocations.append(invoke(session.aws, function, version, payload))
    finally:
        if limit_cpu:
            limit_cpu(stack, function, version, None)
    return invocations


def _require_function(session: Session) -> ApiSpec:
    """The released API's settings; TandemError if no function serves it, or a release was left unfinished."""
    environment = session.environment
    release = require_current(session)
    if release.api is None or FUNCTION not in session.platform.runtimes:
        why = "there is no API" if release.api is None else "the API runs on tasks"
        raise TandemError(
            f"{environment} has no function to tune: {why}", hint=f"tandem status --env {environment}"
        )
    if session.store.interrupted():
        raise TandemError(
            f"a release to {environment} was left unfinished: the function may not be the current release's",
            hint=f"tandem release --env {environment}",
        )
    return release.api


def _released_version(session: Session, function: str) -> str:
    version = lambda_alias.stable_version(session.aws, function)
    if version is None:
        raise TandemError(
            f"the function {function} has no version that serves",
            hint=f"tandem status --env {session.environment}",
        )
    return version
