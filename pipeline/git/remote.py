"""Read objects of a repository behind a URL: fetch them in batches, and keep them in a cache."""

import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from filelock import FileLock

from pipeline.core.errors import TandemError
from pipeline.core.private_files import private_folder, write_private
from pipeline.core.values import Source
from pipeline.git.address import is_url, parse_address, printable_address
from pipeline.git.command import GitError, run_git
from pipeline.git.ids import require_id
from pipeline.git.object_store import ObjectStore, git_directory

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
[fetch]
	negotiationAlgorithm = noop
	fsckObjects = true
[fetch "fsck"]
{lenient}[gc]
	auto = 0
{secure}"""
_NO_PLAIN_HTTP = '[protocol "http"]\n\tallow = never\n'
"""git fetches what it misses by itself, too."""
_LENIENT = (
    *("badDate", "badDateOverflow", "badEmail", "badTimezone", "missingAuthor", "missingEmail"),
    *("missingNameBeforeEmail", "missingSpaceBeforeDate", "missingSpaceBeforeEmail", "multipleAuthors"),
    *("zeroPaddedDate", "zeroPaddedFilemode", "gitmodulesParse", "gitmodulesUrl", "gitmodulesName"),
    *("gitmodulesMissing", "gitmodulesBlob", "gitmodulesLarge", "gitmodulesPath", "gitmodulesUpdate"),
    *("gitmodulesSymlink", "gitattributesMissing"),
)
"""What git's check finds in old, honest repositories, and what concerns submodules, which are never used."""
_UNCHECKED = ("-c", "fetch.fsckObjects=false")
"""Of a history only the subjects are read, and old commits have careless dates and names."""
_FETCH = (
    *("fetch", "origin", "--progress", "--no-tags"),
    *("--no-write-fetch-head", "--recurse-submodules=no", "--no-auto-maintenance"),
)
_SILENCE_SECONDS = 120
"""git shows progress once a second, so that silence means a server that stalls."""
_NOTHING, _TREES = "tree:0", "blob:none"
_GONE = re.compile(
    r"not our ref|unadvertised object|remote error: upload-pack|no such remote ref", re.IGNORECASE
)


class GoneError(TandemError):
    """The repository no longer has an object."""


class RemoteObjectStore(ObjectStore):
    """Objects of a remote repository, fetched when they are needed.

    The store starts without any tree or blob, so a fresh machine reads what changed and no more.
    Where the server cannot leave things out it sends all of the commit, once.
    """

    def __init__(self, url: str, cache: Path, source: Source | None = None) -> None:
        self._url, self._address = url, parse_address(url)
        super().__init__(_store_of(self._address.url, cache), source)
        if url != self._address.url:
            # Earlier versions wrote the whole URL into a store of another name.
            shutil.rmtree(_store_of(url, cache), ignore_errors=True)
        self._lock = FileLock(self.place.with_suffix(".lock"))
        self._prepare()
        self._present = self._local()

    def has_commit(self, commit: str) -> bool:
        return require_id(commit) in self._present

    def ensure_commit(self, commit: str, *, trees: bool = False) -> None:
        require_id(commit)
        if commit not in self._present or (trees and self._missing_trees([commit])):
            self._fetch([commit], _TREES if trees else _NOTHING, shallow=True)
            self._present = self._local()

    def ensure(self, ids: Collection[str], *, below: bool = False) -> None:
        absent = set(map(require_id, ids)) - self._present
        if below:
            absent |= self._missing_trees(set(ids) - absent)
        if absent:
            self._fetch(sorted(absent), _TREES if below else _NOTHING, shallow=False)
            self._present = self._local() if below else self._present | absent

    def sizes(self, ids: Collection[str]) -> Mapping[str, int]:
        return super().sizes(self._present.intersection(ids))

    def fetch_history(self, branch: str) -> None:
        """Bring all commits of `branch`, without their content.

        Raises:
            TandemError: The repository cannot be read.
        """
        refspec = f"+refs/heads/{branch}:refs/heads/{branch}"
        self._git(*_FETCH, f"--filter={_NOTHING}", refspec, options=_UNCHECKED)
        self._present = self._local()

    def _missing_trees(self, ids: Collection[str]) -> set[str]:
        """The topmost trees that are missing below `ids`, which are present."""
        if not ids:
            return set()
        # Without names: a push chooses them, and they could look like a line of this list.
        options = ("--objects", "--no-object-names", "--missing=print", "--no-walk", "--filter=blob:none")
        lines = run_git("rev-list", *options, *sorted(ids), repository=self.place).decode().split()
        return {line[1:] for line in lines if line.startswith("?")}

    def _fetch(self, ids: Sequence[str], filter_spec: str, *, shallow: bool) -> None:
        # A commit is fetched without its ancestors.
        options = (f"--filter={filter_spec}", *(("--depth=1",) if shallow else ()), "--stdin")
        try:
            self._git(*_FETCH, *options, stdin="".join(f"{name}\n" for name in ids).encode())
        except GitError as error:
            if not _GONE.search(error.stderr):
                raise
            raise GoneError(
                f"cannot fetch from {printable_address(self._url)}: {error.message}",
                hint="check that the commit has been pushed, and that its branch is still there",
            ) from error

    def _git(self, *arguments: str, stdin: bytes = b"", options: Sequence[str] = ()) -> None:
        with self._lock:
            run_git(
                *arguments,
                repository=self.place,
                where=self._url,
                stdin=stdin,
                silence=_SILENCE_SECONDS,
                options=options,
            )

    def _prepare(self) -> None:
        """Make an empty store, also in place of one that has grown into very many packs."""
        private_folder(self.place.parent)
        with self._lock:
            if len(list(self.place.glob("objects/pack/*.pack"))) > _MANY_PACKS:
                shutil.rmtree(self.place)
            for folder in ("objects/pack", "refs/heads"):
                (self.place / folder).mkdir(parents=True, exist_ok=True)
            config, text = self.place / "config", _config(self._address.url)
            if not config.exists() or config.read_text() != text:
                write_private(config, text)
            if not (self.place / "HEAD").exists():
                (self.place / "HEAD").write_text("ref: refs/heads/main\n")

    def _local(self) -> set[str]:
        """The ids of all objects that the store has."""
        if not any(self.place.glob("objects/pack/*.pack")):
            return set()
        options = ("--batch-all-objects", "--batch-check=%(objectname)", "--unordered")
        return set(run_git("cat-file", *options, repository=self.place).decode().split())


def _store_of(url: str, cache: Path) -> Path:
    return cache / "git" / f"{sha256(url.encode()).hexdigest()[:16]}.git"


def _config(url: str) -> str:
    quoted_url = url.replace("\\", "\\\\").replace('"', '\\"')
    lenient = "".join(f"\t{finding} = ignore\n" for finding in _LENIENT)
    secure = _NO_PLAIN_HTTP if parse_address(url).is_secure else ""
    return _CONFIG.format(url=f'"{quoted_url}"', lenient=lenient, secure=secure)


def open_object_store(repository: str, cache: Path, source: Source | None = None) -> ObjectStore:
    """The objects of `repository`: a path is read in place, a URL through a store under `cache`.

    Raises:
        TandemError: There is no repository at the path.
    """
    if is_url(repository):
        return RemoteObjectStore(repository, cache, source)
    return ObjectStore(git_directory(Path(repository)), source)
