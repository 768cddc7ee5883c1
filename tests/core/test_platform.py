"""What the API runs on is said by the platform; what has no traffic is left out where it must not matter."""

from pipeline.core import platform as runtimes
from pipeline.deploy import plan
from pipeline.deploy.live import Running, function_of, task_of
from pipeline.deploy.manifest import Release

ARNS = {"lambda": "l", "fargate": "f"}
SUFFIXES = {"app": "targetgroup/a", "api": "targetgroup/l", "api-task": "targetgroup/f"}


def platform(shares: dict[str, int], split: dict[str, int]) -> dict[str, object]:
    return {
        "api_target_group_arns": ARNS,
        "api_shares": shares,
        "api_split": split,
        "target_group_arn_suffixes": SUFFIXES,
    }


def test_without_a_word_it_is_a_function() -> None:
    assert runtimes.of({}) == {"lambda"}
    assert runtimes.settled({})


def test_what_is_asked_for_runs_before_it_has_traffic() -> None:
    beginning = platform({"lambda": 100, "fargate": 0}, {"fargate": 100})
    assert runtimes.of(runtimes.needed(beginning)) == {"lambda", "fargate"}
    assert not runtimes.settled(beginning)


def test_a_release_goes_back_to_what_has_traffic_alone() -> None:
    beginning = platform({"lambda": 100, "fargate": 0}, {"fargate": 100})
    assert runtimes.of(runtimes.serving(beginning)) == {"lambda"}


def test_what_has_no_traffic_and_is_not_asked_for_goes() -> None:
    moved = platform({"lambda": 0, "fargate": 100}, {"fargate": 100})
    assert runtimes.of(runtimes.needed(moved)) == {"fargate"}


def test_the_dashboard_does_not_show_what_goes() -> None:
    """Its target group goes after the release was applied for the last time."""
    moved = platform({"lambda": 0, "fargate": 100}, {"fargate": 100})
    assert runtimes.needed(moved)["target_group_arn_suffixes"].keys() == {"app", "api-task"}
    back = platform({"lambda": 100, "fargate": 0}, {"lambda": 100})
    assert runtimes.needed(back)["target_group_arn_suffixes"].keys() == {"app", "api"}
    both = platform({"lambda": 50, "fargate": 50}, {"lambda": 50, "fargate": 50})
    assert runtimes.needed(both)["target_group_arn_suffixes"] == SUFFIXES


def test_a_release_is_watched_in_every_service_that_it_has() -> None:
    outputs = {"service_name": "site", "task_definition_arn": "site:3"}
    assert runtimes.services(outputs) == {"site": "site:3"}
    both = {**outputs, "api_service_name": "api", "api_task_definition_arn": "api:2"}
    assert runtimes.services(both) == {"site": "site:3", "api": "api:2"}


def test_an_api_changed_by_hand_is_named_wherever_it_runs(release: Release) -> None:
    tasks = Running("arn", release.task_definition, release.count, runtimes=frozenset({"fargate"}))
    paths = {change.path.split(".")[0] for change in plan.by_hand(release, tasks)}
    assert paths == {"api_task"}
    as_released = Running(**{**vars(tasks), "api_task": task_of(release)})
    assert plan.by_hand(release, as_released) == []
    both = Running(**{**vars(as_released), "runtimes": frozenset(ARNS), "function": function_of(release)})
    assert plan.by_hand(release, both) == []
    other = Running(**{**vars(as_released), "api_task": {**task_of(release), "image": "another"}})
    assert [change.path for change in plan.by_hand(release, other)] == ["api_task.image"]
