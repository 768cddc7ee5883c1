"""Equal inputs give equal tags; whatever goes into an image changes its tag."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.settings import Settings
from pipeline.core.values import Commit, Source
from pipeline.git import sources
from pipeline.images import input_tag
from pipeline.images.input_tag import tag_of
from tests.support.repositories import made_examples, project_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    return made_examples(project_of(folder))


@pytest.fixture(scope="module")
def commit(project):
    return sources.head(project, Source.APP)


def changed(project, **task):
    settings = project.settings.model_dump()
    settings["task"] |= task
    return replace(project, settings=Settings.model_validate(settings))


def test_the_same_inputs_give_the_same_tag(project, commit):
    assert tag_of(project, "app", [commit], "x/base:1") == tag_of(project, "app", [commit], "x/base:1")


def test_two_stacks_on_one_machine_agree(project, commit):
    assert tag_of(project, "app", [commit], "one/base:1") == tag_of(project, "app", [commit], "two/base:1")


def test_base_name_and_settings_change_it(project, commit):
    tags = {
        tag_of(project, "app", [commit], "x/base:1"),
        tag_of(project, "app", [commit], "x/base:2"),
        tag_of(project, "monolith", [commit], "x/base:1"),
        tag_of(changed(project, port=9090), "app", [commit], "x/base:1"),
        tag_of(changed(project, content_path="/srv/other"), "app", [commit], "x/base:1"),
    }
    assert len(tags) == 5


def with_dockerfile(project, target):
    values = project.settings.model_dump()
    values["sources"]["app"] |= {"dockerfile": "Dockerfile", "target": target}
    return replace(project, settings=Settings.model_validate(values))


def test_another_stage_of_one_dockerfile_is_another_image(project, commit):
    tags = {
        (name, target): tag_of(with_dockerfile(project, target), name, [commit], "x/base:1")
        for name in ("app", "monolith")
        for target in ("", "dev", "prod")
    }
    assert len({*tags.values()}) == 6


def test_without_a_target_the_tag_is_that_of_images_built_before_there_were_targets(monkeypatch):
    """Otherwise an update of Tandem would build every image again."""
    project = project_of(Path("/x"))
    monkeypatch.setattr(sources, "tree_id", lambda *_: "tree")
    monkeypatch.setattr(input_tag, "_recipe", lambda _: "recipe")
    tag = tag_of(project, "app", [Commit(Source.APP, "1" * 40, "")], "x/base:1")
    assert tag == "in-fb178ce6f28d030c65e74c6c2546c8ca01e8dd98"


def test_a_tag_is_one_that_registries_take(project, commit):
    tag = tag_of(project, "app", [commit], "x/base:1")
    assert len(tag) <= 128
    assert tag.replace("-", "").isalnum()
