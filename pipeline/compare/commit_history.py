"""What the last commits cost, and what they would have cost the other way: the verb `compare history`."""

import shlex
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.compare.report.findings import duration
from pipeline.compare.report.report_content import ReportContent
from pipeline.compare.scenarios import ThrowAwayClone
from pipeline.compare.time_model import TimeModel, time_model
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.core.values import Source
from pipeline.git import sources
from pipeline.git.command import git_text
from pipeline.git.last_changes import CommitChange, last_changes
from pipeline.git.object_store import git_directory
from pipeline.records.document import HISTORY, Document

_HINT = "tandem compare history --repository . --content static"


@dataclass(frozen=True)
class Change:
    """A commit: whether it changed the app, and the bytes of content that it changed; None if none."""

    commit: str
    at: int
    app: bool
    static_bytes: int | None


@dataclass(frozen=True)
class History:
    """The last commits by what they changed, and the waiting for their builds, in seconds."""

    commits: int
    app: int
    static: int
    both: int
    neither: int
    content_bytes: int
    bloated_seconds: float
    split_seconds: float
    basis: str

    def __str__(self) -> str:
        kinds = f"{self.app} changed the app, {self.static} the content, {self.both} both"
        other = f", {self.neither} no file of either" if self.neither else ""
        return "\n".join(
            [
                f"last {self.commits} commits: {kinds}{other}",
                f"bloated image: {duration(self.bloated_seconds)} of building",
                f"split images:  {duration(self.split_seconds)}",
                f"modelled from comparison {self.basis}; content {self.content_bytes / 1e6:.0f} MB",
            ]
        )

    def document(self, at: str) -> Document:
        """The result as it is stored, for the report."""
        return Document(HISTORY, at, "", asdict(self))


def of_sources(project: Project, last: int, measured: ReportContent) -> History:
    """The history of the app's and the content's repositories, the last commits of both together.

    Raises:
        TandemError: a repository cannot be read, or the comparison lacks a build time.
    """
    with tempfile.TemporaryDirectory(prefix="tandem-history-") as folder:
        clones = {source: _clone(project, source, Path(folder)) for source in (Source.APP, Source.STATIC)}
        settings = project.settings.sources
        app = [
            Change(each.id, each.at, app=True, static_bytes=None)
            for each in _under(clones[Source.APP], last, settings.app.path)
        ]
        static = [
            Change(each.id, each.at, app=False, static_bytes=_bytes(each))
            for each in _under(clones[Source.STATIC], last, settings.static.path)
        ]
        size = clones[Source.STATIC].size_of(settings.static.path)
    return summarize([*app, *static], last, size, time_model(measured, size))


def of_repository(repository: Path, content: Sequence[str], last: int, measured: ReportContent) -> History:
    """The history of one repository with app and content; `content` are the content's folders in it.

    Raises:
        TandemError: it cannot be read, the folders hold nothing, or the comparison lacks a build time.
    """
    require_content(repository, content)
    directory = git_directory(repository)
    size = _size(directory, content)
    commits = last_changes(directory, "HEAD", last)
    _require_history(repository, len(commits), last)
    changes = [_classified(each, content) for each in commits]
    return summarize(changes, last, size, time_model(measured, size))


def require_content(repository: Path, content: Sequence[str]) -> None:
    """Check that there is a repository with commits, and that `content` are folders inside it.

    Raises:
        TandemError: It is none, git refuses to read it, it has no commit, or a folder is outside.
    """
    directory = git_directory(repository, _HINT)
    for name in content:
        if not name or name.startswith("/") or ".." in name.split("/"):
            raise TandemError(f"{name!r} is no folder inside the repository", hint=_HINT)
    try:
        git_text("rev-parse", "--verify", "--quiet", "HEAD^{commit}", repository=directory)
    except TandemError as error:
        raise TandemError(
            f"{repository} has no commit yet", hint=f"git -C {shlex.quote(str(repository))} log"
        ) from error


def _require_history(repository: Path, count: int, last: int) -> None:
    """Refuse a shallow clone that ends too early: its oldest commit looks as if it had made every file."""
    is_shallow = git_text("rev-parse", "--is-shallow-repository", repository=git_directory(repository))
    if count < last and is_shallow.strip() == "true":
        raise TandemError(
            f"{repository} is a shallow clone with {count} of the last {last} commits",
            hint=f"git -C {shlex.quote(str(repository))} fetch --unshallow",
        )


def summarize(changes: Sequence[Change], last: int, size: int, model: TimeModel) -> History:
    """The last of these changes, and their time by the model; a change of neither needs no build."""
    considered = sorted(changes, key=lambda change: change.at)[-last:]
    builds = [change for change in considered if change.app or change.static_bytes is not None]
    return History(
        commits=len(considered),
        app=_count(builds, lambda change: change.app and change.static_bytes is None),
        static=_count(builds, lambda change: not change.app),
        both=_count(builds, lambda change: change.app and change.static_bytes is not None),
        neither=len(considered) - len(builds),
        content_bytes=size,
        bloated_seconds=model.bloated * len(builds),
        split_seconds=sum(model.split(app=each.app, static_bytes=each.static_bytes) for each in builds),
        basis=model.basis,
    )


def _count(changes: Sequence[Change], test: Callable[[Change], bool]) -> int:
    return sum(map(test, changes))


def _clone(project: Project, source: Source, folder: Path) -> ThrowAwayClone:
    settings = project.settings.sources[source]
    return ThrowAwayClone(sources.locate(project, source), settings.branch, folder / f"{source}.git")


def _under(clone: ThrowAwayClone, last: int, path: str) -> list[CommitChange]:
    """The commits that changed a file under `path`."""
    commits = last_changes(clone.folder, "HEAD", last)
    return [each for each in commits if any(_is_under(file.path, [path]) for file in each.files)]


def _bytes(change: CommitChange) -> int:
    return sum(file.bytes for file in change.files)


def _classified(change: CommitChange, content: Sequence[str]) -> Change:
    inside = [file for file in change.files if _is_under(file.path, content)]
    is_app = len(inside) < len(change.files)
    return Change(change.id, change.at, is_app, sum(file.bytes for file in inside) if inside else None)


def _is_under(path: str, folders: Sequence[str]) -> bool:
    names = [folder.strip("/") for folder in folders]
    return any(name in {"", "."} or path == name or path.startswith(f"{name}/") for name in names)


def _size(repository: Path, content: Sequence[str]) -> int:
    listing = git_text("ls-tree", "-r", "-l", "-z", "HEAD", "--", *content, repository=repository)
    size = sum(int(line.split()[3]) for line in listing.split("\0") if line.startswith("100"))
    if not size:
        raise TandemError(
            f"the repository has no file under {', '.join(content)}",
            hint=f"name the content's folders: {_HINT}",
        )
    return size
