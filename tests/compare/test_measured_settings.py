"""Settings of any project become those of a comparison, or one sentence says why not."""

from dataclasses import replace

import pytest

from pipeline.compare import builds
from pipeline.compare.build_plan import OWN, Plan
from pipeline.compare.builds import StartedComparison
from pipeline.compare.measured_settings import with_example_sources
from pipeline.compare.measurement import Variant
from pipeline.compare.scenarios import Scenario
from pipeline.compare.serving.measured_site import own_project
from pipeline.compare.workspace import LAYERED, _of_variant
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project, Settings

OWN_DOCKERFILES = {
    name: {"repository": "x", "dockerfile": "Dockerfile", "target": "prod"}
    for name in ("app", "static", "api")
}


@pytest.fixture
def project(tmp_path):
    """Every source has its own Dockerfile, of which a stage is chosen, and the API keeps its image's CMD."""
    values = {"sources": OWN_DOCKERFILES, "static": {"builder": "docker"}, "api": {"handler": ""}}
    return Project(tmp_path, Settings.model_validate(values))


def test_the_examples_are_built_by_tandems_own_dockerfiles_with_their_handler(project):
    settings = Settings.model_validate(with_example_sources(project.settings, 7))
    assert settings.local.bulk == 7
    assert settings.api.handler == "main.handler"
    assert {(one.dockerfile, one.target) for _, one in settings.sources} == {("", "")}


@pytest.mark.parametrize("variant", sorted({*Variant} - LAYERED))
def test_a_dockerfile_that_makes_the_content_and_its_stage_stay(project, variant):
    settings = _of_variant(project, {}, variant).settings
    assert (settings.static.builder, settings.sources.static.target) == ("docker", "prod")


@pytest.mark.parametrize("variant", [*Variant])
def test_content_of_files_is_built_as_the_variant_says(project, variant):
    plain = project.settings.sources.static.model_copy(update={"dockerfile": "", "target": ""})
    sources = project.settings.sources.model_copy(update={"static": plain})
    of_files = replace(project, settings=project.settings.model_copy(update={"sources": sources}))
    builder = _of_variant(of_files, {}, variant).settings.static.builder
    assert (builder == "layers") == (variant in LAYERED)


@pytest.mark.parametrize("variant", sorted(LAYERED))
def test_what_a_dockerfile_makes_is_not_measured_as_files(project, variant):
    plan = Plan(((OWN, 0),), (Variant.MONOLITH, variant), (Scenario.COLD,), 2, 2, 0.05, 60.0, 1)
    session = type("Session", (), {"project": project})()
    with pytest.raises(
        TandemError, match="the content is what 'Dockerfile' of source static makes"
    ) as caught:
        builds._run(session, StartedComparison("r", "2026-01-02", plan, "here"), lambda *_: None)
    assert "--size own --variant monolith --variant split-dockerfile" in caught.value.hint


def test_serving_does_not_measure_it_either(project):
    with pytest.raises(TandemError, match="layers of content cannot be measured"):
        own_project(project, 1)
