"""What would change is shown field by field, and what was changed by hand is named."""

import json
from dataclasses import replace

from pipeline.core.values import Commit, Source
from pipeline.deploy.changes import (
    MovedSource,
    ReleasePlan,
    RootChange,
    by_hand,
    changed_fields,
    moved_sources,
)
from pipeline.deploy.live import LiveState, read_live
from pipeline.deploy.manifest import Release
from pipeline.deploy.release import run_steps
from pipeline.deploy.rollout import Rollout
from tests.support.aws_access import aws
from tests.support.example_releases import commits, make_release
from tests.support.stage import FUNCTION, Stage


def put(stage: Stage, release: Release) -> None:
    run_steps(Rollout(aws(), stage.platform, release, lambda weights: stage.apply(release, weights)))
    lambdas = aws().client("lambda")
    lambdas.update_function_configuration(
        FunctionName=FUNCTION, MemorySize=release.api.memory, Timeout=release.api.timeout
    )
    if release.api.reserved_concurrency:
        lambdas.put_function_concurrency(
            FunctionName=FUNCTION, ReservedConcurrentExecutions=release.api.reserved_concurrency
        )
    lambdas.update_alias(
        FunctionName=FUNCTION,
        Name="live",
        FunctionVersion=lambdas.publish_version(FunctionName=FUNCTION)["Version"],
    )


def test_equal_releases_differ_in_no_field(release: Release) -> None:
    assert changed_fields(release.numbered(1), make_release(why="another").numbered(2)) == []


def test_an_image_and_a_size_show_by_their_fields(release: Release) -> None:
    other = make_release("b")
    other = replace(other, images={**release.images, "app": other.images["app"]}, api=release.api, count=3)
    paths = [change.path for change in changed_fields(release, other)]
    assert "count" in paths
    assert "images.app" in paths
    assert "task_definition.containerDefinitions.app.image" in paths
    assert not [path for path in paths if path.startswith("api")]


def test_before_the_first_release_everything_is_new(release: Release) -> None:
    assert all(change.before is None for change in changed_fields(None, release))


def test_moved_sources_come_with_their_subjects(release: Release) -> None:
    heads = {**commits(), Source.APP: Commit(Source.APP, "2" * 40, "Add a page")}
    moved = moved_sources(release, heads, lambda source, old, new: [f"{source} {old[0]} {new[0]}"])
    assert moved == [MovedSource(Source.APP, "1" * 40, "2" * 40, ("app 1 2",))]
    assert len(moved_sources(None, heads, lambda *_: [])) == 3


def test_what_was_released_and_runs_has_no_drift(stage: Stage, release: Release) -> None:
    put(stage, release)
    assert by_hand(release, read_live(aws(), stage.platform)) == []


def test_a_change_by_hand_is_named(stage: Stage, release: Release) -> None:
    put(stage, release)
    stage.ecs.update_service(cluster="shop-dev", service="shop-dev", desiredCount=5)
    stage.functions.update_function_configuration(FunctionName=FUNCTION, MemorySize=2048)
    version = stage.functions.publish_version(FunctionName=FUNCTION)["Version"]
    stage.functions.update_alias(FunctionName=FUNCTION, Name="live", FunctionVersion=version)
    changes = {
        change.path: (change.before, change.after)
        for change in by_hand(release, read_live(aws(), stage.platform))
    }
    assert changes == {"service.desiredCount": ("2", "5"), "api.memory": ("512", "2048")}


def test_a_count_that_autoscaling_chose_is_no_change_by_hand(stage: Stage, release: Release) -> None:
    put(stage, release)
    aws().client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId="service/shop-dev/shop-dev",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=2,
        MaxCapacity=9,
    )
    stage.ecs.update_service(cluster="shop-dev", service="shop-dev", desiredCount=5)
    assert by_hand(release, read_live(aws(), stage.platform)) == []


def test_a_task_definition_by_hand_is_named(stage: Stage, release: Release) -> None:
    put(stage, release)
    task = json.loads(json.dumps(release.task_definition))
    task["containerDefinitions"][0].pop("dependsOn")
    stage.ecs.register_task_definition(**task)
    stage.ecs.update_service(cluster="shop-dev", service="shop-dev", taskDefinition="shop-dev:2")
    paths = [change.path for change in by_hand(release, read_live(aws(), stage.platform))]
    assert paths == [
        "containerDefinitions.app.dependsOn.static.condition",
        "containerDefinitions.app.dependsOn.static.containerName",
    ]


def test_before_the_platform_nothing_runs(stage: Stage) -> None:
    assert read_live(aws(), stage.platform.model_copy(update={"cluster_name": "nobody"})) == LiveState()


def test_an_empty_plan_says_so() -> None:
    assert ReleasePlan((), (), (), ()).lines() == ["no changes: what runs is what would be released"]


def test_a_plan_reads_in_sections(release: Release) -> None:
    shown = ReleasePlan(
        moved=(MovedSource(Source.APP, "1" * 40, "2" * 40, ("Add a page",)),),
        fields=tuple(changed_fields(release, replace(release, count=3))),
        by_hand=(),
        terraform=(RootChange("release", "module.service.aws_ecs_service.this", "updated in-place"),),
    )
    assert shown.lines() == [
        "sources that moved:",
        "  app: 1111111111 -> 2222222222",
        "      Add a page",
        "fields that would change:",
        "  ~ count: 2 -> 3",
        "Terraform would change:",
        "  release: module.service.aws_ecs_service.this (updated in-place)",
    ]
    assert json.loads(json.dumps(shown.to_dict()))["changes"] is True


def test_terraforms_changes_show_attributes_and_what_is_lost() -> None:
    attributes = ("  ~ internal = false -> true # forces replacement",)
    change = RootChange("platform", "aws_lb.this", "replaced", attributes, "its address")
    lines = ReleasePlan((), (), (), (change,)).lines()
    assert lines == [
        "Terraform would change:",
        "  platform: aws_lb.this (replaced)",
        "      loses its address",
        "        ~ internal = false -> true # forces replacement",
    ]
