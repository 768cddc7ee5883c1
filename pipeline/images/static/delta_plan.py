"""Decide which files and deletions a delta layer holds: from two trees and the files that are kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.git.validation import clashes, validate_file
from pipeline.images.static.image.annotations import packed_size
from pipeline.images.static.layers.image_tree import GZ, ImageFile, ImageTree, is_match
from pipeline.images.static.layers.tar import folders_of

_MOST_NAMES = 2 << 20
"""Bytes of the names of kept files in a manifest, for which registries allow 4 MiB."""

Pending = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Bridge:
    """Keep files of the last `releases` builds that the newest lacks, if a pattern matches them."""

    releases: int
    patterns: tuple[str, ...]

    def keeps(self, path: str) -> bool:
        """Whether a pattern matches `path` or, for a compressed sibling, its original."""
        plain = path.removesuffix(GZ)
        return self.releases > 0 and (is_match(path, self.patterns) or is_match(plain, self.patterns))


@dataclass(frozen=True)
class DeltaPlan:
    """The content of one delta layer, and the files that are kept after it."""

    files: Mapping[str, ImageFile]
    deletions: frozenset[str]
    recreated: frozenset[str]
    """Folders that are deleted and hold new files."""
    pending: Pending
    replaced: Mapping[str, ImageFile | None]
    """The older versions that `files` hide; None where only the path is known."""
    dropped: Mapping[str, ImageFile | None]
    """The files that leave the image."""
    warnings: tuple[str, ...]


def plan_delta(
    old: ImageTree, new: ImageTree, candidates: Iterable[str], pending: Pending, bridge: Bridge
) -> DeltaPlan:
    """Compare both images at `candidates`, the only paths where they can differ.

    Raises:
        TandemError: A file cannot be in an image.
    """
    paths = sorted(candidates)
    old.load(paths)
    new.load(paths)
    before = {path: file for path in paths if (file := old.at(path))}
    after = {path: file for path in paths if (file := new.at(path))}
    files = {path: file for path, file in after.items() if before.get(path) != file}
    for path, file in files.items():
        validate_file(path, file.mode)
    removed = [path for path in paths if path in before and path not in after]
    next_pending, deletions = _age(removed, pending, files, new, bridge)
    next_pending, forgotten = _limited(next_pending)
    deletions += forgotten
    new.load(deletions)
    tops = frozenset(_tops(deletions, new, folders_of(path for paths in next_pending for path in paths)))
    was_kept = {path for paths in pending for path in paths}
    return DeltaPlan(
        files,
        tops,
        frozenset(tops & folders_of(files)),
        next_pending,
        replaced={path: before.get(path) for path in files if path in before or path in was_kept},
        dropped={path: before.get(path) for path in deletions},
        warnings=(*_warnings(new, files), *_forgotten_warning(forgotten)),
    )


def _age(
    removed: Sequence[str], pending: Pending, files: Mapping[str, ImageFile], new: ImageTree, bridge: Bridge
) -> tuple[Pending, list[str]]:
    """The generations of kept files one build later, and the files that leave the image."""
    folders = folders_of(files)

    def collides(path: str) -> bool:
        # nginx would serve a compressed sibling of an older file in place of the newer file beside it.
        mismatched = path + GZ in files or (path.endswith(GZ) and new.at(path.removesuffix(GZ)) is not None)
        return mismatched or path in folders or any(folder in files for folder in folders_of([path]))

    generations = [[path for path in removed if bridge.keeps(path)], *pending]
    next_pending, deletions = list[tuple[str, ...]](), [path for path in removed if not bridge.keeps(path)]
    for age, generation in enumerate(generations):
        present = [path for path in generation if path not in files]
        stays = [path for path in present if age < bridge.releases and not collides(path)]
        deletions += sorted(set(present) - set(stays))
        next_pending.append(tuple(stays))
    while next_pending and not next_pending[-1]:
        next_pending.pop()
    return tuple(next_pending), deletions


def _limited(pending: Pending) -> tuple[Pending, list[str]]:
    """The newest kept files whose names a manifest has room for, and the files that must leave the image."""
    names, forgotten, size = [path for paths in pending for path in paths], list[str](), packed_size(pending)
    while names and size > _MOST_NAMES:
        count = len(names) * _MOST_NAMES * 9 // (size * 10)
        forgotten += names[count:]
        names = names[:count]
        present = set(names)
        pending = tuple(tuple(path for path in paths if path in present) for paths in pending)
        size = packed_size(pending)
    while pending and not pending[-1]:
        pending = pending[:-1]
    return pending, forgotten


def _forgotten_warning(forgotten: Sequence[str]) -> Iterator[str]:
    if forgotten:
        yield (
            f"{len(forgotten)} files of earlier releases are not kept: the image's manifest has no room for"
            " so many names (bridge_paths in tandem.toml says which are kept)"
        )


def _tops(deletions: Iterable[str], new: ImageTree, kept_folders: set[str]) -> Iterator[str]:
    """For each path the highest folder that the deletion removes with it."""
    for path in deletions:
        steps = path.split("/")
        for count in range(1, len(steps) + 1):
            top = "/".join(steps[:count])
            if count == len(steps) or not (new.is_folder(top) or top in kept_folders):
                yield top
                break


def _warnings(new: ImageTree, files: Iterable[str]) -> Iterator[str]:
    for folder in sorted({"", *folders_of(files)} if files else ()):
        for one, other in clashes(new.names(folder)):
            yield f"{folder or '.'} has both {one} and {other}: some file systems treat them as one"
