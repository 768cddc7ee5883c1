"""Git objects of one repository: read where they lie, or fetched in batches when it is remote."""

import hashlib
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import TandemError
from pipeline.git.blobs import GitObject, contents
from pipeline.git.command import git_text, run_git

_MANY_PACKS = 200
_CONFIG = """[core]
	repositoryformatversion = 1
	bare = true
[extensions]
	partialClone = origin
[remote "origin"]
	url = {url}
	promisor = true
	partialclonefilter = tree:0
"""
_FETCH = (
    *("-c", "fetch.negotiationAlgorithm=noop", "-c", "gc.auto=0", "fetch", "origin", "--quiet", "--no-tags"),
    *("--no-write-fetch-head", "--recurse-submodules=no", "--no-auto-maintenance"),
)
TREE, LINK, SUBMODULE = 0o040000, 0o120000, 0o160000
EMPTY_TREES = frozenset(hashlib.new(name, b"tree 0\0").hexdigest() for name in ("sha1", "sha256"))
"""Git's id of a folder without files, in repositories of either kind."""


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """What a tree holds under one name: git's mode and the object's id."""

    mode: int
    id: str

    @property
    def is_tree(self) -> bool:
        return self.mode == TREE


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file of a whole tree's listing."""

    path: str
    entry: TreeEntry
    size: int


class ObjectStore:
    """A repository's objects; trees are kept once read."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._trees: dict[str, Mapping[str, TreeEntry]] = {}

    def ensure(self, ids: Collection[str], *, below: bool = False) -> None:
        """Make sure that objects `ids` can be read, and with `below` all trees under them."""

    def contents(self, ids: Sequence[str]) -> AbstractContextManager[Iterator[GitObject]]:
        """Read objects in order; they must have been ensured."""
        return contents(self.place, ids)

    def trees(self, ids: Collection[str]) -> Mapping[str, Mapping[str, TreeEntry]]:
        """The trees `ids`, each as its entries by name."""
        wanted = sorted(set(ids) - self._trees.keys())
        if wanted:
            self.ensure(wanted)
            with self.contents(wanted) as found:
                for tree in found:
                    self._trees[tree.name] = _parse(tree.read(), len(tree.name) // 2)
        return {name: self._trees[name] for name in ids}

    def tree_of(self, commit: str, path: str = ".") -> str:
        """The id of folder `path` at `commit`."""
        folder = path.strip("/").removeprefix("./")
        inside = "" if folder in {"", "."} else folder
        root = self._root(commit)
        for name in inside.split("/") if inside else ():
            entry = self.trees([root])[root].get(name)
            if entry is None or not entry.is_tree:
                raise TandemError(
                    f"commit {commit[:10]} has no folder {inside!r}",
                    hint="correct sources.static.path in tandem.toml",
                )
            root = entry.id
        return root

    def listing(self, tree: str) -> list[ListedFile]:
        """Every file below `tree` with its size: for builds that read all of it anyway."""
        self.ensure([tree], below=True)
        listed = self._git("ls-tree", "-r", "-z", tree).split(b"\0")[:-1]
        entries = [_listed(line) for line in listed]
        blobs = sorted({entry.id for _, entry in entries if entry.mode != SUBMODULE})
        self.ensure(blobs)
        sizes = self._sizes(blobs)
        return [ListedFile(path, entry, sizes.get(entry.id, 0)) for path, entry in entries]

    def _sizes(self, ids: Sequence[str]) -> dict[str, int]:
        asked = "".join(f"{name}\n" for name in ids).encode()
        said = self._git("cat-file", "--batch-check=%(objectname) %(objectsize)", "--buffer", given=asked)
        return {name: int(size) for name, size in (line.split() for line in said.decode().splitlines())}

    def _git(self, *arguments: str, given: bytes = b"") -> bytes:
        return run_git(*arguments, repository=self.place, given=given)

    def _root(self, commit: str) -> str:
        self.ensure([commit])
        with self.contents([commit]) as found:
            first = next(found).read().split(b"\n", 1)[0].decode()
        if not first.startswith("tree "):
            raise TandemError(f"{commit} is no commit")
        return first.removeprefix("tree ")


class RemoteObjectStore(ObjectStore):
    """Objects of a remote repository, fetched only when they are asked for.

    The store starts without any tree or blob, so a fresh machine reads what changed and no more.
    Where the server cannot leave things out it sends all of the commit, once.
    """

    def __init__(self, url: str, cache: Path) -> None:
        super().__init__(cache / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.git")
        self._url = url
        self._prepare()
        self._present = self._local()

    def ensure(self, ids: Collection[str], *, below: bool = False) -> None:
        missing = sorted(set(ids) if below else set(ids) - self._present)
        if not missing:
            return
        first = not self._present
        self._fetch(missing, "blob:none" if below else "tree:0", first=first)
        self._present = self._local() if below or first else self._present.union(missing)

    def _fetch(self, ids: Sequence[str], kept: str, *, first: bool) -> None:
        # The first fetch is of a commit: without its ancestors.
        options = (f"--filter={kept}", *(("--depth=1",) if first else ()), "--stdin")
        try:
            self._git(*_FETCH, *options, given="".join(f"{name}\n" for name in ids).encode())
        except TandemError as error:
            raise TandemError(
                f"cannot fetch from {self._url}: {error.message}",
                hint="check the address, and that the commit has been pushed",
            ) from error

    def _prepare(self) -> None:
        """An empty store, also in place of one that has grown into very many packs."""
        if len(list(self.place.glob("objects/pack/*.pack"))) > _MANY_PACKS:
            shutil.rmtree(self.place)
        if not (self.place / "HEAD").exists():
            for folder in ("objects/pack", "refs/heads"):
                (self.place / folder).mkdir(parents=True, exist_ok=True)
            quoted = self._url.replace("\\", "\\\\").replace('"', '\\"')
            (self.place / "config").write_text(_CONFIG.format(url=f'"{quoted}"'))
            (self.place / "HEAD").write_text("ref: refs/heads/main\n")

    def _local(self) -> set[str]:
        if not any(self.place.glob("objects/pack/*.pack")):
            return set()
        said = self._git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered")
        return set(said.decode().split())


def open_object_store(repository: str, cache: Path) -> ObjectStore:
    """The objects of `repository`: a path is read in place, a URL through a store under `cache`."""
    place = Path(repository)
    if (place / "objects").is_dir() and (place / "HEAD").is_file():
        return ObjectStore(place)
    if (place / ".git").exists():
        return ObjectStore(place / git_text("-C", repository, "rev-parse", "--git-common-dir"))
    if "://" not in repository and ":" not in repository:
        raise TandemError(f"{repository} is no git repository", hint="correct sources.static in tandem.toml")
    return RemoteObjectStore(repository, cache / "git")


def _parse(content: bytes, width: int) -> Mapping[str, TreeEntry]:
    found, at = dict[str, TreeEntry](), 0
    while at < len(content):
        space = content.index(b" ", at)
        end = content.index(b"\0", space)
        name = content[space + 1 : end].decode(errors="surrogateescape")
        found[name] = TreeEntry(int(content[at:space], 8), content[end + 1 : end + 1 + width].hex())
        at = end + 1 + width
    return found


def _listed(line: bytes) -> tuple[str, TreeEntry]:
    head, _, path = line.partition(b"\t")
    mode, _, name = head.split()
    return path.decode(errors="surrogateescape"), TreeEntry(int(mode, 8), name.decode())
