"""Turn commits into pushed images; reuse what was built from the same inputs before."""

import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import docker

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.interrupts import interruptible
from pipeline.core.settings import Project, Settings
from pipeline.core.steps import Stopwatch, step
from pipeline.core.timeline import in_timeline, span
from pipeline.core.values import Commit, ImageRef, Layout, Source
from pipeline.images import contexts
from pipeline.images.docker import BuiltImage, build_image
from pipeline.images.fuse import fuse
from pipeline.images.input_tag import tag_of
from pipeline.images.layer_order import LayerVerdicts
from pipeline.images.recorded_build import RecordedBuild, recorded_build
from pipeline.images.static import build_static
from pipeline.images.transfer import push_image
from pipeline.records.build_records import RecordSink
from pipeline.registry import connect

Commits = Mapping[Source, Commit]

PARTS: Mapping[str, tuple[Source, ...]] = {
    "app": (Source.APP,),
    "static": (Source.STATIC,),
    "api": (Source.API,),
    "monolith": (Source.APP, Source.STATIC),
}
"""The sources of each image that is built."""

OF_LAYOUT: Mapping[Layout, tuple[str, ...]] = {
    Layout.SIDECAR: ("app", "static", "api"),
    Layout.MONOLITH: ("monolith", "api"),
    Layout.FUSED: ("app", "static", "api"),
}
"""The images that a release of each layout builds; `fused` joins `site` from app and static."""


def images_of(settings: Settings) -> tuple[str, ...]:
    """The images that a release of the project builds: without an API not that of the API."""
    names = OF_LAYOUT[settings.task.layout]
    return tuple(name for name in names if set(PARTS[name]) <= set(settings.active_sources))


BASE_OF = {"app": "nginx", "static": "busybox", "api": "python", "monolith": "nginx"}
"""The base of each image that is built."""
_AT_ONCE = 2


@dataclass(frozen=True)
class ImageBuilder:
    """Builds and pushes the images of one project.

    `repositories` maps image names to `host/path`, `bases` the names of base images to local tags.
    """

    project: Project
    repositories: Mapping[str, str]
    bases: Mapping[str, str]
    client: docker.DockerClient
    stack: str
    records: RecordSink
    scenario: str = ""
    run: str = ""
    bytes_changed: int | None = None
    """Bytes of the files that changed since the last build, where a comparison made the change."""
    cache: bool = True
    platform: str | None = None
    """The platform of the images, such as linux/arm64; None is Docker's own."""

    def images(self, commits: Commits, running: Mapping[str, ImageRef]) -> dict[str, ImageRef]:
        """Every image of a release of `commits`, by name; `running` are the current release's, if any.

        Raises:
            TandemError: A build or a push failed.
        """
        results = self.try_images(commits, running)
        errors = [result for result in results.values() if isinstance(result, TandemError)]
        if errors:
            raise errors[0]
        return self.with_site({name: cast("ImageRef", result) for name, result in results.items()})

    def try_images(
        self, commits: Commits, running: Mapping[str, ImageRef]
    ) -> dict[str, ImageRef | TandemError]:
        """The same, but for `site`, with the error in place of each image that cannot be built or pushed."""

        def attempt(name: str) -> ImageRef | TandemError:
            try:
                with span(name):
                    return self.image(name, commits, running.get(name))
            except TandemError as error:
                # Reported now: another image may need minutes more.
                console.info(f"   {name}: {error.message.partition(chr(10))[0]}", style="yellow")
                return error

        names = images_of(self.project.settings)
        with ThreadPoolExecutor(_AT_ONCE) as pool, interruptible():
            return dict(zip(names, pool.map(in_timeline(attempt), names), strict=True))

    def with_site(self, images: Mapping[str, ImageRef]) -> dict[str, ImageRef]:
        """`images`, and the image that the layout `fused` joins from them.

        Raises:
            TandemError: a registry refused.
        """
        if self.project.settings.task.layout is not Layout.FUSED:
            return dict(images)
        return {**images, "site": self.fuse(images["app"], images["static"])}

    def fuse(self, app: ImageRef, static: ImageRef) -> ImageRef:
        """The image `site`, joined from these two.

        Raises:
            TandemError: `static` was not built from layers, or a registry refused.
        """
        known_verdicts = LayerVerdicts(self.project.state / "cache" / "app-layers.json")
        return fuse(app, static, self.repositories["site"], known_verdicts)

    def image(self, name: str, commits: Commits, running: ImageRef | None) -> ImageRef:
        """One image, built unless the registry has one of the same inputs; it follows `running`.

        Raises:
            TandemError: The build or the push failed.
        """
        running = _if_present(running, self.repositories[name])
        if name == "static" and self.project.settings.static.builder == "layers":
            return self._layered(commits[Source.STATIC], running)
        repository = self.repositories[name]
        registry = connect(repository.partition("/")[0])
        path = repository.partition("/")[2]
        tag = tag_of(
            self.project, name, [commits[source] for source in PARTS[name]], self.bases[BASE_OF[name]]
        )
        existing = registry.resolve(path, tag)
        if existing:
            console.info(f"   {name}: unchanged, {existing.digest.short}")
            return ImageRef(repository, existing.digest)
        # The tag comes last: a process that is killed before it builds again.
        return registry.tag(self.build(name, commits, running), tag)

    def build(self, name: str, commits: Commits, before: ImageRef | None) -> ImageRef:
        """Build one image with Docker, whatever the registry has, push it, and record the build.

        `before` is the image that it follows; the layers that it has do not count as sent.

        Raises:
            TandemError: The build or the push failed.
        """
        local = f"tandem-{self.stack}/{name}:{'measured' if self.scenario else 'released'}"
        console.info(f"-> building {name} with Docker")
        with self._recorded(name, commits) as recorded:
            watch = recorded.watch
            with tempfile.TemporaryDirectory(prefix="tandem-build-") as folder:
                base = self._base(name, commits, Path(folder) / "base", watch)
                with watch.step("checkout"):
                    context = self._context(name, commits, base, Path(folder) / "context")
                with watch.step("build", of=name):
                    docker_image = self._build_locally(context, local)
            with watch.step("push", of=name):
                # By id: a build of another commit may have moved the tag by now.
                image = push_image(self.client, docker_image.image_id, self.repositories[name])
            recorded.succeed(image, _sent(image, before), docker_image)
        console.info(f"   {name}: {image.digest.short} in {watch.seconds:.1f} s")
        return image

    def _base(self, name: str, commits: Commits, work: Path, watch: Stopwatch) -> str:
        """The base of image `name`: for the monolith of an app with its own Dockerfile, the app's image."""
        if name != "monolith" or not self.project.settings.sources.app.dockerfile:
            return self.bases[BASE_OF[name]]
        with watch.step("checkout"):
            context = contexts.app(self.project, commits[Source.APP], self.bases["nginx"], work)
        tag = f"tandem-{self.stack}/app:below-{'measured' if self.scenario else 'released'}"
        with watch.step("build", of="app"):
            self._build_locally(context, tag)
        return tag

    def _build_locally(self, context: contexts.Context, tag: str) -> BuiltImage:
        return build_image(
            self.client,
            context.folder,
            context.dockerfile,
            context.args,
            tag,
            target=context.target,
            cache=self.cache,
            platform=self.platform,
        )

    def _context(self, name: str, commits: Commits, base: str, work: Path) -> contexts.Context:
        if name == "app":
            return contexts.app(self.project, commits[Source.APP], base, work)
        if name == "static":
            return contexts.static(self.project, commits[Source.STATIC], base, work)
        if name == "monolith":
            return contexts.monolith(self.project, commits[Source.APP], commits[Source.STATIC], base, work)
        return contexts.api(self.project, commits[Source.API], base, work, self.client)

    def _layered(self, commit: Commit, running: ImageRef | None) -> ImageRef:
        """The static image, assembled from git without Docker."""
        repository = self.repositories["static"]
        base = push_image(self.client, self.bases["busybox"], repository)
        with self._recorded("static", {Source.STATIC: commit}) as recorded:
            with step("build", of="static"):
                built = build_static(self.project, commit, repository, base, predecessor=running)
            if built.how == "nothing":
                console.info(f"   static: unchanged, {built.image.digest.short}")
                return built.image
            recorded.watch.steps.extend(built.steps)
            recorded.succeed(built.image, built.sent)
        seconds, megabytes = recorded.watch.seconds, built.sent / 1e6
        console.info(f"   static: {built.image.digest.short} in {seconds:.1f} s, {megabytes:.2f} MB sent")
        return built.image

    def _recorded(self, name: str, commits: Commits) -> AbstractContextManager[RecordedBuild]:
        """Records the build that the block makes, also if it fails."""
        return recorded_build(
            self.records,
            image=name,
            scenario=self.scenario,
            run=self.run,
            bytes_changed=self.bytes_changed,
            cache="warm" if self.cache else "cold",
            commits={source.value: commits[source].id for source in PARTS[name]},
        )


def _if_present(image: ImageRef | None, repository: str) -> ImageRef | None:
    """`image` if its registry still has it: gc deletes images, and a local registry ends with its stack."""
    if image is None or image.repository != repository or not connect(image.host).exists(image):
        return None
    return image


def _sent(image: ImageRef, before: ImageRef | None) -> int:
    """Bytes of the layers that `image` has and `before` has not."""
    registry = connect(image.host)
    old = {layer.digest for layer in registry.manifest(before).layers} if before else set()
    return sum(layer.size for layer in registry.manifest(image).layers if layer.digest not in old)
