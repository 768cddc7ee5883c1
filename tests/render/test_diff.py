"""Defaults and order make no difference; every other change is reported by its path."""

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.diff import FieldChange, changes, compare

TASK: dict[str, Any] = json.loads(
    (Path(__file__).parent / "cases/sidecar-with-secrets/expected.json").read_text()
)


def changed(**fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(TASK), **fields}


def described() -> dict[str, Any]:
    """TASK as DescribeTaskDefinition returns it: with defaults, empty fields and another order."""
    task = changed(taskDefinitionArn="arn", revision=7, status="ACTIVE", placementConstraints=[])
    for container in task["containerDefinitions"]:
        container.update(cpu=0, links=[], volumesFrom=container.get("volumesFrom", []), systemControls=[])
        container.setdefault("essential", True)
        for key in ("environment", "mountPoints"):
            container[key] = list(reversed(container.get(key, [])))
        for port in container.get("portMappings", []):
            port["hostPort"] = port["containerPort"]
    for volume in task["volumes"]:
        volume.update(host={}, configuredAtLaunch=False)
    task["containerDefinitions"].reverse()
    return task


def test_a_description_equals_its_request() -> None:
    assert changes(TASK, described()) == []


def test_units_make_no_difference() -> None:
    assert changes(TASK, changed(cpu="0.25 vCPU", memory="0.5 GB")) == []


def test_a_change_is_named_by_container_and_field() -> None:
    task = changed()
    task["containerDefinitions"][0]["environment"][0]["value"] = "3"
    task["containerDefinitions"][1]["image"] = "other"
    task.pop("ephemeralStorage")
    assert [change.path for change in changes(TASK, task)] == [
        "containerDefinitions.app.environment.B.value",
        "containerDefinitions.static.image",
        "ephemeralStorage.sizeInGiB",
    ]


def test_added_removed_and_changed_fields_have_different_signs() -> None:
    assert [
        str(change) for change in compare({"a": 1, "b": "x", "d": {}}, {"b": "y", "c": [1], "e": []})
    ] == [
        "- a: 1",
        "~ b: x -> y",
        "+ c: [1]",
    ]


def test_digests_are_short_in_text_and_whole_as_data() -> None:
    (change,) = compare({"image": "a@sha256:" + "1" * 64}, {"image": "a@sha256:" + "2" * 64})
    assert str(change) == f"~ image: a@sha256:{'1' * 12} -> a@sha256:{'2' * 12}"
    assert change.after == "a@sha256:" + "2" * 64


def test_a_removed_dependency_is_reported() -> None:
    task = changed()
    del task["containerDefinitions"][0]["dependsOn"]
    reported = changes(TASK, task)
    assert FieldChange("containerDefinitions.app.dependsOn.static.condition", "SUCCESS", None) in reported


@given(st.randoms(use_true_random=False))
def test_the_order_of_containers_and_variables_makes_no_difference(chance: random.Random) -> None:
    task = changed()
    chance.shuffle(task["containerDefinitions"])
    for container in task["containerDefinitions"]:
        for value in container.values():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                chance.shuffle(value)
    assert changes(TASK, task) == []


@pytest.mark.parametrize("key", sorted(TASK))
def test_every_removed_field_is_reported(key: str) -> None:
    without = changed()
    del without[key]
    only_defaults = {"runtimePlatform"}
    assert bool(changes(TASK, without)) == (key not in only_defaults)
