"""Keep a folder equal to the content of a snapshot, with those files only that an image may have."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.git.blobs import GitObject, mtime_of
from pipeline.git.object_store import ObjectStore
from pipeline.git.trees import TreeEntry
from pipeline.git.validation import LINK, validate_file

_FOLDER, _FILE, _PROGRAM = 0o755, 0o644, 0o755


@dataclass
class ContentFolder:
    """The folder that a site's container has where a task has the content's volume.

    A mount of the work tree itself would also serve .git, ignored files, and links that lead elsewhere. Each
    file appears in one step: it is written in `work` first, a folder of the same file system.
    """

    folder: Path
    work: Path
    _files: Mapping[str, TreeEntry] = field(default_factory=dict)
    _served: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for folder, mode in ((self.folder, _FOLDER), (self.work, 0o700)):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(mode)

    @property
    def is_empty(self) -> bool:
        return not self._served

    def show(self, store: ObjectStore, tree: str) -> int:
        """Make the folder equal to `tree`; how many files differ. Refused files are left out, with a warning.

        Raises:
            TandemError: the objects cannot be read.
        """
        files = store.files(tree)
        old_paths = self._files.keys() - files.keys()
        changed = {path: entry for path, entry in files.items() if self._files.get(path) != entry}
        for path in sorted(old_paths, reverse=True):
            self._remove(path)
        self._write(store, {path: entry for path, entry in changed.items() if self._may_have(path, entry)})
        self._files = files
        return len(old_paths) + len(changed)

    def _may_have(self, path: str, entry: TreeEntry) -> bool:
        try:
            validate_file(path, entry.mode)
        except TandemError as error:
            self._refuse(path, error)
            return False
        return True

    def _write(self, store: ObjectStore, files: Mapping[str, TreeEntry]) -> None:
        with store.read([entry.id for entry in files.values()]) as blobs:
            for (path, entry), blob in zip(files.items(), blobs, strict=True):
                try:
                    self._write_file(path, entry, blob)
                except TandemError as error:
                    self._refuse(path, error)

    def _write_file(self, path: str, entry: TreeEntry, blob: GitObject) -> None:
        part = self.work / "part"
        part.unlink(missing_ok=True)
        if entry.mode == LINK:
            target = blob.read()
            validate_file(path, LINK, target)
            part.symlink_to(os.fsdecode(target))
        else:
            validate_file(path, entry.mode, blob.start())
            with part.open("wb") as out:
                out.writelines(blob.pieces())
            part.chmod(_PROGRAM if entry.mode & 0o100 else _FILE)
            os.utime(part, (mtime_of(entry.id),) * 2)
        part.replace(self._make_parents(path))
        self._served.add(path)

    def _make_parents(self, path: str) -> Path:
        folder = self.folder
        for name in path.split("/")[:-1]:
            folder /= name
            if not folder.exists():
                folder.mkdir()
                folder.chmod(_FOLDER)
        return self.folder / path

    def _refuse(self, path: str, error: TandemError) -> None:
        self._remove(path)
        console.info(f"   static: {error.message}: it is not served", style="yellow")

    def _remove(self, path: str) -> None:
        """Remove a file if it is served, and the folders that it leaves empty."""
        if path not in self._served:
            return
        self._served.remove(path)
        (self.folder / path).unlink()
        for folder in list((self.folder / path).parents)[: path.count("/")]:
            if any(folder.iterdir()):
                break
            folder.rmdir()
