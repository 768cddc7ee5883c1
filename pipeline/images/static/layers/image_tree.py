"""The files of an image of a git tree: the tree's own and their compressed siblings."""

import fnmatch
import os
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pipeline.core.errors import TandemError
from pipeline.git.object_store import ObjectStore
from pipeline.git.trees import TreeEntry
from pipeline.git.validation import LINK, LONGEST_NAME, LONGEST_PATH, SUBMODULE

GZ = ".gz"
_RUNTIMES_FOLDER = 296
"""Bytes for the folder that a runtime unpacks an image below."""
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class ImageFile:
    """One file of the image: its blob, git's mode, and whether it is compressed."""

    blob: str
    mode: int
    compressed: bool = False


class ImageTree:
    """The files of the image of tree `root`, by path; only folders that `load` names are read."""

    def __init__(self, objects: ObjectStore, root: str | None, precompress: tuple[str, ...]) -> None:
        self._objects, self.root, self._precompress = objects, root, precompress
        self._folders: dict[str, Mapping[str, TreeEntry]] = {}

    def load(self, paths: Iterable[str]) -> None:
        """Read the folders that lead to `paths`, one level of all of them at a time.

        Raises:
            TandemError: A tree is missing.
        """
        level = {""} if self.root else set[str]()
        children = defaultdict[str, list[str]](list)
        for folder in {folder for path in paths for folder in _parents(path) if folder}:
            children[_up(folder)].append(folder)
        while level:
            fresh = {folder: name for folder in level if (name := self._tree(folder))}
            trees = self._objects.trees(set(fresh.values()))
            self._folders |= {folder: trees[name] for folder, name in fresh.items()}
            level = {child for folder in fresh for child in children[folder]}

    def entry(self, path: str) -> TreeEntry | None:
        """Git's entry at `path`, whose folders must have been loaded."""
        folder = self._folders.get(_up(path))
        return folder.get(posixpath.basename(path)) if folder else None

    def is_folder(self, path: str) -> bool:
        """Whether git has a folder at `path`."""
        entry = self.entry(path)
        return entry is not None and entry.is_tree

    def at(self, path: str) -> ImageFile | None:
        """The image's file at `path`: git's own, or the compressed sibling of one."""
        entry = self.entry(path)
        if entry is not None:
            return None if entry.is_tree else ImageFile(entry.id, entry.mode)
        if not path.endswith(GZ):
            return None
        plain = self.entry(path[: -len(GZ)])
        if plain is None or plain.is_tree or plain.mode in {LINK, SUBMODULE} or not fits(path):
            return None
        matches = is_match(path[: -len(GZ)], self._precompress)
        return ImageFile(plain.id, 0o100644, compressed=True) if matches else None

    def names(self, folder: str) -> Iterable[str]:
        """Git's names in `folder`, which must have been loaded."""
        return self._folders.get(folder, {})

    def _tree(self, folder: str) -> str | None:
        if not folder:
            return self.root
        entry = self.entry(folder)
        return entry.id if entry and entry.is_tree else None


@lru_cache(maxsize=64)
def _patterns(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    def joined(globs: Iterable[str]) -> re.Pattern[str]:
        return re.compile("|".join(fnmatch.translate(pattern) for pattern in globs) or r"(?!)")

    return joined(p for p in patterns if "/" not in p), joined(p for p in patterns if "/" in p)


def is_match(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether a pattern matches the name, or the path if it has a slash; `*` also matches slashes."""
    names, paths = _patterns(patterns)
    return bool(names.match(posixpath.basename(path)) or paths.match(path))


def fits(path: str) -> bool:
    """Whether file systems take the name at the end of `path`; a sibling is left out if they do not."""
    return len(os.fsencode(posixpath.basename(path))) <= LONGEST_NAME


def validate_length(path: str, root: str) -> None:
    """Check that runtimes, which unpack below a folder of their own, have room for `path` below `root`.

    Raises:
        TandemError: They have not.
    """
    room = LONGEST_PATH - _RUNTIMES_FOLDER - len(root)
    if len(path) > room // 4 and len(os.fsencode(path)) > room:
        raise TandemError(
            f"{path[:_SHOWN]!r}… cannot be unpacked: its path has {len(os.fsencode(path))} bytes, and"
            f" runtimes have room for {room}",
            hint="git mv it to a folder that is not so deep",
        )


def differences(objects: ObjectStore, old: str | None, new: str) -> set[str]:
    """Paths of the files that differ between two trees; only folders that differ are read.

    Raises:
        TandemError: A tree is missing.
    """
    paths = set[str]()
    level: list[tuple[str, str | None, str | None]] = [("", old, new)]
    while level:
        trees = objects.trees({name for _, *pair in level for name in pair if name})
        following = []
        for folder, left, right in level:
            before, after = trees[left] if left else {}, trees[right] if right else {}
            for name in before.keys() | after.keys():
                if before.get(name) != after.get(name):
                    path = f"{folder}{name}"
                    pair = _trees_of(before.get(name)), _trees_of(after.get(name))
                    if any(pair):
                        following.append((f"{path}/", *pair))
                    if any(entry and not entry.is_tree for entry in (before.get(name), after.get(name))):
                        paths.add(path)
        level = following
    return paths


def related(paths: Iterable[str]) -> set[str]:
    """`paths` and the paths whose file in the image may change with them: siblings and their originals."""
    affected_paths = set[str]()
    for path in paths:
        affected_paths |= {path, path + GZ}
        affected_paths |= {folder for folder in _parents(path) if folder.endswith(GZ)}
    return affected_paths


def _up(path: str) -> str:
    return path.rpartition("/")[0]


def _parents(path: str) -> Iterator[str]:
    """The folders that lead to `path`, the nearest first, the root as an empty name last."""
    while path:
        path = _up(path)
        yield path


def _trees_of(entry: TreeEntry | None) -> str | None:
    return entry.id if entry and entry.is_tree else None
