"""The probe sends the event that the function's target group would send."""

import json
from typing import Any

import pytest

from pipeline.deploy.rollout import probe
from pipeline.deploy.rollout.probe import ApiTarget
from pipeline.local.awslambda.alb_events import event
from pipeline.local.awslambda.http1 import HttpRequest
from pipeline.local.moto import InvokeResponse, on_invoke
from tests.support.aws_access import aws
from tests.support.example_releases import PLATFORM
from tests.support.stage import FUNCTION, Stage


@pytest.mark.parametrize("multi_value", [False, True])
def test_the_event_has_the_form_that_the_target_group_sends(stage: Stage, *, multi_value: bool) -> None:
    payloads: list[dict[str, Any]] = []

    def answer(_name: str, version: str, payload: bytes) -> InvokeResponse:
        payloads.append(json.loads(payload))
        return InvokeResponse(b'{"statusCode": 200}', version)

    on_invoke(answer)
    platform = PLATFORM.model_copy(update={"function_name": FUNCTION, "api_multi_value_headers": multi_value})
    stage._function("registry/api@sha256:" + "a" * 64)
    probe.invoke(aws(), ApiTarget.of(platform, "/api"), "1")
    request = HttpRequest("GET", "/api/health", (("host", "tandem"),), b"")
    assert payloads[0].keys() == event(request, "group", multi_value=multi_value).keys()
