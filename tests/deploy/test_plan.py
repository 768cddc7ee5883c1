"""The body of `plan`: what a release would change, asked without changing anything."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from pipeline.aws import secrets
from pipeline.core.errors import TandemError
from pipeline.core.settings import EnvironmentSettings
from pipeline.core.values import Source
from pipeline.deploy.changes import RootChange
from pipeline.deploy.plan import _images_to_build, plan, require_current
from pipeline.deploy.release import release
from pipeline.git import sources
from pipeline.images.bases import recipe
from pipeline.images.bases.provide import FOLDER, IMAGE_BASES
from pipeline.terraform.runner import ResourceChange
from tests.registry.conftest import registry
from tests.registry.memory import MemoryRegistry
from tests.support.stage_session import StageSession

__all__ = ["registry"]


@pytest.fixture(autouse=True)
def _subjects(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sources, "changed_subjects", lambda *_: ["Add a page"])
    return


def test_before_the_first_release_every_source_is_new(session: StageSession) -> None:
    changes = plan(session)
    assert {moved.source: moved.before for moved in changes.moved} == dict.fromkeys(Source, "")
    assert changes.fields == ()
    with pytest.raises(TandemError, match="nothing was released in local yet"):
        require_current(session)


def test_before_the_first_release_both_roots_are_shown(session: StageSession) -> None:
    urls = {name: f"host/{name}" for name in ("app", "static", "api")}
    session.stage.platform = session.platform.model_copy(update={"repository_urls": urls})
    session.played.planned = [
        ResourceChange("aws_x.this", "created", ('+ role = "known-after-apply"', "+ a"))
    ]
    changes = plan(session)
    assert changes.notes == ()
    assert changes.builds == ("app", "static", "api")
    shown = {each.root: each.attributes for each in changes.terraform if each.address == "aws_x.this"}
    assert shown == {"platform": ('+ role = "known-after-apply"', "+ a"), "release": ("+ a",)}


def test_a_release_that_cannot_be_planned_hides_no_platform(
    session: StageSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_secret(*_: object) -> None:
        raise TandemError("the secret db has no value yet", hint="aws secretsmanager put-secret-value")

    monkeypatch.setattr(secrets, "versions", no_secret)
    session.played.planned = [ResourceChange("aws_x.this", "created")]
    changes = plan(session)
    assert {each.root for each in changes.terraform} == {"platform"}
    text = "\n".join(changes.lines())
    assert "the first release cannot be planned:\n  the secret db has no value yet. The first release" in text
    assert "  aws secretsmanager put-secret-value" in text


@pytest.mark.starts
def test_what_runs_as_released_has_an_empty_plan(session: StageSession) -> None:
    current = release(session, "first").release
    _as_terraform_leaves_it(session)
    assert plan(session).is_empty
    assert require_current(session) == current


@pytest.mark.starts
def test_a_moved_source_is_named_and_nothing_is_built(session: StageSession) -> None:
    release(session, "first")
    _as_terraform_leaves_it(session)
    session.played.heads[Source.APP] = "2"
    session.played.built.clear()
    changes = plan(session)
    (moved,) = changes.moved
    assert (moved.source, moved.after, moved.subjects) == (Source.APP, "2" * 40, ("Add a page",))
    assert session.played.built == []
    assert session.store.numbers() == [1]
    assert (changes.builds, changes.replaced_tasks) == (("app",), 2)
    text = "\n".join(changes.lines())
    assert "images to build:\n  app" in text
    assert "replaces the task definition, and with it 2 tasks" in text


@pytest.mark.starts
def test_a_moved_api_replaces_no_task(session: StageSession) -> None:
    release(session, "first")
    _as_terraform_leaves_it(session)
    session.played.heads[Source.API] = "2"
    changes = plan(session)
    assert (changes.builds, changes.replaced_tasks) == (("api",), 0)


@pytest.mark.starts
def test_a_commit_with_the_same_content_builds_nothing(
    session: StageSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(session, "first")
    _as_terraform_leaves_it(session)
    session.played.heads[Source.APP] = "2"
    monkeypatch.setattr(sources, "tree_id", lambda *_: "the same tree")
    changes = plan(session)
    assert [moved.source for moved in changes.moved] == [Source.APP]
    assert (changes.builds, changes.replaced_tasks) == ((), 0)


@pytest.mark.starts
def test_a_changed_field_of_the_task_definition_replaces_the_tasks(session: StageSession) -> None:
    release(session, "first")
    _as_terraform_leaves_it(session)
    _set_task(session, cpu=512, memory=1024, count=3)
    changes = plan(session)
    assert (changes.builds, changes.replaced_tasks) == ((), 3)


@pytest.mark.starts
def test_inputs_that_no_source_names_are_other_images(
    session: StageSession, monkeypatch: pytest.MonkeyPatch, registry: MemoryRegistry
) -> None:
    """A stage, a base or a Dockerfile of Tandem's changed: no source moved, and yet a release builds."""
    current = release(session, "first").release
    _as_terraform_leaves_it(session)
    monkeypatch.setattr(sources, "tree_id", lambda *_: "the same tree")
    monkeypatch.setattr(session, "repositories", lambda: dict.fromkeys(current.images, f"{registry.host}/x"))
    assert plan(session).is_empty, "this machine has built nothing yet: it cannot tell"
    _remember_bases(session)
    changes = plan(session)
    assert (changes.moved, changes.builds, changes.replaced_tasks) == ((), ("app", "api"), 2)
    assert changes.lines()[:3] == ["images to build:", "  app", "  api"]
    assert changes.to_dict()["changes"]
    session.played.gates = EnvironmentSettings(follows="dev")
    assert _images_to_build(session, (), current.commits, current) == (), "it copies what dev runs"


def test_a_plan_needs_no_registry(session: StageSession, monkeypatch: pytest.MonkeyPatch) -> None:
    current = release(session, "first").release
    _as_terraform_leaves_it(session)
    monkeypatch.setattr(sources, "tree_id", lambda *_: "the same tree")
    monkeypatch.setattr(session, "repositories", lambda: dict.fromkeys(current.images, "127.0.0.1:9/x"))
    _remember_bases(session)
    assert plan(session).is_empty


def _remember_bases(session: StageSession) -> None:
    """What a build leaves of the base images that it chose."""
    recipes, cache = recipe.read(FOLDER), session.project.state / "cache" / "bases"
    cache.mkdir(parents=True)
    for name in IMAGE_BASES:
        (cache / f"{name}-amd64-{recipes.key(name)}.json").write_text('{"image": "sha256:1"}')


def _set_task(session: StageSession, **values: int) -> None:
    settings = session.project.settings
    task = settings.task.model_copy(update=values)
    session.project = replace(session.project, settings=settings.model_copy(update={"task": task}))


@pytest.mark.starts
def test_both_roots_changes_are_shown_by_root(session: StageSession) -> None:
    release(session, "first")
    _as_terraform_leaves_it(session)
    session.played.planned = [ResourceChange("aws_ecs_cluster.this", "updated in-place")]
    assert plan(session).terraform == tuple(
        RootChange(root, "aws_ecs_cluster.this", "updated in-place") for root in ("platform", "release")
    )


def _as_terraform_leaves_it(session: StageSession) -> None:
    """The stage makes functions with Lambda's own sizes; Terraform would have given them the release's."""
    api, functions = session.project.settings.api, session.stage.functions
    functions.update_function_configuration(
        FunctionName="shop-dev-api", MemorySize=api.memory, Timeout=api.timeout
    )
    version = functions.publish_version(FunctionName="shop-dev-api")["Version"]
    functions.update_alias(FunctionName="shop-dev-api", Name="live", FunctionVersion=version)
