"""An error about the API's function ends with the last lines of its log."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.core.errors import TandemError
from pipeline.deploy.rollout import function_log, probe
from pipeline.local.moto import InvokeResponse
from tests.support.aws_access import aws
from tests.support.example_releases import make_release
from tests.support.stage import FUNCTION, TARGETS, Stage

GROUP = f"/aws/lambda/{FUNCTION}"
API = probe.ApiTarget(FUNCTION, TARGETS, "/api", GROUP)
LOG = b"START RequestId: 1 Version: 1\nNo module named awslambdaric\nEND RequestId: 1\nREPORT RequestId: 1 x"


def failure(stage: Stage, answer: InvokeResponse, api: probe.ApiTarget = API) -> str:
    release = make_release("a")
    stage.answers[str(release.api.image)] = answer
    stage._function(str(release.api.image))
    with pytest.raises(TandemError) as caught:
        probe.invoke(aws(), api, "1", pause=lambda _: None)
    return caught.value.message


@pytest.mark.parametrize(
    "answer",
    [
        InvokeResponse(b'{"errorType": "Runtime.ExitError"}', error="Unhandled", log=LOG),
        InvokeResponse(b'{"statusCode": 500}', log=LOG),
        InvokeResponse(b'"nothing that a load balancer takes"', log=LOG),
    ],
)
def test_a_probe_that_fails_shows_what_the_function_wrote(stage: Stage, answer: InvokeResponse) -> None:
    message = failure(stage, answer)
    assert message.endswith("\nthe last lines of its log:\n  No module named awslambdaric")


def write(text: str, stream: str = "2026/11/26/[1]abc") -> None:
    logs = aws().client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
    event: Any = {"timestamp": int(datetime.now(UTC).timestamp() * 1000), "message": text}
    logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=[event])


def test_without_lines_in_the_answer_cloudwatch_has_them(stage: Stage) -> None:
    write("[ERROR] KeyError: 'TABLE'\rTraceback (most recent call last):\r\xa0\xa0line 1")
    message = failure(stage, InvokeResponse(b'{"statusCode": 502}'))
    assert message.endswith("  [ERROR] KeyError: 'TABLE'\n  Traceback (most recent call last):\n    line 1")


def test_lines_of_another_version_are_left_out(stage: Stage) -> None:
    write("not mine", "2026/11/26/[11]abc")
    assert "not mine" not in failure(stage, InvokeResponse(b'{"statusCode": 502}'))


@pytest.mark.parametrize("group", ["", "/aws/lambda/missing"])
def test_a_log_that_cannot_be_read_changes_no_error(stage: Stage, group: str) -> None:
    message = failure(stage, InvokeResponse(b'{"statusCode": 502}'), replace(API, log_group=group))
    assert message.endswith("/api/health answers 502")


def test_failed_invocations_show_the_log_since_the_canary_began(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    del stage
    write("division by zero")
    monkeypatch.setattr(probe, "error_share", lambda *_: 0.2)
    with pytest.raises(TandemError, match=r"fails 20% of its invocations\n.*:\n  division by zero"):
        probe.require_few_errors(aws(), API, "1", datetime.now(UTC) - timedelta(minutes=1))


@pytest.mark.parametrize(
    "line",
    [
        "INIT_START Runtime Version: python:3.11",
        '{"time": "2026-11-26", "type": "platform.report", "record": {}}',
        "INIT_REPORT Status: error {}",
        '    File "<frozen importlib._bootstrap>", line 1206, in _gcd_import',
        "   ",
        "\x1b[0m",
    ],
)
def test_lines_that_say_nothing_are_left_out(line: str) -> None:
    assert function_log.own_lines([line, "[1, 2]", '{"type": 3}', "\x1b[31mred\x1b[0m"]) == [
        "[1, 2]",
        '{"type": 3}',
        "red",
    ]


def test_a_wsgi_application_under_an_asgi_adapter_is_named(stage: Stage) -> None:
    log = b"TypeError: Flask.__call__() takes 3 positional arguments but 4 were given\n"
    release = make_release("a")
    stage.answers[str(release.api.image)] = InvokeResponse(b'{"statusCode": 500}', log=log)
    stage._function(str(release.api.image))
    with pytest.raises(TandemError) as caught:
        probe.invoke(aws(), API, "1", pause=lambda _: None)
    assert "WSGI" in caught.value.hint
