"""Read commits, trees and blobs of one repository, on this machine or behind a URL."""

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from hashlib import new as new_hash
from pathlib import Path, PurePosixPath

from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.git.blobs import GitObject
from pipeline.git.command import git_text, run_git
from pipeline.git.commits import subject_of
from pipeline.git.ids import require_id
from pipeline.git.object_reader import ObjectReader
from pipeline.git.printable_text import printable
from pipeline.git.trees import TreeEntry, parse_tree
from pipeline.git.validation import LINK, LONGEST_PATH, LONGEST_TARGET, validate_file

EMPTY_TREES = frozenset(new_hash(name, b"tree 0\0").hexdigest() for name in ("sha1", "sha256"))
"""Git's id of a folder without files, in repositories of either kind."""
_MOST_FILES = 2_000_000
"""A tree of ten small objects can name any number of files."""


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
        self._reader = ObjectReader(place)
        self._trees: dict[str, Mapping[str, TreeEntry]] = {}

    def has_commit(self, commit: str) -> bool:
        """Whether the store has `commit` and its top tree."""
        require_id(commit)
        with suppress(TandemError):  # git says why below, or whatever reads the commit does
            with self.read([self._top_tree(commit)]) as trees:
                next(trees)
            return True
        try:
            run_git("cat-file", "-e", f"{commit}^{{tree}}", repository=self.place)
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
        return self._reader.read(ids)

    def trees(self, ids: Collection[str]) -> Mapping[str, Mapping[str, TreeEntry]]:
        """The trees `ids`, each as its entries by name.

        Raises:
            TandemError: A tree is missing, or the repository cannot be read.
        """
        self._trees |= self._read_trees(set(ids) - self._trees.keys())
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
                raise self._no_folder(commit, path, name, self._trees[tree])
            tree = entry.id
        return tree

    def _no_folder(self, commit: str, path: str, name: str, entries: Mapping[str, TreeEntry]) -> TandemError:
        """The error for `path`, whose part `name` is no folder; it proposes one with nearly that name."""
        of_source = f" of source {self._source}" if self._source else ""
        folders = [folder for folder, entry in entries.items() if entry.is_tree and folder.isprintable()]
        close = get_close_matches(name, folders, n=1)
        key = f"sources.{self._source or 'static'}.path in tandem.toml"
        return TandemError(
            f"commit {commit[:10]}{of_source} has no folder {path!r}",
            hint=f"set {key} to {path.replace(name, close[0], 1)!r}" if close else f"set {key}",
        )

    def listing(self, tree: str, where: str = "") -> list[ListedFile]:
        """Every file below `tree` with its size; all of them can be read afterwards.

        Raises:
            TandemError: A file cannot become part of an image; the message has `where` behind its path.
        """
        self.ensure([tree], below=True)
        files = sorted(self._walk(tree, where))
        for path, entry in files:
            validate_file(path, entry.mode, where=where)
        blobs = sorted({entry.id for _, entry in files})
        self.ensure(blobs)
        sizes = self._sizes(blobs)
        for path, entry in files:
            if entry.mode == LINK and sizes[entry.id] > LONGEST_TARGET:
                validate_file(path, LINK, bytes(LONGEST_TARGET + 1), where)
        return [ListedFile(path, entry, sizes[entry.id]) for path, entry in files]

    def count_files(self, tree: str) -> int:
        """The number of files below `tree`; TandemError if a tree is missing."""
        return len(self.files(tree))

    def files(self, tree: str) -> Mapping[str, TreeEntry]:
        """Every file below `tree` by path, not validated; TandemError if a tree is missing."""
        self.ensure([tree], below=True)
        return dict(self._walk(tree, ""))

    def _walk(self, tree: str, where: str) -> Iterator[tuple[str, TreeEntry]]:
        """Path and entry of every file below `tree`, one level of folders after another."""
        level, count = [("", tree)], 0
        while level:
            trees = self._read_trees({name for _, name in level})
            folders, level = level, []
            for folder, name in folders:
                count += len(trees[name])
                if count > _MOST_FILES or len(folder) > LONGEST_PATH:
                    raise _too_much(folder, where)
                for each, entry in trees[name].items():
                    if entry.is_tree:
                        level.append((f"{folder}{each}/", entry.id))
                    else:
                        yield f"{folder}{each}", entry

    def _read_trees(self, ids: Collection[str]) -> Mapping[str, Mapping[str, TreeEntry]]:
        if not ids:
            return {}
        self.ensure(ids)
        with self.read(sorted(ids)) as trees:
            return {tree.name: parse_tree(tree) for tree in trees}

    def sizes(self, ids: Collection[str]) -> Mapping[str, int]:
        """The sizes of those of the blobs `ids` that are at hand; nothing is fetched for them.

        Raises:
            TandemError: The repository is damaged.
        """
        return self._sizes(sorted(set(ids)))

    def _sizes(self, ids: Sequence[str]) -> dict[str, int]:
        lines = run_git(
            *("cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)", "--buffer"),
            repository=self.place,
            stdin="".join(f"{name}\n" for name in ids).encode(),
        )
        sizes = dict[str, int]()
        for line in lines.decode().splitlines():
            name, kind, *size = line.split()
            if kind != "blob":
                raise TandemError(
                    f"git has no file {name}: it is {'a ' if size else ''}{kind}",
                    hint=f"git --git-dir={shlex.quote(str(self.place))} fsck",
                )
            sizes[name] = int(size[0])
        return sizes

    def _top_tree(self, commit: str) -> str:
        first = self._commit(commit).split(b"\n", 1)[0].decode(errors="replace")
        return first.removeprefix("tree ")

    def subject(self, commit: str) -> str:
        """The subject of the commit's message, safe to print.

        Raises:
            TandemError: The commit is missing, or is an object of another kind.
        """
        return printable(subject_of(self._commit(commit)))

    def _commit(self, commit: str) -> bytes:
        self.ensure_commit(require_id(commit))
        with self.read([commit]) as objects:
            item = next(objects)
            if item.kind != "commit":
                raise TandemError(
                    f"{commit[:10]} is the id of a {item.kind}, not of a commit", hint="git log shows commits"
                )
            return item.read()


def _too_much(folder: str, where: str) -> TandemError:
    return TandemError(
        f"the tree{where} has more than {_MOST_FILES:,} files, or paths of more than {LONGEST_PATH} bytes:"
        f" {printable(folder) or '.'}",
        hint="set the source's `path` in tandem.toml to a smaller folder",
    )


def is_repository(path: Path) -> bool:
    """Whether `path` itself is a git repository, bare or with a work tree; a folder within one is not."""
    return (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir())


def git_directory(path: Path, hint: str = "correct `repository` in tandem.toml") -> Path:
    """The git directory of the repository at `path`; `hint` says what to do if there is none.

    Raises:
        TandemError: There is no repository, or git refuses to read it.
    """
    if not is_repository(path):
        raise TandemError(f"{path} is no git repository", hint=hint)
    state = path.stat()
    return _git_directory(path, (state.st_dev, state.st_ino, state.st_uid))


@lru_cache(maxsize=64)
def _git_directory(path: Path, folder: tuple[int, int, int]) -> Path:
    """Ask git once for each folder, and again if the path has another folder or the folder another owner."""
    del folder
    return Path(git_text("-C", str(path), "rev-parse", "--absolute-git-dir", where=str(path)))
