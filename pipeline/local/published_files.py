"""Keep objects of the local S3 equal to the files of a folder; only folders that changed are read."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Version = tuple[int, int]
_FINISHED = frozenset({".json", ".csv", ".parquet"})
_SETTLED_NS = 1_000_000_000
"""A folder that changed less than this ago may change again without a new modification time."""


class PublishedFiles:
    """The files of `folder`, and their copies below a prefix of a bucket."""

    def __init__(self, folder: Path) -> None:
        self._folder = WatchedFolder(folder)
        self._root = folder
        self._bucket: object = None
        self._copied: dict[str, Version] = {}

    def publish(self, s3: Any, bucket: str, prefix: str) -> None:  # noqa: ANN401 - moto's backend
        """Copy the files that changed, and delete the objects whose files are gone."""
        moto_bucket = s3.buckets.get(bucket)
        if moto_bucket is not self._bucket:
            self._copied.clear()  # the platform was not applied, was destroyed, or has another bucket
            self._bucket = moto_bucket
        if moto_bucket is None:
            return
        files = self._folder.files()
        for key in self._copied.keys() - files.keys():
            s3.delete_object(bucket, f"{prefix}{key}")
            del self._copied[key]
        for key in [key for key, version in files.items() if self._copied.get(key) != version]:
            try:
                data = (self._root / key).read_bytes()
            except FileNotFoundError:
                continue  # the next look does not find it
            s3.put_object(bucket, f"{prefix}{key}", data)
            self._copied[key] = files[key]


class WatchedFolder:
    """The finished files below a folder; a folder is read again when its modification time changes.

    Its writers create and rename files and never write into one that has its name, so that every change
    changes the time of the folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._times: dict[Path, int] = {}
        self._folders: dict[Path, list[Path]] = {}
        self._files: dict[Path, dict[str, Version]] = {}

    def files(self) -> Mapping[str, Version]:
        """Modification time and size of each file, by its key."""
        files: dict[str, Version] = {}
        folders = [self._root]
        while folders:
            folder = folders.pop()
            self._look(folder)
            files |= self._files[folder]
            folders += self._folders[folder]
        return files

    def _look(self, folder: Path) -> None:
        try:
            changed_at = folder.stat().st_mtime_ns
        except FileNotFoundError:
            self._times.pop(folder, None)
            self._files[folder], self._folders[folder] = {}, []
            return
        if self._times.get(folder) == changed_at:
            return
        self._files[folder], self._folders[folder] = self._read(folder)
        if time.time_ns() - changed_at > _SETTLED_NS:
            self._times[folder] = changed_at

    def _read(self, folder: Path) -> tuple[dict[str, Version], list[Path]]:
        files, folders = dict[str, Version](), list[Path]()
        for path in _children(folder):
            if path.is_dir():
                folders.append(path)
            elif path.suffix in _FINISHED and not path.name.startswith("."):
                try:
                    stat = path.stat()
                except FileNotFoundError:
                    continue
                files[path.relative_to(self._root).as_posix()] = (stat.st_mtime_ns, stat.st_size)
        return files, folders


def _children(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []
