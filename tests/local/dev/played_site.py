"""Work trees, and a site and a Docker Engine that note what they are told."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import Project, load
from pipeline.core.values import Source
from pipeline.local.dev.container_configs import VolumeOf
from pipeline.local.dev.origins import Origins
from pipeline.local.dev.work_trees import Following
from tests.support.fake_docker import FakeDocker

FILES = {
    Source.APP: {"Dockerfile": "FROM scratch\n", "page.html": "one"},
    Source.STATIC: {"index.html": "one"},
    Source.API: {"Dockerfile": "FROM scratch\n", "main.py": "handler = None\n"},
}


@dataclass
class PlayedSite:
    """Takes what a site is told to use; refuses what is in `refused`."""

    refused: set[str] = field(default_factory=set)
    apps: list[tuple[str, Any]] = field(default_factory=list)
    apis: list[str] = field(default_factory=list)
    has_app: bool = False

    def use_app(self, image: str, content: Any) -> None:
        if "app" in self.refused:
            raise TandemError("the app does not become healthy")
        self.apps.append((image, content))
        self.has_app = True

    def use_api(self, image: str) -> None:
        if "api" in self.refused:
            raise TandemError("the API does not start")
        self.apis.append(image)

    def fill_volume(self, image: str) -> VolumeOf:
        return VolumeOf(f"container of {image}", image)


@dataclass
class PlayedSession:
    """A session whose Docker is played."""

    project: Project
    folder: Path
    client: FakeDocker = field(default_factory=FakeDocker)

    def tag(self, name: str) -> str:
        return f"dev-{name}:work-tree"

    def bases(self, *names: str) -> dict[str, str]:
        return {name: f"base/{name}" for name in names}


class Place:
    """Three work trees, and the site that follows them."""

    def __init__(
        self, folder: Path, served: tuple[Source, ...] = tuple(Source), *, target: str = "", **static: Any
    ) -> None:
        self.folder = folder
        for source, files in FILES.items():
            for name, text in files.items():
                self.write(source, name, text)
        settings = load(ROOT).settings
        named = {
            source.value: settings.sources[source].model_copy(
                update={
                    "repository": str(folder / source),
                    "dockerfile": "" if source == "static" else "Dockerfile",
                    "target": "" if source == "static" else target,
                }
            )
            for source in Source
        }
        project = Project(
            folder,
            settings.model_copy(
                update={
                    "sources": settings.sources.model_copy(update=named),
                    "static": settings.static.model_copy(update=static),
                }
            ),
        )
        self.session, self.site = PlayedSession(project, folder / "dev"), PlayedSite()
        self.origins = Origins.open(project, {}, folder / "places", served)
        self.following = Following(self.session, self.site, self.origins)

    def write(self, source: Source, name: str, text: str) -> None:
        (self.folder / source).mkdir(exist_ok=True)
        (self.folder / source / name).write_text(text)

    def refresh(self, *sources: Source) -> None:
        self.following.refresh(sources or tuple(Source))
        self.following.wait()

    @property
    def served(self) -> dict[str, str]:
        shown = self.folder / "dev" / "content"
        return {str(file.relative_to(shown)): file.read_text() for file in shown.rglob("*") if file.is_file()}

    @property
    def builds(self) -> list[str]:
        return [build["tag"] for build in self.session.client.builds]
