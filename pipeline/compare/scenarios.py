"""The scenarios of a comparison, and the commits that a scenario needs."""

from enum import StrEnum
from pathlib import Path

from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.git.command import git_text, run_git

_PAGES = (".html", ".svg", ".xml", ".md")
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

    def edit_one_line(self, path: str, mark: str) -> None:
        """Commit one more line at the end of the first page under `path`.

        Raises:
            TandemError: There is no page under `path`.
        """
        file = self._first_page(path)
        page = run_git("show", f"HEAD:{file}", repository=self.folder) + f"\n<!-- {mark} -->\n".encode()
        blob = run_git("hash-object", "-w", "--stdin", repository=self.folder, stdin=page).decode().strip()
        mode = self._git("ls-tree", "HEAD", "--", file).split()[0]
        self._git("read-tree", "HEAD")
        self._git("update-index", "--add", "--cacheinfo", f"{mode},{blob},{file}")
        tree = self._git("write-tree")
        commit = self._git(*_COMMITTER, "commit-tree", tree, "-p", "HEAD", "-m", f"Change one line ({mark})")
        self._git("update-ref", f"refs/heads/{self._branch}", commit)

    def _git(self, *arguments: str) -> str:
        return git_text(*arguments, repository=self.folder)

    def _first_page(self, path: str) -> str:
        # The clone is bare: names come from the tree.
        names = self._git("ls-tree", "-r", "-z", "--name-only", "HEAD", "--", path).split("\0")
        page = next((name for name in names if name.endswith(_PAGES)), None)
        if not page:
            raise TandemError(
                f"no page to change under {path} of {self.folder}: one of {', '.join(_PAGES)} is needed",
                hint="point the source's path at a folder that has one",
            )
        return page
