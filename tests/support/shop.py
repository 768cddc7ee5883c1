"""A project with three repositories, and a builder for it; Docker is played, the registry is real."""

import shutil
import uuid
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.core.settings import Project, SourceSettings
from pipeline.core.values import Commit, ImageRef, Source
from pipeline.git import sources
from pipeline.images.builder import ImageBuilder
from pipeline.records.build_records import Records
from tests.support.fake_docker import FakeDocker
from tests.support.repositories import commit, init, new_folder, project_of

FILES = {
    Source.APP: {"nginx.conf": "events {}\n", "Dockerfile": "FROM scratch\n"},
    Source.STATIC: {"index.html": "<h1>shop</h1>\n", "logo.svg": "<svg/>\n"},
    Source.API: {"main.py": "handler = None\n", "Dockerfile": "FROM scratch\n"},
}


class Shop:
    """A project with three repositories, and a builder for it with a registry of its own repositories."""

    def __init__(self, folder: Path, host: str) -> None:
        self.folder = folder
        shutil.copytree(_repositories(), folder, dirs_exist_ok=True)
        self.docker = FakeDocker()
        self.docker.add("base/busybox", {"bin/busybox": b"true"}, {"Cmd": ["sh"]})
        self.records = Records(folder / "records.sqlite")
        settings = project_of(folder).settings
        named = {
            source.value: SourceSettings(repository=str(folder / source), dockerfile="Dockerfile")
            for source in (Source.APP, Source.API)
        }
        static = SourceSettings(repository=str(folder / Source.STATIC))
        self.settings = settings.model_copy(
            update={"sources": settings.sources.model_copy(update={**named, "static": static})}
        )
        names = ("app", "static", "api", "monolith", "site")
        prefix = uuid.uuid4().hex[:8]
        self.repositories = {name: f"{host}/{prefix}/{name}" for name in names}

    def push(self, source: Source, content: dict[str, str]) -> None:
        _push(self.folder / source, content)

    def with_task(self, **update: Any) -> None:
        task = self.settings.task.model_copy(update=update)
        self.settings = self.settings.model_copy(update={"task": task})

    def with_source(self, source: Source, **update: Any) -> None:
        one = self.settings.sources[source].model_copy(update=update)
        sources_ = self.settings.sources.model_copy(update={source.value: one})
        self.settings = self.settings.model_copy(update={"sources": sources_})

    @property
    def project(self) -> Project:
        return Project(self.folder, self.settings)

    @property
    def heads(self) -> dict[Source, Commit]:
        return {source: sources.head(self.project, source) for source in Source}

    @property
    def builder(self) -> ImageBuilder:
        return ImageBuilder(
            project=self.project,
            repositories=self.repositories,
            bases={name: f"base/{name}" for name in ("nginx", "busybox", "python")},
            client=self.docker,  # type: ignore[arg-type]
            stack="buildertest",
            records=self.records,
        )

    def build(self, running: dict[str, ImageRef] | None = None) -> dict[str, ImageRef]:
        return self.builder.images(self.heads, running or {})

    @property
    def recorded(self) -> list[str]:
        return sorted(record.image for record in self.records.all() if record.is_built)


def _push(folder: Path, content: dict[str, str]) -> None:
    for name, text in content.items():
        (folder / name).write_text(text)
    commit(folder, "Change it")


@cache
def _repositories() -> Path:
    """The three repositories that every shop begins with, made once."""
    root = new_folder()
    for source, content in FILES.items():
        init(root / source)
        _push(root / source, content)
    return root
