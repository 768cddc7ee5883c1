"""Lay out what each image is built from: the commit's tree, the Dockerfile and its arguments."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import docker

from pipeline.core.errors import TandemError
from pipeline.core.paths import IMAGES
from pipeline.core.settings import Project
from pipeline.core.values import Commit
from pipeline.git import sources
from pipeline.images import wheels

_IGNORE = ".dockerignore"


@dataclass(frozen=True)
class Context:
    """All that `build_image` needs but a tag."""

    folder: Path
    dockerfile: Path
    args: Mapping[str, str]


def app(project: Project, commit: Commit, base: str, work: Path) -> Context:
    """The app image from the app source; `work` is a new folder, the caller's to remove."""
    folder = sources.checkout(project, commit, work)
    return Context(folder, _dockerfile(project, commit, folder), _nginx(project, base))


def static(project: Project, commit: Commit, base: str, work: Path) -> Context:
    """The static image from the content repository, by way of a Dockerfile."""
    content = _checked_out(project, commit, work / "content")
    _ignore(work, "content")
    if project.settings.sources.static.dockerfile:
        return Context(content, _dockerfile(project, commit, content), _content(project, base))
    return Context(work, IMAGES / "static" / "Dockerfile", _content(project, base))


def monolith(project: Project, app: Commit, static: Commit, base: str, work: Path) -> Context:
    """The bloated baseline: app and content in one image."""
    sources.checkout(project, app, work / "app")
    _checked_out(project, static, work / "content")
    _ignore(work, "app", "content")
    return Context(work, IMAGES / "monolith" / "Dockerfile", _nginx(project, base))


def api(project: Project, commit: Commit, base: str, work: Path, client: docker.DockerClient) -> Context:
    """The API's image from the api source and its locked dependencies."""
    source = sources.checkout(project, commit, work / "source")
    args = {"BASE": base, "HANDLER": project.settings.api.handler}
    if project.settings.sources.api.dockerfile:
        return Context(source, _dockerfile(project, commit, source), args)
    module = project.settings.api.handler.rpartition(".")[0].replace(".", "/")
    if not (source / f"{module}.py").is_file() and not (source / module / "__init__.py").is_file():
        raise TandemError(
            f"source api at {commit.short} has no {module}.py, which handler"
            f" {project.settings.api.handler!r} names",
            hint="set api.handler in tandem.toml",
        )
    packages = wheels.resolve(
        source / wheels.LOCK, wheels.target_of(client, base), project.state / "cache" / "wheels"
    )
    _linked(packages, work / "packages")
    _ignore(work, "source")
    return Context(work, IMAGES / "api" / "Dockerfile", args)


def _nginx(project: Project, base: str) -> dict[str, str]:
    return {**_content(project, base), "PORT": str(project.settings.task.port)}


def _content(project: Project, base: str) -> dict[str, str]:
    return {"BASE": base, "CONTENT_PATH": project.settings.task.content_path}


def _checked_out(project: Project, commit: Commit, into: Path) -> Path:
    """The content; TandemError if there is none: that is a mistake far more often than a wish."""
    content = sources.checkout(project, commit, into)
    if not any(content.iterdir()):
        raise TandemError(
            f"source static at {commit.short} has no file in {project.settings.sources.static.path!r}: "
            "the site would lose all of its content",
            hint="push the content again, or correct sources.static.path in tandem.toml",
        )
    return content


def _dockerfile(project: Project, commit: Commit, folder: Path) -> Path:
    """The source's own Dockerfile where the settings name one, else this project's."""
    named = project.settings.sources[commit.source].dockerfile
    if not named:
        return IMAGES / commit.source.value / "Dockerfile"
    if not (folder / named).is_file():
        raise TandemError(
            f"source {commit.source} at {commit.short} has no Dockerfile {named!r}",
            hint=f"set sources.{commit.source}.dockerfile in tandem.toml",
        )
    return folder / named


def _linked(packages: Path, into: Path) -> None:
    """The packages as part of the context, without copying their bytes."""
    for file in packages.rglob("*"):
        if file.is_dir():
            continue
        target = into / file.relative_to(packages)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.hardlink_to(file)


def _ignore(work: Path, *folders: str) -> None:
    """Carry each source's own .dockerignore over to the context that it is a part of."""
    lines = [
        f"{'!' if line.startswith('!') else ''}{folder}/{line.lstrip('!').lstrip('/')}"
        for folder in folders
        if (work / folder / _IGNORE).is_file()
        for line in (work / folder / _IGNORE).read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#") and line != "Dockerfile"
    ]
    if lines:
        (work / _IGNORE).write_text("\n".join(lines) + "\n", encoding="utf-8")
