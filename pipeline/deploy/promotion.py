"""The images of an environment that follows another: copied by digest, never built."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, ImageRef, Layout, Source
from pipeline.deploy.manifest import Release
from pipeline.images.builder import OF_LAYOUT, PARTS
from pipeline.images.fuse import fuse
from pipeline.registry import copy_image


@dataclass(frozen=True)
class PromotedImages:
    """Takes the images of `followed`, the current release of another environment.

    A source on hold keeps its image of `current`. `repositories` maps image names to `host/path`.
    """

    followed: Release
    current: Release | None
    repositories: Mapping[str, str]

    def try_images(
        self, commits: Mapping[Source, Commit], running: Mapping[str, ImageRef]
    ) -> dict[str, ImageRef | TandemError]:
        """The images of `commits` by name, in this environment's repositories, or why there is none."""
        return {name: self._attempt(name, commits, running) for name in OF_LAYOUT[self.followed.layout]}

    def with_site(self, images: Mapping[str, ImageRef]) -> dict[str, ImageRef]:
        """`images`, and the one that the layout `fused` joins from them.

        If app and static are those that are followed, so is it: another version of Tandem may join another.

        Raises:
            TandemError: a registry refused.
        """
        if self.followed.layout is not Layout.FUSED:
            return dict(images)
        followed, target = self.followed.images, self.repositories["site"]
        if all(images[name].digest == followed[name].digest for name in ("app", "static")):
            return {**images, "site": copy_image(followed["site"], target)}
        return {**images, "site": fuse(images["app"], images["static"], target)}

    def _attempt(
        self, name: str, commits: Mapping[Source, Commit], running: Mapping[str, ImageRef]
    ) -> ImageRef | TandemError:
        try:
            if _has(self.followed, name, commits):
                return copy_image(self.followed.images[name], self.repositories[name])
        except TandemError as error:
            return error
        if self.current and name in running and _has(self.current, name, commits):
            return running[name]
        env = self.followed.environment
        parts = ", ".join(f"{source} {commits[source].short}" for source in PARTS[name])
        return TandemError(
            f"{env} does not run {parts}: nothing is built for an environment that follows",
            hint=f"tandem release --env {env}",
        )


def _has(release: Release, name: str, commits: Mapping[Source, Commit]) -> bool:
    """Whether image `name` of `release` was built from these commits."""
    sources = PARTS[name]
    return name in release.images and all(release.commits[each].id == commits[each].id for each in sources)
