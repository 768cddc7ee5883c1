"""Find the sources' repositories, resolve their heads, and bring the exact tree of a commit to disk."""

import fcntl
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.core.values import Commit, Source
from pipeline.git import tree
from pipeline.git.command import GitError, git_text, run_git
from pipeline.local.examples.repositories import make_example

_URL = re.compile(r"[a-z][a-z0-9+.-]*://|[\w.-]+@[\w.-]+:")
_ANSWER_SECONDS = 60
_SUBJECTS = 50
_BLOBLESS = "--filter=blob:none"
_GONE = re.compile(
    r"not our ref|unadvertised object|remote error: upload-pack|no such remote ref", re.IGNORECASE
)


def locate(project: Project, source: Source) -> str:
    """URL or absolute path of a source's repository; an example folder becomes one first."""
    wanted = project.settings.sources[source].repository
    if _URL.match(wanted):
        return wanted
    path = (project.root / Path(wanted).expanduser()).resolve()
    if (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir()):
        return str(path)
    if path.is_dir():
        return str(make_example(project, source, path))
    raise TandemError(
        f"there is no repository of source {source}: {path} does not exist",
        hint=f"set sources.{source}.repository in tandem.toml to a git URL or path",
    )


def head(project: Project, source: Source) -> Commit:
    """The commit at the head of the source's branch, asked of the repository itself."""
    where = locate(project, source)
    branch = project.settings.sources[source].branch
    listed = run_git("ls-remote", "--heads", where, where=where, timeout=_ANSWER_SECONDS).decode().split()
    refs = dict(zip(listed[1::2], listed[::2], strict=True))
    found = refs.get(f"refs/heads/{branch}")
    if found:
        repository = fetch(project, source, found)
        subject = git_text("log", "-1", "--format=%s", found, repository=repository, where=where)
        return Commit(source, found, subject)
    if not refs:
        raise TandemError(
            f"repository {where} of source {source} is empty: it has no commit yet",
            hint=f"git push {where} HEAD:{branch}",
        )
    others = ", ".join(sorted(ref.removeprefix("refs/heads/") for ref in refs)[:10])
    raise TandemError(
        f"repository {where} of source {source} has no branch {branch!r}: it has {others}",
        hint=f"set sources.{source}.branch in tandem.toml",
    )


def fetch(project: Project, source: Source, commit_id: str) -> Path:
    """A git directory with `commit_id` and its trees; blobs may be missing (see `tree.fetch_blobs`).

    A repository on this machine is read in place; of one elsewhere a shallow, blobless mirror is kept.
    """
    where = locate(project, source)
    if not _URL.match(where):
        return _in_place(Path(where), source, commit_id)
    mirror = project.state / "cache" / "sources" / f"{source}.git"
    with _locked(mirror):
        _mirror(mirror, where)
        if not _has(mirror, commit_id):
            _fetch_commit(mirror, where, source, commit_id)
    return mirror


def checkout(project: Project, commit: Commit, into: Path) -> Path:
    """Write the tree of the source's `path` at `commit` into the new folder `into`, byte for byte.

    No checkout filter, attribute or line-ending conversion touches it. A failure leaves nothing behind.
    """
    repository = fetch(project, commit.source, commit.id)
    path = project.settings.sources[commit.source].path
    try:
        tree.write(repository, commit, path, into)
    except BaseException:
        shutil.rmtree(into, ignore_errors=True)
        raise
    return into


def tree_id(project: Project, commit: Commit) -> str:
    """Identity of the content at the source's `path`: two commits with the same one build the same image."""
    repository = fetch(project, commit.source, commit.id)
    return tree.identity(repository, commit, project.settings.sources[commit.source].path)


def changed_subjects(project: Project, source: Source, old: str, new: str) -> list[str]:
    """Subjects of the commits that `new` has and `old` has not, newest first.

    Only that of `new` where `old` is gone, as after a force-push.
    """
    where = locate(project, source)
    repository = _history(project, source, where) if _URL.match(where) else _git_dir(Path(where))
    known = _has(repository, old)
    span = [f"{old}..{new}"] if known else ["-1", new]
    listed = git_text("log", f"--max-count={_SUBJECTS}", "--format=%s", *span, repository=repository)
    return listed.splitlines()


def _git_dir(path: Path) -> Path:
    """The git directory of a repository on this machine, bare or with a work tree."""
    return Path(git_text("-C", str(path), "rev-parse", "--absolute-git-dir", where=str(path)))


def _in_place(path: Path, source: Source, commit_id: str) -> Path:
    repository = _git_dir(path)
    if not _has(repository, commit_id):
        raise _commit_gone(str(path), source, commit_id)
    return repository


def _has(repository: Path, commit_id: str) -> bool:
    try:
        run_git("rev-parse", "--quiet", "--verify", f"{commit_id}^{{tree}}", repository=repository)
    except GitError:
        return False
    return True


def _commit_gone(where: str, source: Source, commit_id: str) -> TandemError:
    return TandemError(
        f"commit {commit_id[:10]} of source {source} is gone from {where}:"
        " its branch was force-pushed or deleted",
        hint="run `tandem release` to build the branch's head as it is now",
    )


def _mirror(mirror: Path, where: str) -> None:
    """An empty bare repository that knows `where` as its promisor: missing blobs can be asked for later."""
    if not (mirror / "HEAD").exists():
        shutil.rmtree(mirror, ignore_errors=True)
        run_git("init", "--quiet", "--bare", str(mirror), where=str(mirror))
    settings = {
        "remote.origin.url": where,
        "remote.origin.promisor": "true",
        "remote.origin.partialclonefilter": "blob:none",
        "core.repositoryformatversion": "1",
        "extensions.partialClone": "origin",
        "gc.auto": "0",
    }
    for key, value in settings.items():
        run_git("config", key, value, repository=mirror)


def _fetch_commit(mirror: Path, where: str, source: Source, commit_id: str) -> None:
    wanted = ["fetch", "--quiet", "--depth=1", "--no-tags", _BLOBLESS, "origin", commit_id]
    try:
        run_git(*wanted, repository=mirror, where=where)
    except GitError as error:
        if _GONE.search(error.said):
            raise _commit_gone(where, source, commit_id) from error
        raise


def _history(project: Project, source: Source, where: str) -> Path:
    """A mirror with the branch's commits, which the shallow one lacks."""
    branch = project.settings.sources[source].branch
    mirror = project.state / "cache" / "sources" / f"{source}-history.git"
    with _locked(mirror):
        _mirror(mirror, where)
        wanted = f"+refs/heads/{branch}:refs/heads/{branch}"
        run_git("fetch", "--quiet", "--no-tags", _BLOBLESS, "origin", wanted, repository=mirror, where=where)
    return mirror


@contextmanager
def _locked(mirror: Path) -> Iterator[None]:
    mirror.parent.mkdir(parents=True, exist_ok=True)
    with mirror.with_suffix(".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
