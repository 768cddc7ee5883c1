"""Ask the registry, before anything is built, which images a build would give; nothing is changed."""

from collections.abc import Iterator, Mapping

from pipeline.core.settings import Project
from pipeline.core.values import Commit, ImageRef, Source
from pipeline.images.builder import BASE_OF, PARTS, images_of
from pipeline.images.input_tag import tag_of
from pipeline.registry import connect


def images_of_other_inputs(
    project: Project,
    repositories: Mapping[str, str],
    bases: Mapping[str, str],
    commits: Mapping[Source, Commit],
    current: Mapping[str, ImageRef],
) -> Iterator[str]:
    """The names of the images in `current` that a build of `commits` would replace by others.

    Their inputs are others: files, settings such as `target`, the base, or Tandem's own Dockerfile. Left out
    are the images whose base is not among `bases`, and content that Docker does not build.

    Each registry is asked once: a plan does not wait until one is up.

    Raises:
        TandemError: A registry or a repository cannot be read.
    """
    for name in images_of(project.settings):
        base, is_layered = bases.get(BASE_OF[name]), project.settings.static.builder == "layers"
        if base is None or name not in current or (name == "static" and is_layered):
            continue
        tag = tag_of(project, name, [commits[source] for source in PARTS[name]], base)
        host, _, path = repositories[name].partition("/")
        existing = connect(host).resolve(path, tag, attempts=1)
        if existing is None or existing.digest != current[name].digest:
            yield name
