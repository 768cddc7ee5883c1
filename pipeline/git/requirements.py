"""What the app's commit requires of the content: the file `requires.static` in the app's folder.

Each line is one requirement: the full id of a commit that the content must contain, or `FILE = VALUE` or
`FILE >= VERSION` for a file of the content. `#` begins a comment.
"""

import re
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import PurePosixPath

from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.core.values import Commit, Source
from pipeline.git import sources
from pipeline.git.command import GitError, run_git
from pipeline.git.ids import is_id
from pipeline.git.object_store import ObjectStore
from pipeline.git.printable_text import printable

FILE = "requires.static"
_LARGEST = 64 * 1024  # bytes of a file that is read
_COMPARISON = re.compile(r"([^\s=>]+)\s*(>?=)\s*(\S.*)")
_VERSION = re.compile(r"v?(\d{1,9}(?:\.\d{1,9})*)", re.ASCII)


class MalformedError(TandemError):
    """A file of a commit is not what it should be: only another commit helps."""


@dataclass(frozen=True)
class Requirement:
    """The content must contain `commit`; or its file `path` must be `value`, or at least that version."""

    commit: str = ""
    path: str = ""
    value: str = ""
    at_least: bool = False

    def __str__(self) -> str:
        if self.commit:
            return f"commit {self.commit[:10]}"
        return f"{printable(self.path)} {'>=' if self.at_least else '='} {printable(self.value)}"


def parse_requirements(text: str) -> list[Requirement]:
    """Read the file.

    Raises:
        MalformedError: a line is no requirement; the message has its number.
    """
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [_parse(line, number) for number, line in enumerate(lines, 1) if line]


def unmet(project: Project, app: Commit, static: Commit) -> str:
    """What `app` requires of the content and `static` does not have; empty if they fit.

    A file that is malformed is met by no content: its app waits, and nothing else stops.

    Raises:
        TandemError: a repository cannot be read.
    """
    store = sources.fetch(project, Source.APP, app.id)
    try:
        requirements = parse_requirements(read_file(store, app, _folder(project, Source.APP), FILE) or "")
    except MalformedError as error:
        return error.message
    history = cache(partial(sources.with_history, project, Source.STATIC))
    missing = next((each for each in requirements if not _is_met(project, each, static, history)), None)
    return f"it requires {missing} of the content, which {static.short} does not have" if missing else ""


def read_file(store: ObjectStore, commit: Commit, folder: str, path: str) -> str | None:
    """The text of a file below `folder` of `commit`; None if nothing has this name.

    Raises:
        TandemError: the repository cannot be read.
        MalformedError: it is a folder, a link or a submodule, or the file is large or no text.
    """
    at = PurePosixPath(folder) / path
    tree = _tree(store, commit, at.parent)
    if not tree:
        return None
    entry = store.trees([tree])[tree].get(at.name)
    if entry is None:
        return None
    if not stat.S_ISREG(entry.mode):
        raise MalformedError(f"{at} of {commit.short} is no file", hint=_hint(commit))
    store.ensure([entry.id])
    with store.read([entry.id]) as objects:
        blob = next(objects)
        if blob.size > _LARGEST:
            raise MalformedError(
                f"{at} of {commit.short} is larger than {_LARGEST} bytes", hint=_hint(commit)
            )
        try:
            return blob.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise MalformedError(f"{at} of {commit.short} is no text", hint=_hint(commit)) from error


def _tree(store: ObjectStore, commit: Commit, folder: PurePosixPath) -> str:
    """The id of the folder's tree; empty if the commit has no such folder."""
    try:
        return store.tree_of(commit.id, str(folder))
    except GitError:
        raise
    except TandemError:
        return ""


def _parse(line: str, number: int) -> Requirement:
    if is_id(line.lower()):
        return Requirement(commit=line.lower())
    match = _COMPARISON.fullmatch(line)
    if match:
        path, operator, value = match.groups()
        is_inside = not path.startswith("/") and ".." not in path.split("/")
        if is_inside and (operator == "=" or _VERSION.fullmatch(value)):
            return Requirement(path=path, value=value, at_least=operator == ">=")
    raise MalformedError(
        f"line {number} of {FILE} is no requirement: {printable(line, 80)!r}",
        hint=f"write a full commit id, FILE = VALUE or FILE >= 1.2 into {FILE} of the app, and push",
    )


def _is_met(
    project: Project, requirement: Requirement, static: Commit, history: Callable[[], ObjectStore]
) -> bool:
    if requirement.commit:
        return _contains(history, static, requirement.commit)
    store = sources.fetch(project, Source.STATIC, static.id)
    try:
        content = read_file(store, static, _folder(project, Source.STATIC), requirement.path)
    except MalformedError:
        return False
    if content is None:
        return False
    value = content.strip()
    if not requirement.at_least:
        return value == requirement.value
    return bool(_VERSION.fullmatch(value)) and _numbers(value) >= _numbers(requirement.value)


def _contains(history: Callable[[], ObjectStore], static: Commit, commit: str) -> bool:
    """Whether `commit` is `static` or one of its ancestors; `history` fetches all commits."""
    if commit == static.id:
        return True
    store = history()
    with suppress(GitError):  # exit code 1: it is none; 128: the repository has no such commit
        run_git("merge-base", "--is-ancestor", commit, static.id, repository=store.place)
        return True
    return False


def _numbers(version: str) -> list[int]:
    numbers = [int(part) for part in version.removeprefix("v").split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()  # 1.0 equals 1
    return numbers


def _folder(project: Project, source: Source) -> str:
    return project.settings.sources[source].path


def _hint(commit: Commit) -> str:
    return f"correct the file in source {commit.source}, and push"
