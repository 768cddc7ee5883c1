"""Each broken rule is reported at the path where it is broken."""

# ruff: noqa: ARG005 - each change takes the task, app and static, and needs one of them

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.aws.request_schema import check_document
from render.fargate import check
from render.task_definition_file import ParsedTaskDefinition
from tests.render import breaks_of_containers, breaks_of_tasks
from tests.render.breaks import APP, GOOD, STATIC, broken

RULES = {**breaks_of_tasks.RULES, **breaks_of_containers.RULES}


@pytest.mark.parametrize("name", RULES)
def test_a_broken_rule_is_reported_at_its_path(name: str) -> None:
    change, path, rule = RULES[name]
    findings = check(broken(change))
    matching = [finding for finding in findings if finding.path == path and rule in str(finding)]
    assert matching, [str(finding) for finding in findings]
    assert all(finding.hint for finding in matching)


def test_all_findings_are_reported_at_once() -> None:
    def change(t: dict[str, Any], a: dict[str, Any], s: dict[str, Any]) -> None:
        t.update(cpu="300", family="a b")
        a.update(privileged=True)
        s.update(stopTimeout=500)

    paths = {finding.path for finding in check(broken(change))}
    assert paths == {"$.cpu", "$.family", f"{APP}.privileged", f"{STATIC}.stopTimeout"}


def test_unknown_fields_pass() -> None:
    assert check({**GOOD, "somethingNew": {"a": [1]}}) == []


def test_a_description_is_checked_like_its_request() -> None:
    described = {
        **GOOD,
        "revision": 3,
        "status": "ACTIVE",
        "taskDefinitionArn": "arn",
        "compatibilities": ["EC2"],
    }
    assert check({"taskDefinition": described}) == []


def test_empty_values_of_fields_that_were_never_set_pass() -> None:
    app = {**GOOD["containerDefinitions"][0], "links": [], "privileged": False, "extraHosts": []}
    task = {
        **GOOD,
        "placementConstraints": [],
        "containerDefinitions": [app, GOOD["containerDefinitions"][1]],
    }
    assert check(task) == []


@pytest.mark.parametrize(
    "image",
    [
        "nginx",
        "nginx:1.27",
        "127.0.0.1:5000/shop/app@sha256:" + "0" * 64,
        "localhost:5000/app:v1@sha256:" + "0" * 64,
        "[::1]:5000/app",
        "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app-x_y.z:latest",
    ],
)
def test_a_valid_image_name_passes(image: str) -> None:
    assert check(broken(lambda t, a, s: a.update(image=image))) == []


@pytest.mark.parametrize(
    ("cpu", "memory"), [("0.25 vCPU", "0.5 GB"), ("1 vCPU", "2 GB"), ("4096", "30720"), ("16 vCPU", "120 GB")]
)
def test_a_size_that_fargate_has_passes(cpu: str, memory: str) -> None:
    assert check(broken(lambda t, a, s: t.update(cpu=cpu, memory=memory))) == []


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(
        ["²", "٣", ".", "1e9", "arn:", "arn:aws:secretsmanager:::secret:", "9" * 99, "a" * 9_999]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_KEYS_OF_CONTAINERS = sorted(
    {*GOOD["containerDefinitions"][0], *GOOD["containerDefinitions"][1]}
    | {"ulimits", "systemControls", "environmentFiles", "restartPolicy", "firelensConfiguration"}
    | {"repositoryCredentials", "memory", "memoryReservation", "cpu"}
)
_KEYS_OF_ITEMS = (
    "name",
    "valueFrom",
    "containerPort",
    "containerPortRange",
    "options",
    "efsVolumeConfiguration",
)


@settings(derandomize=True)
@given(
    st.sampled_from([*sorted(GOOD), "tags", "proxyConfiguration", "runtimePlatform"]),
    st.sampled_from(_KEYS_OF_CONTAINERS),
    st.sampled_from(_KEYS_OF_ITEMS),
    _JSON,
)
def test_no_json_value_makes_the_check_raise(task_key: str, app_key: str, item_key: str, value: Any) -> None:
    app, static = GOOD["containerDefinitions"]
    for inner in (value, [value], {item_key: value}, [{item_key: value}]):
        container = {"containerDefinitions": [{**app, app_key: inner}, static]}
        for task in ({**GOOD, task_key: inner}, {**GOOD, **container}):
            assert all(len(str(finding)) < 500 for finding in check_document(ParsedTaskDefinition(task, [])))
