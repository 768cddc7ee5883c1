"""Count the files that one commit removes, from trees alone: no file is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.core.settings import Project
from pipeline.core.values import Commit
from pipeline.git.object_store import ObjectStore
from pipeline.git.sources import fetch
from pipeline.git.trees import TreeEntry

_FEW = 20
_MOST_OF = 0.5


@dataclass(frozen=True)
class Removal:
    """How many of the files of the old commit the new one does not have; a moved file is removed as well."""

    removed: int
    total: int

    @property
    def is_mass(self) -> bool:
        """Whether most of the files go: a mistake far more often than intended."""
        return self.removed >= _FEW and self.removed > self.total * _MOST_OF

    def __str__(self) -> str:
        return f"removes {self.removed:,} of {self.total:,} files"


def removal(project: Project, old: Commit, new: Commit) -> Removal:
    """What `new` removes from the source's `path`, compared with `old`; few removals are not put in relation.

    Raises:
        TandemError: A commit or its folder is missing, or the repository cannot be read.
    """
    path = project.settings.sources[new.source].path
    before, after = fetch(project, old.source, old.id), fetch(project, new.source, new.id)
    tree = before.tree_of(old.id, path)
    count = sum(_removed(before, tree, after, after.tree_of(new.id, path)))
    return Removal(count, before.count_files(tree) if count >= _FEW else 0)


def _removed(before: ObjectStore, old: str, after: ObjectStore, new: str) -> Iterator[int]:
    """The number of removed files, one level of folders after another; folders with equal ids are skipped."""
    level: list[tuple[str, str]] = [(old, new)] if old != new else []
    while level:
        olds = before.trees({name for name, _ in level})
        news = after.trees({name for _, name in level if name})
        folders, level = level, []
        for each, other in folders:
            count, deeper = _compare(olds[each], news.get(other, {}))
            level += deeper
            yield count


def _compare(old: Mapping[str, TreeEntry], new: Mapping[str, TreeEntry]) -> tuple[int, list[tuple[str, str]]]:
    """The number of files of one folder that go, and its folders with their counterparts (empty: none)."""
    count, deeper = 0, list[tuple[str, str]]()
    for name, entry in old.items():
        other = new.get(name)
        is_kept = other is not None and other.is_tree == entry.is_tree
        if not entry.is_tree:
            count += not is_kept
        elif other is None or not is_kept:
            deeper.append((entry.id, ""))
        elif other.id != entry.id:
            deeper.append((entry.id, other.id))
    return count, deeper
