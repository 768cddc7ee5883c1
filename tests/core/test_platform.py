"""What the API runs on is said by the platform; what has no traffic is left out where it must not matter."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.platform import AppliedRelease, Platform
from pipeline.deploy.changes import by_hand
from pipeline.deploy.live import LiveState, expected_function, expected_task
from pipeline.deploy.manifest import Release
from tests.support.example_releases import PLATFORM

ARNS = {"lambda": "l", "fargate": "f"}
SUFFIXES = {"app": "targetgroup/a", "api": "targetgroup/l", "api-task": "targetgroup/f"}


def platform(shares: dict[str, int], split: dict[str, int]) -> Platform:
    values = {
        "api_target_group_arns": ARNS,
        "api_shares": shares,
        "api_split": split,
        "target_group_arn_suffixes": SUFFIXES,
    }
    return PLATFORM.model_copy(update=values)


def test_without_a_word_it_is_a_function() -> None:
    assert PLATFORM.runtimes == {"lambda"}
    assert PLATFORM.is_settled


def test_what_is_asked_for_runs_before_it_has_traffic() -> None:
    beginning = platform({"lambda": 100, "fargate": 0}, {"fargate": 100})
    assert beginning.with_planned().runtimes == {"lambda", "fargate"}
    assert not beginning.is_settled


def test_a_release_goes_back_to_what_has_traffic_alone() -> None:
    beginning = platform({"lambda": 100, "fargate": 0}, {"fargate": 100})
    assert beginning.with_traffic().runtimes == {"lambda"}


def test_what_has_no_traffic_and_is_not_asked_for_goes() -> None:
    moved = platform({"lambda": 0, "fargate": 100}, {"fargate": 100})
    assert moved.with_planned().runtimes == {"fargate"}


def test_the_dashboard_does_not_show_what_goes() -> None:
    """Its target group goes after the release was applied for the last time."""
    moved = platform({"lambda": 0, "fargate": 100}, {"fargate": 100})
    assert moved.with_planned().target_group_arn_suffixes.keys() == {"app", "api-task"}
    back = platform({"lambda": 100, "fargate": 0}, {"lambda": 100})
    assert back.with_planned().target_group_arn_suffixes.keys() == {"app", "api"}
    both = platform({"lambda": 50, "fargate": 50}, {"lambda": 50, "fargate": 50})
    assert both.with_planned().target_group_arn_suffixes == SUFFIXES


def test_a_release_is_watched_in_every_service_that_it_has() -> None:
    outputs = {"service_name": "site", "task_definition_arn": "site:3"}
    assert AppliedRelease.parse(outputs).services == {"site": "site:3"}
    both = {**outputs, "api_service_name": "api", "api_task_definition_arn": "api:2"}
    assert AppliedRelease.parse(both).services == {"site": "site:3", "api": "api:2"}


def test_an_api_changed_by_hand_is_named_wherever_it_runs(release: Release) -> None:
    tasks = LiveState("arn", release.task_definition, release.count, runtimes=frozenset({"fargate"}))
    paths = {change.path.split(".")[0] for change in by_hand(release, tasks)}
    assert paths == {"api_task"}
    as_released = LiveState(**{**vars(tasks), "api_task": expected_task(release, {})})
    assert by_hand(release, as_released) == []
    both = LiveState(
        **{**vars(as_released), "runtimes": frozenset(ARNS), "function": expected_function(release, {})}
    )
    assert by_hand(release, both) == []
    other = LiveState(**{**vars(as_released), "api_task": {**expected_task(release, {}), "image": "another"}})
    assert [change.path for change in by_hand(release, other)] == ["api_task.image"]


def test_the_platforms_own_variables_of_the_api_are_no_change_by_hand(release: Release) -> None:
    database = {"host": "db", "port": 5432, "user": "api"}
    outputs = {**PLATFORM.to_variables(), "database": database, "api_environment": {"TANDEM_RECORDS": "t"}}
    variables = Platform.parse(outputs).api_variables
    assert variables == {
        "DATABASE_HOST": "db",
        "DATABASE_PORT": "5432",
        "DATABASE_USER": "api",
        "TANDEM_RECORDS": "t",
    }
    live = LiveState(
        "arn",
        release.task_definition,
        release.count,
        function=expected_function(release, variables),
        api_variables=variables,
    )
    assert by_hand(release, live) == []
    without = LiveState(**{**vars(live), "function": expected_function(release, {})})
    assert {change.path.rpartition(".")[2] for change in by_hand(release, without)} == set(variables)


def test_outputs_that_this_tandem_does_not_read_go_to_the_release_root_as_they_are() -> None:
    outputs = {**PLATFORM.to_variables(), "kms_key_arn": None, "service_assign_public_ip": True}
    assert Platform.parse(outputs).to_variables() == outputs


def test_outputs_of_an_older_platform_are_named() -> None:
    outputs = {key: value for key, value in PLATFORM.to_variables().items() if key != "cluster_name"}
    with pytest.raises(TandemError, match=r"not those that this Tandem expects: cluster_name") as caught:
        Platform.parse(outputs)
    assert caught.value.hint == "make apply ENV=…"
