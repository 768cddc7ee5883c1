"""Find the repositories of the sources, resolve their heads, and write the tree of a commit to disk."""

import os
import re
import shlex
import shutil
from contextlib import suppress
from pathlib import Path

from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.core.values import Commit, Source
from pipeline.git.address import is_url, likely_address, printable_address
from pipeline.git.checkout import write_files
from pipeline.git.command import GitError, git_text, run_git
from pipeline.git.ids import is_id, require_id
from pipeline.git.object_store import ObjectStore, git_directory, is_repository
from pipeline.git.printable_text import printable
from pipeline.git.remote import GoneError, RemoteObjectStore, open_object_store

_ANSWER_SECONDS = 60
_SUBJECTS = 50
_DEFAULT_BRANCHES = ("main", "master", "trunk")
_SHORT_ID = re.compile(r"[0-9A-Fa-f]{4,64}")


def locate(project: Project, source: Source) -> str:
    """URL or absolute path of a source's repository.

    Raises:
        TandemError: There is no repository at the path that tandem.toml names.
    """
    repository = project.settings.sources[source].repository
    if is_url(repository):
        return repository
    path = project.root.joinpath(Path(repository).expanduser()).resolve()
    if is_repository(path):
        return str(path)
    raise _no_repository(project, source, path)


def _no_repository(project: Project, source: Source, path: Path) -> TandemError:
    """Why there is no repository at `path`, and the setting that was probably meant."""
    table = f"under [sources.{source}] in tandem.toml"
    hint = f"set sources.{source}.repository in tandem.toml to a git URL or path"
    above = next(filter(is_repository, path.parents), None)
    if path.is_dir() and above and not path.is_relative_to(project.root):
        what = f"is a folder of the repository {above}"
        hint = f'set repository = "{above}" and path = "{path.relative_to(above)}" {table}'
    elif path.is_dir():
        what, hint = (
            "is a folder without one",
            f"{hint}; locally `make up` makes one of the folder",
        )
    elif path.exists():
        what = "is a file"
    else:
        likely = likely_address(project.settings.sources[source].repository)
        what, hint = "does not exist", f'set repository = "{likely}" {table}' if likely else hint
    return TandemError(f"there is no repository of source {source}: {path} {what}", hint=hint)


def cache_of(project: Project, source: Source) -> Path:
    """Where objects of a source's repository are kept if it is remote; the folder may vanish at any time."""
    return project.state / "cache" / "sources" / source.value


def open_source(project: Project, source: Source) -> ObjectStore:
    """The objects of a source's repository.

    Raises:
        TandemError: There is no repository at the path that tandem.toml names.
    """
    return open_object_store(locate(project, source), cache_of(project, source), source)


def head(project: Project, source: Source) -> Commit:
    """The commit at the head of the source's branch, read from the repository itself.

    Raises:
        TandemError: The repository cannot be read, is empty, or has no such branch.
    """
    where, branch = locate(project, source), project.settings.sources[source].branch
    refs = _refs(where, "--heads")
    commit_id = refs.get(f"refs/heads/{branch}")
    if commit_id:
        return Commit(source, commit_id, fetch(project, source, commit_id).subject(commit_id))
    where = printable_address(where)
    if not refs:
        raise TandemError(
            f"repository {where} of source {source} is empty: it has no commit yet",
            hint=f"git push {shlex.quote(where)} HEAD:{shlex.quote(branch)}",
        )
    others = sorted(ref.removeprefix("refs/heads/") for ref in refs)
    likely = others if len(others) == 1 else [name for name in _DEFAULT_BRANCHES if name in others]
    raise TandemError(
        f"repository {where} of source {source} has no branch {branch!r}: it has"
        f" {printable(', '.join(others[:10]))}",
        hint=f'set branch = "{printable(likely[0])}" under [sources.{source}] in tandem.toml'
        if likely
        else f"set sources.{source}.branch in tandem.toml",
    )


def resolve(project: Project, source: Source, name: str) -> Commit:
    """The commit that `name` means now: a full id, a branch, a tag, or the start of an id.

    Raises:
        TandemError: There is no such commit, or the id is of another object.
    """
    commit_id = name.lower() if is_id(name.lower()) else _commit_id(project, source, name)
    return Commit(source, commit_id, fetch(project, source, commit_id).subject(commit_id))


def fetch(project: Project, source: Source, commit_id: str) -> ObjectStore:
    """The objects of a source's repository, `commit_id` and its trees among them.

    A build from layers reads few of the trees, so that the static source's are left for later.

    Raises:
        TandemError: The repository cannot be read, or no longer has the commit.
    """
    store = open_source(project, source)
    few = source is Source.STATIC and project.settings.static.builder == "layers"
    try:
        store.ensure_commit(commit_id, trees=not few)
    except GoneError as error:
        raise _commit_gone(project, source, commit_id) from error
    if not store.has_commit(commit_id):
        raise _commit_gone(project, source, commit_id)
    return store


def checkout(project: Project, commit: Commit, into: Path) -> Path:
    """Write the tree of the source's `path` at `commit` into the new folder `into`, byte for byte.

    No checkout filter, attribute or line-ending conversion touches it. A failure leaves nothing behind.

    Raises:
        TandemError: The commit or the folder is missing, or a file cannot become part of an image.
        OSError: The disk is full.
    """
    store = fetch(project, commit.source, commit.id)
    where = f" at {commit.short} of source {commit.source}"
    tree = store.tree_of(commit.id, project.settings.sources[commit.source].path)
    try:
        write_files(store, store.listing(tree, where), into, where)
    except BaseException:
        shutil.rmtree(into, ignore_errors=True)
        raise
    return into


def tree_id(project: Project, commit: Commit) -> str:
    """Identity of the content at the source's `path`: two commits with the same one build the same image.

    Raises:
        TandemError: The commit or the folder is missing.
    """
    store = fetch(project, commit.source, commit.id)
    return store.tree_of(commit.id, project.settings.sources[commit.source].path)


def changed_subjects(project: Project, source: Source, old: str, new: str) -> list[str]:
    """Subjects of the commits that `new` has and `old` has not, newest first.

    Only that of `new` where `old` is gone, as after a force-push.

    Raises:
        TandemError: The repository cannot be read, or does not have `new`.
    """
    store = with_history(project, source)
    require_id(new)
    span = [f"{old}..{new}"] if is_id(old) and store.has_commit(old) else ["-1", new]
    lines = git_text("log", f"--max-count={_SUBJECTS}", "--format=%s", *span, "--", repository=store.place)
    return [printable(line) for line in lines.split("\n")]


def _refs(where: str, *options: str) -> dict[str, str]:
    """The repository's refs, by name; a tag's commit has the tag's name and ^{}."""
    output = run_git("ls-remote", *options, "--", where, where=where, timeout=_ANSWER_SECONDS)
    # A ref's name may have any bytes but ASCII's spaces: what else Unicode calls a space is part of it.
    pairs = (os.fsdecode(line).partition("\t") for line in output.split(b"\n") if line)
    return {ref: name for name, _, ref in pairs}


def _commit_id(project: Project, source: Source, name: str) -> str:
    where = locate(project, source)
    refs = _refs(where)
    for ref in (f"refs/heads/{name}", f"refs/tags/{name}^{{}}", f"refs/tags/{name}"):
        if ref in refs:
            return refs[ref]
    if _SHORT_ID.fullmatch(name) and not is_url(where):
        with suppress(GitError):
            return git_text(
                "rev-parse",
                "--verify",
                "--quiet",
                f"{name}^{{commit}}",
                repository=git_directory(Path(where)),
            )
    raise TandemError(
        f"source {source} has no branch, tag or commit {printable(name)!r}",
        hint="give all digits of the commit's id: git rev-parse NAME",
    )


def with_history(project: Project, source: Source) -> ObjectStore:
    """The repository's commits, of which the store that builds read has only the newest."""
    where = locate(project, source)
    if not is_url(where):
        return ObjectStore(git_directory(Path(where)), source)
    store = RemoteObjectStore(where, cache_of(project, source) / "history", source)
    store.fetch_history(project.settings.sources[source].branch)
    return store


def _commit_gone(project: Project, source: Source, commit_id: str) -> TandemError:
    return TandemError(
        f"commit {commit_id[:10]} of source {source} is gone from"
        f" {printable_address(locate(project, source))}: its branch was force-pushed or deleted",
        hint="run `tandem release` to build the branch's head as it is now",
    )
