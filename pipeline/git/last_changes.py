"""Read which files each of the last commits changed, and their sizes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.git.command import run_git

_COMMIT, _TIME = "\x01", "\x02"
_GONE = "0" * 40


@dataclass(frozen=True)
class ChangedFile:
    """A file of a commit: its path, and the bytes that it has after it; 0 if the commit removed it."""

    path: str
    bytes: int


@dataclass(frozen=True)
class CommitChange:
    """A commit of the first-parent history: its id, its time in seconds since 1970, and what it changed."""

    id: str
    at: int
    files: tuple[ChangedFile, ...]


def last_changes(repository: Path, revision: str, count: int) -> list[CommitChange]:
    """The last `count` commits that `revision` reaches by first parents, the newest first.

    A merge counts as one commit with all that it brings: it is one push.

    Raises:
        TandemError: there is no such repository or revision.
    """
    listing = run_git(
        *(
            "log",
            f"--max-count={count}",
            "--first-parent",
            "-m",
            "--raw",
            "-z",
            "--no-abbrev",
            "--no-renames",
        ),
        *(f"--format={_COMMIT}%H{_TIME}%ct", revision, "--"),
        repository=repository,
    ).decode(errors="surrogateescape")
    commits = list(_parse(listing))
    sizes = _sizes(repository, {blob for _, _, files in commits for _, blob in files} - {_GONE})
    return [
        CommitChange(commit, at, tuple(ChangedFile(path, sizes.get(blob, 0)) for path, blob in files))
        for commit, at, files in commits
    ]


def _parse(listing: str) -> Iterator[tuple[str, int, list[tuple[str, str]]]]:
    """Id, time, and path with new blob of each file; a path is whatever follows an entry."""
    tokens = iter(listing.split("\0"))
    commit, at, files = "", 0, list[tuple[str, str]]()
    for token in (each.lstrip("\n") for each in tokens):
        if token.startswith(_COMMIT):
            if commit:
                yield commit, at, files
            commit, _, time = token[1:].partition(_TIME)
            at, files = int(time), []
        elif token.startswith(":"):
            files.append((next(tokens), token.split()[3]))
    if commit:
        yield commit, at, files


def _sizes(repository: Path, blobs: Iterable[str]) -> dict[str, int]:
    ordered = sorted(blobs)
    if not ordered:
        return {}
    answers = run_git(
        "cat-file", "--batch-check", repository=repository, stdin="\n".join(ordered).encode() + b"\n"
    ).decode()
    sizes = {}
    for line in answers.splitlines():
        words = line.split()
        if len(words) == 3 and words[1] == "blob":  # noqa: PLR2004 - id, type, size
            sizes[words[0]] = int(words[2])
    return sizes
