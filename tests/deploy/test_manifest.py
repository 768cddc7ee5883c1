"""A release and what Terraform gets of it."""

import json
from dataclasses import replace

import pytest

from pipeline.core.errors import TandemError
from pipeline.deploy.compose import compose
from pipeline.deploy.manifest import Release, Weights, to_variables
from tests.support.example_releases import PLATFORM, SETTINGS, commits, image, make_release


def test_a_release_survives_json(release: Release) -> None:
    assert Release.load(release.numbered(7).dump()) == release.numbered(7)


def test_a_manifest_of_a_newer_schema_is_refused(release: Release) -> None:
    newer = json.loads(release.dump()) | {"schema": 2}
    with pytest.raises(TandemError, match="schema 2"):
        Release.load(json.dumps(newer))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 1}', '{"schema": 1, "layout": "x"}'])
def test_a_damaged_manifest_is_an_error_and_no_traceback(text: str) -> None:
    with pytest.raises(TandemError, match="manifest"):
        Release.load(text)


def test_content_leaves_out_when_and_why(release: Release) -> None:
    later = make_release(created="2030-01-01T00:00:00Z", why="another", author="else", number=9, replaces=8)
    assert later.content() == release.content()
    assert make_release("b").content() != release.content()


def test_terraform_gets_the_task_the_api_and_the_weights(release: Release) -> None:
    variables = to_variables(release.numbered(3), PLATFORM, Weights("7", 10))
    assert variables["platform"]["name"] == "shop-dev"
    told = variables["release"]
    assert (told["number"], told["layout"], told["task"]["container"]) == (3, "sidecar", "app")
    assert told["task"]["volumes"] == [{"name": "content"}, {"name": "tmp"}]
    containers = json.loads(told["task"]["container_definitions"])
    assert containers == release.task_definition["containerDefinitions"]
    assert told["api"]["weights"] == {"stable_version": "7", "canary_percent": 10}


def test_an_image_keeps_its_own_command_without_a_handler(release: Release) -> None:
    own = replace(release, api=replace(release.require_api(), handler="")).numbered(3)
    assert to_variables(own, PLATFORM, Weights())["release"]["api"]["handler"] is None
    assert Release.load(own.dump()) == own


def test_the_release_number_is_no_part_of_what_runs(release: Release) -> None:
    """An API-only release must not replace tasks."""
    first, second = (to_variables(release.numbered(n), PLATFORM)["release"] for n in (1, 2))
    assert (first["task"], first["api"]) == (second["task"], second["api"])


def test_every_broken_rule_is_named_at_once() -> None:
    task = SETTINGS.task.model_copy(update={"cpu": 300, "memory": 10})
    images = {name: image(name, "a") for name in ("app", "static", "api")}
    platform = PLATFORM.model_copy(update={"name": "not a family"})
    with pytest.raises(TandemError) as caught:
        compose(SETTINGS.model_copy(update={"task": task}), "dev", platform, commits(), images, why="")
    assert "$.cpu" in caught.value.message
    assert "$.family" in caught.value.message


def test_a_changed_secret_changes_the_task_and_the_function() -> None:
    arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:token-AbCdEf"
    settings = SETTINGS.model_copy(
        update={
            "task": SETTINGS.task.model_copy(update={"secrets": {"TOKEN": arn}}),
            "api": SETTINGS.api.model_copy(update={"secrets": {"TOKEN": arn}}),
        }
    )
    images = {name: image(name, "a") for name in ("app", "static", "api")}
    old, new = (
        compose(
            settings,
            "dev",
            PLATFORM,
            commits(),
            images,
            why="",
            app_secret_versions={"TOKEN": version},
            api_secret_versions={"TOKEN": version},
        )
        for version in ("v1", "v2")
    )
    assert old.task_definition != new.task_definition
    assert to_variables(old, PLATFORM)["release"]["api"] != to_variables(new, PLATFORM)["release"]["api"]


def test_environment_files_reach_app_and_api() -> None:
    arn = "arn:aws:s3:::shop/1.env"
    files = {"environment_files": (arn,)}
    settings = SETTINGS.model_copy(
        update={
            "task": SETTINGS.task.model_copy(update=files),
            "api": SETTINGS.api.model_copy(update=files),
        }
    )
    names = ("app", "static", "api")
    composed = compose(
        settings, "dev", PLATFORM, commits(), {name: image(name, "a") for name in names}, why="x"
    )
    release = to_variables(composed, PLATFORM)["release"]
    app = next(each for each in json.loads(release["task"]["container_definitions"]) if each["name"] == "app")
    assert app["environmentFiles"] == [{"type": "s3", "value": arn}]
    assert release["api"]["environment_files"] == [arn]
    assert Release.load(composed.dump()).content() == composed.content()
