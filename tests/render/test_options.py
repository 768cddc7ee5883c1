"""Fargate's rules for the options that other people's task definitions use."""

from typing import Any

import pytest

from render.fargate import check
from render.finding import Finding, errors, excerpt
from tests.render import (
    accepted,
    breaks_of_kernel,
    breaks_of_logs,
    breaks_of_options,
    breaks_of_secrets,
    breaks_of_sizes,
    breaks_of_volumes,
)
from tests.render.breaks import GOOD, broken

_MODULES = (breaks_of_kernel, breaks_of_logs, breaks_of_secrets, breaks_of_sizes, breaks_of_volumes)
RULES = breaks_of_options.RULES | {name: rule for module in _MODULES for name, rule in module.RULES.items()}
WARNINGS = accepted.WARNINGS | {name: rule for module in _MODULES for name, rule in module.WARNINGS.items()}
ACCEPTED = accepted.ACCEPTED | {
    name: change for module in _MODULES for name, change in module.ACCEPTED.items()
}


@pytest.mark.parametrize("name", RULES)
def test_a_broken_rule_is_an_error_at_its_path(name: str) -> None:
    change, path, rule = RULES[name]
    findings = errors(check(broken(change)))
    assert {finding.path for finding in findings} == {path}, [str(finding) for finding in findings]
    assert rule in str(findings[0])


@pytest.mark.parametrize("name", WARNINGS)
def test_a_likely_mistake_is_a_warning_at_its_path(name: str) -> None:
    change, path, rule = WARNINGS[name]
    (finding,) = check(broken(change))
    assert (finding.path, finding.warning) == (path, True)
    assert rule in str(finding)
    assert str(finding).startswith(f"{path}: warning: ")


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_fargate_takes_has_no_finding(name: str) -> None:
    assert check(broken(ACCEPTED[name])) == []


def test_a_definition_for_other_hosts_is_named_once() -> None:
    task = {**GOOD, "requiresCompatibilities": ["EC2", "EXTERNAL"], "networkMode": "bridge", "cpu": "77"}
    (finding,) = check(task)
    assert finding.path == "$.requiresCompatibilities"
    assert "EC2, EXTERNAL" in finding.rule


@pytest.mark.parametrize("tags", [[{"key": "aws:cloudformation:stack-name", "value": "shop"}], []])
def test_tags_that_aws_set_are_read_and_not_sent(tags: list[Any]) -> None:
    assert check({"taskDefinition": GOOD, "tags": tags}) == []
    assert check({**GOOD, "taskDefinitionArn": "arn", "tags": tags}) == []


def test_the_path_names_the_field_as_the_file_has_it() -> None:
    task = {**GOOD, "cpu": "77"}
    tags = [{"key": str(n), "value": ""} for n in range(51)]
    assert [finding.path for finding in check({"taskDefinition": task, "tags": tags})] == [
        "$.tags",
        "$.taskDefinition.cpu",
    ]
    assert [finding.path for finding in check({"taskDefinition": {**GOOD, "tags": tags}})] == [
        "$.taskDefinition.tags"
    ]


@pytest.mark.parametrize(
    "value", ["x" * 5_000_000, 10**5_000, ["x" * 99] * 999, "\ud800\n\x1b[31m"], ids=range(4)
)
def test_a_value_is_shown_within_a_line(value: object) -> None:
    assert len(excerpt(value)) <= 80
    assert excerpt(value).isprintable()


@pytest.mark.parametrize("key", ["cpu", "memory", "family", "executionRoleArn", "networkMode", "tags"])
def test_a_message_never_repeats_a_long_value(key: str) -> None:
    for value in ("9" * 5_000, "x" * 100_000, 10**4_000, [{"key": "aws:" + "x" * 9_999}]):
        assert all(len(str(finding)) < 400 for finding in check({**GOOD, key: value}))


def test_warnings_sort_with_errors() -> None:
    findings = [Finding("$.b", "x", "y"), Finding("$.a", "x", "y", warning=True)]
    assert errors(sorted(findings)) == [findings[0]]
