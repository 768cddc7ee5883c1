"""Read the tree of a commit: list it without its blobs, fetch what is missing at once, write it to disk."""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from pipeline.core.errors import TandemError
from pipeline.core.values import Commit
from pipeline.git.command import GitError, git_environment, git_text, run_git

_LINK, _EXECUTABLE, _SUBMODULE = "120000", "100755", "160000"
_EPOCH, _SPREAD = 1_000_000_000, 1 << 29
_POINTER = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, order=True)
class TreeEntry:
    """One file of a tree: path from the source's folder, git mode, blob id."""

    path: str
    mode: str
    blob: str


def identity(repository: Path, commit: Commit, path: str) -> str:
    """The id of the tree at `path`; TandemError where the commit has no such folder."""
    try:
        found = git_text("rev-parse", "--verify", f"{commit.id}:{_inside(path)}", repository=repository)
        kind = git_text("cat-file", "-t", found, repository=repository)
    except GitError as error:
        raise _no_folder(commit, path) from error
    if kind != "tree":
        raise _no_folder(commit, path)
    return found


def entries(repository: Path, commit: Commit, path: str) -> list[TreeEntry]:
    """All files under `path`; submodules and names that would leave the folder are refused."""
    listed = run_git("ls-tree", "-r", "-z", identity(repository, commit, path), repository=repository)
    found = []
    for line in filter(None, listed.split(b"\0")):
        about, _, name = line.partition(b"\t")
        mode, _, blob = about.decode().split(" ")
        found.append(TreeEntry(name.decode("utf-8", "surrogateescape"), mode, blob))
    for entry in found:
        _check(entry, commit)
    return found


def fetch_blobs(repository: Path, commit: Commit, wanted: Sequence[str]) -> None:
    """Bring those of `wanted` that a blobless mirror lacks, in one request instead of one for each."""
    if not git_text("config", "--default", "", "--get", "extensions.partialClone", repository=repository):
        return
    listed = git_text(
        "rev-list", "--objects", "--missing=print", "--no-walk", commit.id, repository=repository
    )
    missing = {line[1:] for line in listed.splitlines() if line.startswith("?")} & set(wanted)
    if missing:
        arguments = ("--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none")
        run_git(
            *("-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "origin", *arguments, "--stdin"),
            repository=repository,
            given="".join(f"{blob}\n" for blob in sorted(missing)).encode(),
        )


def write(repository: Path, commit: Commit, path: str, into: Path) -> None:
    """Write every file under `path` of `commit` into `into`."""
    listed = entries(repository, commit, path)
    fetch_blobs(repository, commit, [entry.blob for entry in listed])
    into.mkdir(parents=True)
    for folder in sorted({str(PurePosixPath(entry.path).parent) for entry in listed}):
        (into / folder).mkdir(parents=True, exist_ok=True)
    for entry, data in zip(listed, blobs(repository, [entry.blob for entry in listed]), strict=True):
        _write(into / entry.path, entry, data, commit)


def mtime_of(blob: str) -> int:
    """A modification time between 2001 and 2018 that only equal content shares.

    nginx's ETag is time and size: an edit that keeps the size must change the time, a new build must not.
    """
    return _EPOCH + int(blob[:8], 16) % _SPREAD


def blobs(repository: Path, wanted: Sequence[str]) -> Iterator[bytes]:
    """The content of each of `wanted`, in order."""
    with tempfile.TemporaryFile() as asked:
        # A file, not a pipe: git would block on its answers while we still ask.
        asked.write("".join(f"{blob}\n" for blob in wanted).encode())
        asked.seek(0)
        command = ["git", f"--git-dir={repository}", "cat-file", "--batch", "--buffer"]
        with subprocess.Popen(
            command, env=git_environment(), stdin=asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            for blob in wanted:
                yield _answer(process.stdout, repository, blob)


def _answer(stream: IO[bytes] | None, repository: Path, blob: str) -> bytes:
    head = stream.readline().split() if stream else []
    if stream is None or len(head) != 3:  # noqa: PLR2004 - id, type, size
        raise TandemError(f"object {blob} is missing from {repository}", hint=f"git -C {repository} fsck")
    data = stream.read(int(head[2]))
    stream.read(1)
    return data


def _write(file: Path, entry: TreeEntry, data: bytes, commit: Commit) -> None:
    if entry.mode == _LINK:
        _check_target(entry, data.decode("utf-8", "surrogateescape"), commit)
        file.symlink_to(data.decode("utf-8", "surrogateescape"))
        return
    if data.startswith(_POINTER):
        raise TandemError(
            f"{entry.path} at {commit.short} of source {commit.source} is a Git LFS pointer, not the file",
            hint="keep the file in the repository: git lfs migrate export",
        )
    file.write_bytes(data)
    file.chmod(0o755 if entry.mode == _EXECUTABLE else 0o644)
    os.utime(file, (mtime_of(entry.blob),) * 2)


def _check(entry: TreeEntry, commit: Commit) -> None:
    if entry.mode == _SUBMODULE:
        raise TandemError(
            f"{entry.path} at {commit.short} of source {commit.source} is a submodule, its files are absent",
            hint="make it a source of its own, or commit its files",
        )
    if {"..", ".git"} & set(entry.path.split("/")):
        raise TandemError(f"{entry.path!r} at {commit.short} of source {commit.source} leaves its folder")


def _check_target(entry: TreeEntry, target: str, commit: Commit) -> None:
    """A link must stay within the tree: what it names elsewhere is not part of the commit."""
    reached: list[str] = list(PurePosixPath(entry.path).parent.parts)
    for part in PurePosixPath(target).parts:
        if part == "/" or (part == ".." and not reached):
            raise TandemError(
                f"link {entry.path} at {commit.short} of source {commit.source} leaves the tree: {target}",
                hint="link to a file within the repository",
            )
        if part == "..":
            reached.pop()
        else:
            reached.append(part)


def _inside(path: str) -> str:
    """`path` as git names it within a commit: empty for the root."""
    return str(PurePosixPath(path)).removeprefix(".").strip("/")


def _no_folder(commit: Commit, path: str) -> TandemError:
    return TandemError(
        f"commit {commit.short} of source {commit.source} has no folder {path!r}",
        hint=f"set sources.{commit.source}.path in tandem.toml",
    )
