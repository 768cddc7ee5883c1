"""Split a tree into base layers of even size, at paths that edits of content rarely move."""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

GROUPS = 16
_SMALLEST = 8 << 20
_WINDOW = 0.15
"""How far from the even boundary, as a part of a group, the boundary may be."""


@dataclass(frozen=True)
class GroupBoundaries:
    """The first path of each group, and the files that are large enough to be a group alone."""

    starts: tuple[str, ...]
    alone: tuple[str, ...] = ()

    def group(self, path: str) -> str:
        """The group that `path` belongs to: `=path` if alone, else `>first path of the range`."""
        if path in self.alone:
            return f"={path}"
        return f">{self.starts[max(bisect_right(self.starts, path) - 1, 0)]}"

    def touched(self, path: str) -> set[str]:
        """The groups that may hold `path` or, if it is a folder, something below it."""
        first = max(bisect_right(self.starts, path) - 1, 0)
        last = bisect_left(self.starts, f"{path}0")  # 0 follows / in order
        ranges = {f">{start}" for start in self.starts[first : max(last, first + 1)]}
        return ranges | {f"={alone}" for alone in self.alone if f"{alone}/".startswith(f"{path}/")}

    @property
    def names(self) -> tuple[str, ...]:
        """All groups in the order of their layers: large files, which rarely change, are at the bottom."""
        return (*(f"={path}" for path in self.alone), *(f">{start}" for start in self.starts))

    @classmethod
    def from_names(cls, names: Sequence[str]) -> "GroupBoundaries":
        """The boundaries that have groups of these names."""
        starts = sorted(name[1:] for name in names if name[0] == ">")
        return cls(tuple(starts) or ("",), tuple(sorted(name[1:] for name in names if name[0] == "=")))


def choose_boundaries(files: Sequence[tuple[str, int]], groups: int = GROUPS) -> GroupBoundaries:
    """Boundaries that split `files` (path and bytes, sorted by path) into about `groups` even groups.

    Of the paths near an even boundary the one with the smallest hash is chosen. So a file that grows or
    shrinks moves no boundary unless it shifts the windows by far.
    """
    target = max(sum(size for _, size in files) / groups, _SMALLEST)
    alone = tuple(path for path, size in files if size >= target)
    rest = [(path, size) for path, size in files if size < target]
    ends, total = list[float](), 0.0
    for _, size in rest:
        total += size
        ends.append(total)
    count = max(round(total / target), 1)
    step = total / count
    starts = [""]
    for number in range(1, count):
        first = bisect_left(ends, (number - _WINDOW) * step) + 1
        last = bisect_left(ends, (number + _WINDOW) * step) + 1
        near = [path for path, _ in rest[first:last]] or [rest[min(first, len(rest) - 1)][0]]
        boundary = min(near, key=lambda path: hashlib.sha256(path.encode(errors="surrogateescape")).digest())
        if boundary > starts[-1]:
            starts.append(boundary)
    return GroupBoundaries(tuple(starts), alone)
