"""The scenarios of a comparison, and the commits that a scenario needs."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from pipeline.compare.edits import added_line, editable
from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.git.command import git_text, run_git

_COMMITTER = ("-c", "user.name=tandem", "-c", "user.email=tandem@localhost", "-c", "core.autocrlf=false")


class Scenario(StrEnum):
    """What changed since the last build."""

    COLD = "cold"
    APP_ONLY = "app-only"
    STATIC_ONE_FILE = "static-one-file"


CHANGED: dict[Scenario, frozenset[Source]] = {
    Scenario.COLD: frozenset({Source.APP, Source.STATIC}),
    Scenario.APP_ONLY: frozenset({Source.APP}),
    Scenario.STATIC_ONE_FILE: frozenset({Source.STATIC}),
}


class ThrowAwayClone:
    """A bare clone of a source, for commits that nobody pushes.

    Raises:
        TandemError: The repository or the branch is missing.
    """

    def __init__(self, url: str, branch: str, folder: Path) -> None:
        self.folder = folder
        self._branch = branch
        run_git("clone", "--quiet", "--bare", "--branch", branch, url, str(folder), where=url)

    def edit_one_line(self, path: str, mark: str, copied: Sequence[str] = (".",)) -> str:
        """Commit one more line at the end of a file under `path`; returns the file's name.

        `copied` are the paths within `path` that the image takes.

        Raises:
            TandemError: no file there can take a line.
        """
        file = self._file_to_edit(path, copied)
        text = self.read(file) + added_line(file, mark).encode()
        blob = run_git("hash-object", "-w", "--stdin", repository=self.folder, stdin=text).decode().strip()
        mode = self._git("ls-tree", "HEAD", "--", file).split()[0]
        self._git("read-tree", "HEAD")
        self._git("update-index", "--add", "--cacheinfo", f"{mode},{blob},{file}")
        tree = self._git("write-tree")
        commit = self._git(*_COMMITTER, "commit-tree", tree, "-p", "HEAD", "-m", f"Change one line ({mark})")
        self._git("update-ref", f"refs/heads/{self._branch}", commit)
        return file

    def read(self, file: str) -> bytes:
        """The file `file` at the head."""
        return run_git("show", f"HEAD:{file}", repository=self.folder)

    def _git(self, *arguments: str) -> str:
        return git_text(*arguments, repository=self.folder)

    def _file_to_edit(self, path: str, copied: Sequence[str]) -> str:
        # The clone is bare: names come from the tree.
        listing = self._git("ls-tree", "-r", "-z", "HEAD", "--", path).split("\0")
        files = [line.partition("\t")[2] for line in listing if line.startswith("100")]
        prefix = "" if path == "." else f"{path.strip('/')}/"
        found = editable((name.removeprefix(prefix) for name in files), copied)
        if not found:
            raise TandemError(
                f"there is no file to change under {path} of {self.folder} that an image takes:"
                " a page, a style sheet, a script or a configuration is needed",
                hint="point the source's path at a folder that has one",
            )
        return prefix + found
