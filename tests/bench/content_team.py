"""Commits such as a site's content team makes, drawn at random."""

import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.local.examples.bulk_content import BulkFile
from tests.bench.content import Content

_BYTES = 1_000_000
_LARGEST = 300_000
_HOT = 1.2
"""The exponent of the Zipf distribution by which folders are drawn."""


@dataclass(frozen=True)
class Edit:
    """One commit's changes: the new content of files, and the deleted paths."""

    files: dict[str, bytes]
    deleted: tuple[str, ...]

    @property
    def bytes(self) -> int:
        return sum(len(data) for data in self.files.values())


@dataclass
class Team:
    """Draws commits of about 1 MB: edits in a few folders, with additions, deletions and renames."""

    content: Content
    seed: int = 1
    _sizes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - drawn, not kept secret
        self._sizes = {file.path: file.size for file in self.content.files if file.size <= _LARGEST}
        folders = sorted({path.rpartition("/")[0] for path in self._sizes})
        self._random.shuffle(folders)
        self._folders = folders
        self._weights = [1 / (rank + 1) ** _HOT for rank in range(len(folders))]

    def edits(self, count: int) -> Iterator[Edit]:
        for number in range(count):
            yield self._edit(number)

    def _edit(self, number: int) -> Edit:
        files, deleted, total = dict[str, bytes](), list[str](), 0
        folders = self._random.choices(self._folders, self._weights, k=3)
        paths = [path for path in self._sizes if path.rpartition("/")[0] in folders]
        self._random.shuffle(paths)
        for path in paths:
            if total > _BYTES * self._random.uniform(0.5, 1.5):
                break
            kind = self._random.random()
            stem, dot, suffix = path.rpartition(".")
            fresh = f"{stem}-{number}{dot}{suffix}"
            size = self._sizes[path]
            if kind < 0.05:  # deleted
                deleted.append(path)
                del self._sizes[path]
                continue
            target = path if kind < 0.85 else fresh
            if 0.85 <= kind < 0.9:  # renamed
                deleted.append(path)
                del self._sizes[path]
            self._sizes[target] = size
            files[target] = BulkFile(f"{number}/{path}", size).data
            total += size
        return Edit(files, tuple(deleted))


def summary(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "mean": statistics.mean(values), "most": max(values)}
