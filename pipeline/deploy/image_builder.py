"""The builder of an environment's images, with what this machine gives to it: Docker and the base images."""

from collections.abc import Mapping

from pipeline.core.settings import Project
from pipeline.images import platforms
from pipeline.images.bases.provide import IMAGE_BASES, Bases
from pipeline.images.builder import ImageBuilder
from pipeline.local.stack import Stack, docker_client
from pipeline.records.build_records import RecordSink

IMAGES = ("app", "static", "api", "monolith", "site")


def make_builder(
    project: Project,
    repositories: Mapping[str, str],
    records: RecordSink,
    *,
    scenario: str = "",
    run: str = "",
) -> ImageBuilder:
    """The builder that pushes to `repositories`; `scenario` and `run` are recorded.

    Raises:
        TandemError: Docker cannot build for the architecture, or a base image is missing.
    """
    client, stack, settings = docker_client(), Stack.of(project), project.settings
    platform = platforms.require(project, client, stack.id)
    bases = Bases.ensure(
        project,
        stack.id,
        names=[name for name in IMAGE_BASES if name != "python" or settings.api.enabled],
        architecture=platforms.target_architecture(project),
    )
    return ImageBuilder(
        project=project,
        repositories=dict(repositories),
        bases=bases,
        client=client,
        platform=platform,
        stack=stack.id,
        records=records,
        scenario=scenario,
        run=run,
    )
