"""The scenarios of a comparison, and the commits that a scenario needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from random import Random

from pipeline.compare.edits import added_line, editable
from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.git.command import git_text, run_git

_COMMITTER = ("-c", "user.name=tandem", "-c", "user.email=tandem@localhost", "-c", "core.autocrlf=false")


class Scenario(StrEnum):
    """What changed since the last build."""

    COLD = "cold"
    NOTHING = "nothing"
    APP_ONLY = "app-only"
    STATIC_ONE_FILE = "static-one-file"
    STATIC_ONE_PERCENT = "static-1-percent"
    BOTH = "both"


CHANGED: dict[Scenario, frozenset[Source]] = {
    Scenario.COLD: frozenset({Source.APP, Source.STATIC}),
    Scenario.NOTHING: frozenset(),
    Scenario.APP_ONLY: frozenset({Source.APP}),
    Scenario.STATIC_ONE_FILE: frozenset({Source.STATIC}),
    Scenario.STATIC_ONE_PERCENT: frozenset({Source.STATIC}),
    Scenario.BOTH: frozenset({Source.APP, Source.STATIC}),
}
OF_UP = (Scenario.COLD, Scenario.APP_ONLY, Scenario.STATIC_ONE_FILE)
"""The scenarios that `tandem up` measures once."""


@dataclass(frozen=True)
class Edit:
    """A commit of a scenario: the files that it changed, and their bytes together."""

    files: tuple[str, ...]
    bytes: int


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
        self._commit({file: text}, f"Change one line ({mark})")
        return file

    def edit_share(self, path: str, share: float, mark: str) -> Edit:
        """Commit a change of that share of the files under `path`, one at least, chosen by `mark`.

        Raises:
            TandemError: there is no file.
        """
        files = self._files(path)
        if not files:
            raise self._nothing_to_change(path, "a file")
        count = max(round(len(files) * share), 1)
        sample = Random(mark).sample(files, count)  # noqa: S311 - a choice, nothing secret
        contents = {file: self.read(file) + mark.encode() for file in sample}
        self._commit(contents, f"Change {count} files ({mark})")
        return Edit(tuple(sample), sum(map(len, contents.values())))

    def size_of(self, path: str) -> int:
        """Bytes of all files under `path`."""
        lines = self._git("ls-tree", "-r", "-l", "-z", "HEAD", "--", path).split("\0")
        return sum(int(line.split()[3]) for line in lines if line.startswith("100"))

    def _commit(self, contents: Mapping[str, bytes], subject: str) -> None:
        index = "".join(f"{self._entry(file, content)}\0" for file, content in contents.items())
        self._git("read-tree", "HEAD")
        run_git(
            "update-index",
            "-z",
            "--index-info",
            repository=self.folder,
            stdin=index.encode(errors="surrogateescape"),
        )
        tree = self._git("write-tree")
        commit = self._git(*_COMMITTER, "commit-tree", tree, "-p", "HEAD", "-m", subject)
        self._git("update-ref", f"refs/heads/{self._branch}", commit)

    def _entry(self, file: str, content: bytes) -> str:
        """The line of the index for `file` with its new content."""
        blob = run_git("hash-object", "-w", "--stdin", repository=self.folder, stdin=content)
        mode = self._git("ls-tree", "HEAD", "--", f":(literal){file}").split()[0]
        return f"{mode} {blob.decode().strip()}\t{file}"

    def read(self, file: str) -> bytes:
        """The file `file` at the head."""
        return run_git("show", f"HEAD:{file}", repository=self.folder)

    def _git(self, *arguments: str) -> str:
        return git_text(*arguments, repository=self.folder)

    def _file_to_edit(self, path: str, copied: Sequence[str]) -> str:
        prefix = "" if path == "." else f"{path.strip('/')}/"
        file = editable((name.removeprefix(prefix) for name in self._files(path)), copied)
        if not file:
            raise self._nothing_to_change(path, "a page, a style sheet, a script or a configuration")
        return prefix + file

    def _files(self, path: str) -> list[str]:
        # The clone is bare: names come from the tree.
        listing = self._git("ls-tree", "-r", "-z", "HEAD", "--", path).split("\0")
        return [line.partition("\t")[2] for line in listing if line.startswith("100")]

    def _nothing_to_change(self, path: str, needed: str) -> TandemError:
        return TandemError(
            f"there is no file to change under {path} of {self.folder} that an image takes:"
            f" {needed} is needed",
            hint="point the source's path at a folder that has one",
        )
