"""Content for the benchmark: a git repository of a given size, and commits that change parts of it."""

import random
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.local.examples.bulk_content import BulkFile, files


@dataclass(frozen=True)
class ContentCommit:
    """A commit, and what it changes in its parent's tree."""

    id: str
    paths: tuple[str, ...]
    bytes: int


class Content:
    """A bare repository in `folder` that holds generated files of `total` bytes together."""

    def __init__(self, folder: Path, total: int) -> None:
        self.path, self.total = folder / "content.git", total
        self.files = list(files(total))
        self._version = 0

    def make(self) -> str:
        """Write the first commit and return its id."""
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", self.path], check=True)
        for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
            self.git("config", key, "true")
        return self._commit(((file.path, file.data) for file in self.files), first=True)

    def change(self, count: int, seed: int) -> ContentCommit:
        """ContentCommit `count` files edited in their middle, drawn from all but the large ones."""
        drawn = random.Random(seed).sample([file for file in self.files if file.size < 1_000_000], count)  # noqa: S311
        self._version += 1
        edited = [(file.path, _edited(file, self._version)) for file in drawn]
        name = self._commit(edited)
        return ContentCommit(name, tuple(path for path, _ in edited), sum(len(data) for _, data in edited))

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", f"--git-dir={self.path}", *arguments], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def read(self, commit: ContentCommit) -> Iterator[tuple[str, bytes]]:
        """The paths and contents that `commit` changed."""
        for path in commit.paths:
            show = ["git", f"--git-dir={self.path}", "show", f"{commit.id}:{path}"]
            yield path, subprocess.run(show, capture_output=True, check=True).stdout

    def checkout(self, commit: str, folder: Path) -> None:
        """Write the files of `commit` as a work tree, for tools that read one."""
        folder.mkdir(parents=True)
        archive = ["git", f"--git-dir={self.path}", "archive", commit]
        with subprocess.Popen(archive, stdout=subprocess.PIPE) as git:
            subprocess.run(["tar", "-x", "-C", folder], stdin=git.stdout, check=True)

    def _commit(self, changed: Iterable[tuple[str, bytes]], *, first: bool = False) -> str:
        command = ["git", f"--git-dir={self.path}", "-c", "core.compression=1", "fast-import", "--quiet"]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as git:
            assert git.stdin is not None
            git.stdin.write(b"commit refs/heads/main\ncommitter B <b@example.com> 0 +0000\ndata 1\nc\n")
            if not first:
                git.stdin.write(b"from refs/heads/main^0\n")
            for path, data in changed:
                git.stdin.write(b"M 100644 inline %s\ndata %d\n" % (path.encode(), len(data)))
                git.stdin.write(data)
                git.stdin.write(b"\n")
        if git.returncode:
            raise RuntimeError("git fast-import failed")
        return self.git("rev-parse", "refs/heads/main")


def _edited(file: BulkFile, version: int) -> bytes:
    """The file with a stamp in its middle, of the same size."""
    data, stamp = bytearray(file.data), b"/* version %08d */" % version
    middle = len(data) // 2
    data[middle : middle + len(stamp)] = stamp
    return bytes(data)
