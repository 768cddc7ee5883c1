"""Requests that the ECS API would not take, by its model."""

from typing import Any

import pytest

from pipeline.aws.request_schema import check_document, validate_request
from pipeline.deploy.manifest import Release
from render.finding import Finding
from render.task_definition_file import ParsedTaskDefinition


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
    document = ParsedTaskDefinition(task_definition, list(warnings))
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
    (finding,) = check_document(ParsedTaskDefinition({"taskDefinition": task}, []))
    assert finding.path == "$.taskDefinition.containerDefinitions[0].healthCheck.startPeriode"
    assert (finding.warning, finding.hint) == (True, "write startPeriod")


@pytest.mark.parametrize(
    ("change", "path", "text"),
    [
        ({"runtimePlatform": {"operatingSystemFamily": "linux"}}, ".operatingSystemFamily", "write LINUX"),
        ({"runtimePlatform": {"cpuArchitecture": "amd64"}}, ".cpuArchitecture", "use X86_64, ARM64"),
        ({"requiresCompatibilities": ["fargate"]}, "[0]", "write FARGATE"),
        ({"requiresCompatibilities": ["FARGATE", "LAMBDA"]}, "[1]", "'LAMBDA' is none"),
        ({"tags": [{"key": "k" * 129}]}, "[0].key", "has 129 characters; at least 1 and at most 128"),
        ({"tags": [{"key": "k", "value": "v" * 257}]}, "[0].value", "at most 256"),
        ({"ephemeralStorage": {"sizeInGiB": 50.0}}, ".sizeInGiB", "write 50"),
        ({"ephemeralStorage": {"sizeInGiB": "50"}}, ".sizeInGiB", "write 50 without quotes"),
        ({"enableFaultInjection": "true"}, "", "write true without quotes"),
        ({"pidMode": 5}, "", "set it to"),
        ({"proxyConfiguration": {"containerName": "app", "type": "ENVOY"}}, ".type", "'ENVOY' is none"),
    ],
)
def test_a_value_that_the_api_does_not_know_is_an_error(
    release: Release, change: dict[str, Any], path: str, text: str
) -> None:
    document = ParsedTaskDefinition({**release.task_definition, **change}, [])
    findings = [
        finding for finding in check_document(document) if finding.path == f"$.{next(iter(change))}{path}"
    ]
    assert [finding.warning for finding in findings] == [False]
    assert text in str(findings[0])


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"user": "a\0b"}, "user"),
        ({"environment": [{"name": "A", "value": "\ud800"}]}, "environment[0].value"),
        ({"command": ["x", None]}, "command[1]"),
        ({"versionConsistency": "DISABLED"}, "versionConsistency"),
        ({"ulimits": [{"name": "files", "softLimit": 1, "hardLimit": 1}]}, "ulimits[0].name"),
        ({"dockerLabels": {"com.example/x": 1}}, "dockerLabels['com.example/x']"),
        (
            {"logConfiguration": {"logDriver": "awsfirelens", "options": {"a-b": True}}},
            "logConfiguration.options.a-b",
        ),
    ],
)
def test_a_misfit_of_a_container_is_found_at_its_whole_path(
    release: Release, change: dict[str, Any], path: str
) -> None:
    app, static = release.task_definition["containerDefinitions"]
    task = {**release.task_definition, "containerDefinitions": [{**app, **change}, static]}
    assert f"$.containerDefinitions[0].{path}" in [finding.path for finding in validate_request(task)]


def test_a_key_that_is_null_is_a_warning(release: Release) -> None:
    app, static = release.task_definition["containerDefinitions"]
    app = {**app, "firelensConfiguration": None, "environment": [{"name": "A", "value": None}]}
    task = {
        **release.task_definition,
        "containerDefinitions": [app, static],
        "volumes": [{"name": None}],
        "tags": None,
    }
    path = "$.containerDefinitions[0]"
    assert {item for item in findings(task) if item[1]} == {
        (f"{path}.environment[0].value", True),
        (f"{path}.firelensConfiguration", True),
        ("$.tags", True),
    }


@pytest.mark.parametrize("key", ["", "ö", "a b", "x" * 99])
def test_an_unknown_key_of_any_form_is_a_warning(release: Release, key: str) -> None:
    (finding,) = check_document(ParsedTaskDefinition({**release.task_definition, key: 1}, []))
    assert (finding.warning, finding.rule) == (True, "ECS knows no such key")


def test_keys_with_capital_letters_are_named_once() -> None:
    assert findings({"Family": "x", "ContainerDefinitions": []}) == [("$", False)]


def test_another_spelling_of_the_keys_is_named_once_at_any_depth(release: Release) -> None:
    app, static = release.task_definition["containerDefinitions"]
    capital = {key[0].upper() + key[1:]: value for key, value in app.items()}
    task = {
        **release.task_definition,
        "containerDefinitions": [capital, {**static, "dependsOn": [{"container_name": "x"}]}],
    }
    findings = check_document(ParsedTaskDefinition({"taskDefinition": task}, []))
    path = "$.taskDefinition.containerDefinitions"
    assert [finding.path for finding in findings] == [f"{path}[0]", f"{path}[1].dependsOn[0]"]
    assert findings[0].hint.startswith("begin each key with a small letter: ")
    assert findings[1].hint == 'write "containerName"'


@pytest.mark.parametrize(
    "document",
    [
        {"services": {"web": {"image": "nginx"}}, "volumes": {}},
        {"apiVersion": "apps/v1", "kind": "Deployment"},
        {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Family": "x"}},
        {"taskDefinitions": [{"family": "x"}]},
        {"taskDefinition": None},
        {"taskDefinition": [{"family": "x"}]},
        {"taskDefinition": {"taskDefinition": {"family": "x"}}},
        {"input": {"family": "x"}},
        {"jobDefinitionName": "x", "type": "container"},
    ],
)
def test_a_document_of_another_kind_is_named_once(document: dict[str, Any]) -> None:
    (finding,) = check_document(ParsedTaskDefinition(document, []))
    assert finding.path.removesuffix(".taskDefinition") == "$"
    assert "is not a task definition: it has neither family" in finding.rule


def test_an_empty_task_definition_lacks_its_keys() -> None:
    assert ("$.family", False) in findings({})
    assert ("$.family", False) in findings({"cpu": "256", "family_": "x", "containerDefinitions": []})


def test_a_value_of_many_lines_gives_one_short_finding(release: Release) -> None:
    task = {**release.task_definition, "pidMode": ["a\nb" * 9_999], "x\ny": 10**4_000}
    (first, second) = validate_request(task)
    assert (first.path, second.path) == ("$.pidMode", "$['x\\ny']")
    assert len(str(first)) < 400
    assert len(str(second)) < 400
