"""Lay out the build context of each image: the commit's tree, the Dockerfile and its arguments."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import docker

from pipeline.core.errors import TandemError
from pipeline.core.paths import IMAGES
from pipeline.core.settings import Project
from pipeline.core.values import Commit
from pipeline.git import sources
from pipeline.images import wheels
from pipeline.images.api_handler import require_working_handler
from pipeline.images.classic_builder import platform_arguments, require_classic
from pipeline.images.dockerfile import Instruction, read_dockerfile
from pipeline.images.ignore_file import IGNORE_FILE, read_ignore_file
from pipeline.images.lock_file import LOCK, read_lock
from pipeline.images.own_handler import require_own_handler
from pipeline.images.platforms import ARCHITECTURES
from pipeline.images.source_shape import own_dockerfile_hint, require_app_files, require_handler_module
from pipeline.images.stages import up_to_stage

_LARGEST_DOCKERFILE = 1 << 20


@dataclass(frozen=True)
class Context:
    """What `build_image` builds from: a folder, a Dockerfile and build arguments."""

    folder: Path
    dockerfile: Path
    args: Mapping[str, str]
    instructions: Sequence[Instruction] = ()
    """Those of the source's own Dockerfile that are built."""
    target: str = ""
    """The stage that is built; empty for the last."""


def app(project: Project, commit: Commit, base: str, work: Path) -> Context:
    """The context of the app image; the caller removes the new folder `work`.

    Raises:
        TandemError: The commit, its folder or its Dockerfile is missing.
    """
    folder = sources.checkout(project, commit, work)
    return _context(project, commit, folder, _nginx(project, base))


def static(project: Project, commit: Commit, base: str, work: Path) -> Context:
    """The context of a static image that a Dockerfile builds; the caller removes the new folder `work`.

    Raises:
        TandemError: The commit, its content or its Dockerfile is missing.
    """
    content = _checkout_content(project, commit, work / "content")
    _write_ignore_file(work, "content")
    if project.settings.sources.static.dockerfile:
        return _context(project, commit, content, _content(project, base))
    return Context(work, IMAGES / "static" / "Dockerfile", _content(project, base))


def monolith(project: Project, app: Commit, static: Commit, base: str, work: Path) -> Context:
    """The context of the bloated image with app and content; the caller removes the new folder `work`.

    If the app has its own Dockerfile, `base` is the image that this builds, and only content is added.

    Raises:
        TandemError: A commit, a folder or the content is missing.
    """
    if project.settings.sources.app.dockerfile:
        _checkout_content(project, static, work / "content")
        _write_ignore_file(work, "content")
        return Context(work, IMAGES / "monolith" / "Dockerfile.own", _content(project, base))
    require_app_files(sources.checkout(project, app, work / "app"), f"source app at {app.short}")
    _checkout_content(project, static, work / "content")
    _write_ignore_file(work, "app", "content")
    return Context(work, IMAGES / "monolith" / "Dockerfile", _nginx(project, base))


def api(project: Project, commit: Commit, base: str, work: Path, client: docker.DockerClient) -> Context:
    """The context of the API's image with its locked dependencies; the caller removes the new folder `work`.

    Raises:
        TandemError: The commit, its handler, its Dockerfile or its lock file is missing, or a dependency is.
    """
    source = sources.checkout(project, commit, work / "source")
    handler, where = project.settings.api.handler, f"source api at {commit.short}"
    args = {"BASE": base, **({"HANDLER": handler} if handler else {})}
    if project.settings.sources.api.dockerfile:
        context = _context(project, commit, source, args)
        require_own_handler(context.folder, context.instructions, context.args, project.settings.api, where)
        return context
    handler = handler.replace("/", ".")  # as Lambda's runtime client reads it
    require_handler_module(source, handler, where)
    lock = _own_file(source, LOCK, where) or source / LOCK
    names = [requirement.name for requirement in read_lock(lock)]
    require_working_handler(source, handler, names, where)
    packages = wheels.resolve(lock, wheels.target_of(client, base), project.state / "cache" / "wheels")
    _link_packages(packages, work / "packages")
    _write_ignore_file(work, "source")
    return Context(work, IMAGES / "api" / "Dockerfile", args)


def _nginx(project: Project, base: str) -> dict[str, str]:
    return {**_content(project, base), "PORT": str(project.settings.task.port)}


def _content(project: Project, base: str) -> dict[str, str]:
    return {"BASE": base, "CONTENT_PATH": project.settings.task.content_path}


def _checkout_content(project: Project, commit: Commit, into: Path) -> Path:
    """The content; TandemError if there is none, which is a mistake far more often than intended."""
    content = sources.checkout(project, commit, into)
    if not any(content.iterdir()):
        raise TandemError(
            f"source static at {commit.short} has no file in {project.settings.sources.static.path!r}: "
            "the site would lose all of its content",
            hint="push the content again, or correct sources.static.path in tandem.toml",
        )
    return content


def _context(project: Project, commit: Commit, folder: Path, args: Mapping[str, str]) -> Context:
    """The context of the source's own Dockerfile if the settings name one, else of Tandem's."""
    name = project.settings.sources[commit.source].dockerfile
    where = f"source {commit.source} at {commit.short}"
    if not name:
        require_app_files(folder, where)
        return Context(folder, IMAGES / commit.source.value / "Dockerfile", args)
    dockerfile = _own_file(folder, name, where)
    if not dockerfile:
        raise TandemError(
            f"{where} has no Dockerfile {name!r}",
            hint=own_dockerfile_hint(folder, commit.source)
            or f"set sources.{commit.source}.dockerfile in tandem.toml",
        )
    ignore = _own_file(folder, f"{name}{IGNORE_FILE}", where)
    if ignore:
        shutil.copyfile(ignore, _own_file(folder, IGNORE_FILE, where) or folder / IGNORE_FILE)
    if dockerfile.stat().st_size > _LARGEST_DOCKERFILE:
        raise TandemError(
            f"{where} has a Dockerfile {name!r} of more than {_LARGEST_DOCKERFILE} bytes",
            hint="COPY scripts and data from files of the source",
        )
    target = project.settings.sources[commit.source].target
    instructions = read_dockerfile(dockerfile.read_text(encoding="utf-8", errors="replace"))
    built = up_to_stage(instructions, target, where, commit.source)
    # Docker parses the stages below it as well, and takes the lines of a heredoc for instructions.
    below = [item for item in instructions[len(built) :] if item.has_heredoc]
    require_classic([*built, *below], f"{name} of {where}")
    architecture = ARCHITECTURES[project.settings.task.architecture]
    arguments = {**args, **platform_arguments(built, architecture)}
    return Context(folder, dockerfile, arguments, built, target)


def _own_file(folder: Path, name: str, where: str) -> Path | None:
    """The file `name` of the commit in `folder`; None if there is none. This machine reads it: no link.

    Raises:
        TandemError: A part of `name` is a link, or leads out of the folder.
    """
    path = folder
    for part in PurePosixPath(name).parts:
        path /= part
        if part in {"..", "/"} or path.is_symlink():
            raise TandemError(
                f"{where} has {name!r} as a link, or outside of its folder: it must be a regular file",
                hint="commit the file itself in place of the link",
            )
    return path if path.is_file() else None


def _link_packages(packages: Path, into: Path) -> None:
    """Make the packages part of the context by hard links, without copying their bytes."""
    for file in packages.rglob("*"):
        if file.is_dir():
            continue
        target = into / file.relative_to(packages)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.hardlink_to(file)


def _write_ignore_file(work: Path, *folders: str) -> None:
    """Merge each source's own .dockerignore into the one of the whole context."""
    lines = [
        f"{'!' * pattern.startswith('!')}{folder}/{pattern.removeprefix('!')}"
        for folder in folders
        if _own_file(work / folder, IGNORE_FILE, f"the {folder} folder")
        for pattern in read_ignore_file(work / folder, f"the {folder} folder")
        if pattern not in {"Dockerfile", "!Dockerfile"}
    ]
    if lines:
        (work / IGNORE_FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
