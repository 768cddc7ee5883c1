"""Requests that the ECS API would not take, by its model."""

from typing import Any

import pytest

from pipeline.aws.request_schema import check_document, validate_request
from pipeline.deploy.manifest import Release
from render.document import Document
from render.finding import Finding


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


def findings(task_definition: dict[str, Any], *warnings: Finding) -> list[tuple[str, bool]]:
    document = Document(task_definition, list(warnings))
    return [(finding.path, finding.warning) for finding in check_document(document)]


def test_a_file_is_checked_by_rules_model_and_text(release: Release) -> None:
    task = {**release.task_definition, "cpu": "77", "pidMode": 5}
    odd = Finding("$.tags", "twice", "remove one", warning=True)
    assert findings(task, odd) == [("$.cpu", False), ("$.pidMode", False), ("$.tags", True)]


def test_a_path_has_no_second_finding_of_the_model(release: Release) -> None:
    assert findings({**release.task_definition, "family": 5}) == [("$.family", False)]


def test_an_unknown_key_is_a_warning_with_the_likely_name(release: Release) -> None:
    app, static = release.task_definition["containerDefinitions"]
    check = {**app["healthCheck"], "startPeriode": 1}
    task = {**release.task_definition, "containerDefinitions": [{**app, "healthCheck": check}, static]}
    (finding,) = check_document(Document({"taskDefinition": task}, []))
    assert finding.path == "$.taskDefinition.containerDefinitions[0].healthCheck.startPeriode"
    assert (finding.warning, finding.hint) == (True, "write startPeriod")


def test_keys_with_capital_letters_are_named_once() -> None:
    assert findings({"Family": "x", "ContainerDefinitions": []}) == [("$", False)]


def test_a_value_of_many_lines_gives_one_short_finding(release: Release) -> None:
    task = {**release.task_definition, "pidMode": ["a\nb" * 9_999], "x\ny": 10**4_000}
    (first, second) = validate_request(task)
    assert (first.path, second.path) == ("$.x?y", "$.pidMode")
    assert len(str(first)) < 400
    assert len(str(second)) < 400
