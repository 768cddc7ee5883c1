"""The static image: layers straight from git, without Docker, in time proportional to what changed.

`request` and its result cross the border. `build` finds the image to start from, `delta_plan` compares two
git trees, `delta_layer` writes the difference, `base_layers` a whole tree in the groups of `path_groups`.
`compact` rebuilds layers that are mostly hidden. `image_diff`, `inspect` and `verify` read built images.
`layers/` holds tar and gzip, `image/` manifests and annotations. It imports `git`, `registry` and `core`,
never docker.
"""

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
    "BuildRequest",
    "BuiltStatic",
    "CompactedImage",
    "build",
    "build_static",
    "compact_static",
    "compaction_due",
    "request_for",
]


def build_static(  # noqa: PLR0913 - the parts of a request
    project: Project,
    commit: Commit,
    repository: str,
    runtime_image: ImageRef,
    *,
    predecessor: ImageRef | None = None,
    canonical: bool = False,
) -> BuiltStatic:
    """Build the static image of `commit` on top of `runtime_image` and push it to `repository` (`host/path`).

    The build starts from `predecessor`, or else from the newest image in the repository.

    Raises:
        TandemError: The commit is missing, a file cannot be in an image, or a registry refused.
    """
    return build(
        request_for(project, commit, repository, runtime_image, predecessor=predecessor, canonical=canonical)
    )


def compact_static(project: Project, image: ImageRef) -> CompactedImage:
    """Push an image with the files of `image` and few hidden bytes; builds on `image` start from it.

    It takes time, so that it runs after a release, when `compaction_due` has a reason.

    Raises:
        TandemError: `image` was not built from layers, or a registry refused.
    """
    previous = read_static_image(image)
    if previous is None:
        raise TandemError(f"{image} was not built from layers here", hint="tandem release")
    return compact(sources.open_source(project, Source.STATIC), previous)


def compaction_due(image: ImageRef) -> str:
    """Why `image` should be compacted; empty if that would save little, or if it was not built from layers.

    Raises:
        TandemError: The registry refused.
    """
    previous = read_static_image(image)
    return compaction_reason(previous) if previous else ""


def request_for(  # noqa: PLR0913 - the parts of a request
    project: Project,
    commit: Commit,
    repository: str,
    runtime_image: ImageRef,
    *,
    predecessor: ImageRef | None = None,
    canonical: bool = False,
) -> BuildRequest:
    """The request that the settings of `project` describe.

    Raises:
        TandemError: There is no repository at the path that tandem.toml names.
    """
    static = project.settings.static
    return BuildRequest(
        source=sources.locate(project, Source.STATIC),
        commit=commit.id,
        repository=repository,
        runtime_image=runtime_image,
        cache=sources.cache_of(project, Source.STATIC),
        path=project.settings.sources.static.path,
        content_path=project.settings.task.content_path,
        precompress=static.precompress,
        bridge=Bridge(static.bridge_releases, static.bridge_paths),
        predecessor=predecessor,
        may_be_empty=False,
        canonical=canonical,
    )
