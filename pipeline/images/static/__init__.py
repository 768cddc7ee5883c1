"""The static image in time proportional to what changed: layers straight from git, without Docker."""

from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.core.values import Commit, ImageRef, Source
from pipeline.git import sources
from pipeline.images.static.build import build, compaction_reason
from pipeline.images.static.compact import CompactedImage, compact
from pipeline.images.static.delta_plan import Bridge
from pipeline.images.static.image.previous import read_static_image
from pipeline.images.static.request import BuildRequest, BuiltStatic

__all__ = [
    "Bridge",
    "BuiltStatic",
    "Compacted",
    "Order",
    "build",
    "build_static",
    "compact_static",
    "compaction_due",
    "order_for",
]


def build_static(  # noqa: PLR0913 - each by name
    project: Project,
    commit: Commit,
    repository: str,
    base: ImageRef,
    *,
    predecessor: ImageRef | None = None,
    canonical: bool = False,
) -> BuiltStatic:
    """Build the static image of `commit` on top of `base` and push it to `repository` (`host/path`).

    It starts from `predecessor`, or else from the newest image in the repository.
    """
    return build(request_for(project, commit, repository, base, predecessor=predecessor, canonical=canonical))


def compact_static(project: Project, image: ImageRef) -> CompactedImage:
    """Push an image with the files of `image` and few hidden bytes; builds on `image` start from it.

    For after a release, off its critical path: when a build's `compaction_due` says why.
    """
    previous = read_static_image(image)
    if previous is None:
        raise TandemError(f"{image} was not built from layers here", hint="tandem static build")
    return compact(sources.open_source(project, Source.STATIC), previous)


def compaction_due(image: ImageRef) -> str:
    """Why `image` should be compacted; nothing where that would not pay, or it is no image of layers."""
    previous = read_static_image(image)
    return compaction_reason(previous) if previous else ""


def request_for(  # noqa: PLR0913 - each by name
    project: Project,
    commit: Commit,
    repository: str,
    base: ImageRef,
    *,
    predecessor: ImageRef | None = None,
    canonical: bool = False,
) -> BuildRequest:
    """What `project`'s settings ask for."""
    static = project.settings.static
    return BuildRequest(
        source=sources.locate(project, Source.STATIC),
        commit=commit.id,
        repository=repository,
        runtime_image=base,
        cache=sources.cache_of(project, Source.STATIC),
        path=project.settings.sources.static.path,
        content_path=project.settings.task.content_path,
        precompress=static.precompress,
        bridge=Bridge(static.bridge_releases, static.bridge_paths),
        predecessor=predecessor,
        may_be_empty=False,
        canonical=canonical,
    )
