"""Take snapshots of a folder's files as they are, as if somebody had committed all of them."""

import shutil
from pathlib import Path

from pipeline.core import console
from pipeline.core.values import Commit, Source
from pipeline.git.command import GitError, git_text, run_git

_OPTIONS = ("-c", "user.name=Tandem", "-c", "user.email=tandem@localhost", "-c", "core.looseCompression=0")
_ALL_BUT_HIDDEN = (".", ":(exclude,glob)**/.*", ":(exclude,glob)**/.*/**")
_IGNORE_FILE = ".dockerignore"


class WorkTree:
    """The files of one source's folder; their snapshots are in `place`, a git directory of Tandem's own.

    A snapshot has what a commit of everything would have: no file that .gitignore names, and no .git. Hidden
    files are in it only if git tracks them already; so is the .dockerignore of `path`, the folder that an
    image is built from. The user's repository is only read.
    """

    def __init__(self, folder: Path, place: Path, source: Source, path: str = ".") -> None:
        self.folder = folder
        self.place = place
        self._source = source
        self._ignore_file = Path(path) / _IGNORE_FILE
        self._index_stamp: tuple[int, ...] = ()
        kind = self._ask("--show-object-format")
        run_git("init", "--quiet", "--bare", "--template=", f"--object-format={kind or 'sha1'}", str(place))
        run_git("config", "core.bare", "false", repository=place)
        self._share_objects()

    def snapshot(self) -> Commit:
        """The files as they are now. Those that cannot be read are left out, with a warning.

        Raises:
            GitError: the folder cannot be read.
        """
        self._seed()
        self._add("-u", "--", ".")
        self._add("-A", "--ignore-errors", "--", *_ALL_BUT_HIDDEN)
        if (self.folder / self._ignore_file).is_file():
            self._add("--", str(self._ignore_file))
        title = f"The files in {self.folder}"
        return Commit(self._source, self._git("commit-tree", self._git("write-tree"), "-m", title), title)

    def _add(self, *arguments: str) -> None:
        try:
            self._git("add", *arguments)
        except GitError as error:
            console.info(f"   {self._source}: {error.message}", style="yellow")

    def _git(self, *arguments: str) -> str:
        options = ("-C", str(self.folder), f"--work-tree={self.folder}", *_OPTIONS)
        output = run_git(*arguments, repository=self.place, options=options, where=str(self.folder))
        return output.decode().strip()

    def _ask(self, *arguments: str) -> str:
        """The answer of the user's repository; empty if the folder is none."""
        if not (self.folder / ".git").exists():
            return ""
        return git_text("-C", str(self.folder), "rev-parse", *arguments, where=str(self.folder))

    def _path(self, name: str) -> Path | None:
        """A path within the user's git directory; None if there is nothing."""
        text = self._ask("--git-path", name)
        return path if text and (path := self.folder / text).exists() else None

    def _share_objects(self) -> None:
        """Find the objects of the user's repository, so that snapshots store only what differs from them."""
        for folder in ("objects/info", "info"):
            (self.place / folder).mkdir(parents=True, exist_ok=True)
        if objects := self._path("objects"):
            (self.place / "objects" / "info" / "alternates").write_text(f"{objects.resolve()}\n")
        if exclude := self._path("info/exclude"):
            shutil.copyfile(exclude, self.place / "info" / "exclude")

    def _seed(self) -> None:
        """Start from the user's index whenever that changed: it knows what is tracked, and file times."""
        index = self._path("index")
        if index is None:
            return
        state = index.stat()
        stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
        if stamp != self._index_stamp:
            shutil.copy2(index, self.place / "index")
            self._index_stamp = stamp
            self._require_readable()

    def _require_readable(self) -> None:
        """Start from nothing if the copy cannot be read: it may be in parts, or git is writing it."""
        try:
            self._git("ls-files", "--", ":(top,literal).git")
        except GitError:
            (self.place / "index").unlink()
