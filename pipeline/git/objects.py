"""Read commits, trees and blobs of one repository, on this machine or behind a URL."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import new as new_hash
from pathlib import Path, PurePosixPath

from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.git.blobs import GitObject, read_objects
from pipeline.git.command import git_text, run_git
from pipeline.git.validation import SUBMODULE, validate_file

_URL = re.compile(r"[a-z][a-z0-9+.-]*://|[\w.-]+@[\w.-]+:")
_TREE = 0o040000
EMPTY_TREES = frozenset(new_hash(name, b"tree 0\0").hexdigest() for name in ("sha1", "sha256"))
"""Git's id of a folder without files, in repositories of either kind."""


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """What a tree holds under one name: git's mode and the object's id."""

    mode: int
    id: str

    @property
    def is_tree(self) -> bool:
        return self.mode == _TREE


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file below a tree: its path from there, its entry, and its size in bytes."""

    path: str
    entry: TreeEntry
    size: int


class ObjectStore:
    """The objects of a repository on this machine, read in place; trees stay in memory once read.

    `source` names the source in messages.
    """

    def __init__(self, place: Path, source: Source | None = None) -> None:
        self.place = place
        self._source = source
        self._trees: dict[str, Mapping[str, TreeEntry]] = {}

    def has_commit(self, commit: str) -> bool:
        """Whether the store has `commit` and its top tree."""
        try:
            run_git("rev-parse", "--quiet", "--verify", f"{commit}^{{tree}}", repository=self.place)
        except TandemError:
            return False
        return True

    def ensure_commit(self, commit: str, *, trees: bool = False) -> None:
        """Make sure that `commit` can be read, and with `trees` all of its trees.

        Raises:
            TandemError: The repository does not have the commit, or cannot be read.
        """

    def ensure(self, ids: Collection[str], *, below: bool = False) -> None:
        """Make sure that objects `ids` can be read, and with `below` all trees under the trees `ids`.

        Raises:
            TandemError: The repository cannot be read.
        """

    def read(self, ids: Sequence[str]) -> AbstractContextManager[Iterator[GitObject]]:
        """Read objects in order; `ensure` must have been called for them.

        Raises:
            TandemError: An object is missing or damaged.
        """
        return read_objects(self.place, ids)

    def trees(self, ids: Collection[str]) -> Mapping[str, Mapping[str, TreeEntry]]:
        """The trees `ids`, each as its entries by name.

        Raises:
            TandemError: A tree is missing, or the repository cannot be read.
        """
        unread = sorted(set(ids) - self._trees.keys())
        if unread:
            self.ensure(unread)
            with self.read(unread) as trees:
                for tree in trees:
                    self._trees[tree.name] = _parse_tree(tree.read(), len(tree.name) // 2)
        return {name: self._trees[name] for name in ids}

    def tree_of(self, commit: str, path: str = ".") -> str:
        """The id of the tree at `path` of `commit`; equal content has an equal id.

        Raises:
            TandemError: The commit is missing, or has no such folder.
        """
        tree = self._top_tree(commit)
        for name in PurePosixPath(path.strip("/")).parts:
            entry = self.trees([tree])[tree].get(name)
            if entry is None or not entry.is_tree:
                of_source = f" of source {self._source}" if self._source else ""
                raise TandemError(
                    f"commit {commit[:10]}{of_source} has no folder {path!r}",
                    hint=f"set sources.{self._source or 'static'}.path in tandem.toml",
                )
            tree = entry.id
        return tree

    def listing(self, tree: str, where: str = "") -> list[ListedFile]:
        """Every file below `tree` with its size; all of them can be read afterwards.

        Raises:
            TandemError: A file cannot become part of an image; the message has `where` behind its path.
        """
        self.ensure([tree], below=True)
        lines = run_git("ls-tree", "-r", "-z", tree, repository=self.place).split(b"\0")[:-1]
        entries = [_parse_line(line) for line in lines]
        for path, entry in entries:
            validate_file(path, entry.mode, where=where)
        blobs = sorted({entry.id for _, entry in entries if entry.mode != SUBMODULE})
        self.ensure(blobs)
        sizes = self._sizes(blobs)
        return [ListedFile(path, entry, sizes[entry.id]) for path, entry in entries]

    def _sizes(self, ids: Sequence[str]) -> dict[str, int]:
        lines = run_git(
            *("cat-file", "--batch-check=%(objectname) %(objectsize)", "--buffer"),
            repository=self.place,
            stdin="".join(f"{name}\n" for name in ids).encode(),
        )
        return {name: int(size) for name, size in (line.split() for line in lines.decode().splitlines())}

    def _top_tree(self, commit: str) -> str:
        self.ensure_commit(commit)
        with self.read([commit]) as objects:
            first = next(objects).read().split(b"\n", 1)[0].decode()
        if not first.startswith("tree "):
            raise TandemError(f"{commit} is no commit")
        return first.removeprefix("tree ")


def is_url(repository: str) -> bool:
    """Whether `repository` is a URL or an scp-like address rather than a path."""
    return _URL.match(repository) is not None


def is_repository(path: Path) -> bool:
    """Whether `path` itself is a git repository, bare or with a work tree; a folder within one is not."""
    return (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir())


def git_directory(path: Path) -> Path:
    """The git directory of the repository at `path`.

    Raises:
        TandemError: There is no repository, or git refuses to read it.
    """
    if not is_repository(path):
        raise TandemError(f"{path} is no git repository", hint="correct `repository` in tandem.toml")
    return Path(git_text("-C", str(path), "rev-parse", "--absolute-git-dir", where=str(path)))


def _parse_tree(content: bytes, width: int) -> Mapping[str, TreeEntry]:
    """The entries of a tree object, whose ids have `width` bytes."""
    entries, at = dict[str, TreeEntry](), 0
    while at < len(content):
        space = content.index(b" ", at)
        end = content.index(b"\0", space)
        name = content[space + 1 : end].decode(errors="surrogateescape")
        entries[name] = TreeEntry(int(content[at:space], 8), content[end + 1 : end + 1 + width].hex())
        at = end + 1 + width
    return entries


def _parse_line(line: bytes) -> tuple[str, TreeEntry]:
    """Path and entry of one line of `git ls-tree`."""
    head, _, path = line.partition(b"\t")
    mode, _, name = head.split()
    return path.decode(errors="surrogateescape"), TreeEntry(int(mode, 8), name.decode())
