"""Requests that the ECS API would not take."""

from typing import Any

import pytest

from pipeline.aws.request_schema import validate_request
from pipeline.deploy.manifest import Release


def test_what_is_rendered_fits_the_api(release: Release) -> None:
    assert validate_request(release.task_definition) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"cpus": "1"}, "$.cpus"),
        ({"cpu": 256}, "$.cpu"),
        ({"volumes": [{"nom": "x"}]}, "$.volumes[0].nom"),
        ({"containerDefinitions": [{"essential": "yes"}]}, "$.containerDefinitions[0].essential"),
    ],
)
def test_a_misfit_is_found_where_it_is(release: Release, change: dict[str, Any], path: str) -> None:
    assert [finding.path for finding in validate_request({**release.task_definition, **change})] == [path]
