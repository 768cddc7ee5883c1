"""Copy the local environment's releases to the platform's bucket, where its containers read them.

The local stack keeps releases in files, since the control plane's memory does not survive it. An API with
the platform's read-only role finds them where it finds them on AWS: in the bucket `…-releases-…`.
"""

import time
from pathlib import Path
from typing import Any

from moto.backends import get_backend

from pipeline.core.settings import LOCAL
from pipeline.local.context import StackContext

_SECONDS = 0.5


class PublishedReleases:
    """A part of the stack that keeps the bucket's objects equal to the files."""

    def __init__(self, context: StackContext) -> None:
        self._account = context.account
        self._folder = context.project.state / LOCAL / "releases"
        self._bucket = f"{context.project.settings.name}-{LOCAL}-releases-{context.account}"
        self._copied: dict[str, tuple[int, int]] = {}
        self._next = 0.0

    def reconcile(self) -> None:
        """Copy the files that changed, and delete the objects whose files are gone."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _SECONDS
        backend: Any = get_backend("s3")[self._account]["aws"]
        if self._bucket not in backend.buckets:
            self._copied.clear()  # the platform is not applied yet, or was destroyed
            return
        files = _files(self._folder)
        for key in self._copied.keys() - files.keys():
            backend.delete_object(self._bucket, f"{LOCAL}/{key}")
        for key, version in files.items():
            if self._copied.get(key) != version:
                backend.put_object(self._bucket, f"{LOCAL}/{key}", (self._folder / key).read_bytes())
        self._copied = files

    def close(self) -> None:
        """Nothing ends."""


def _files(folder: Path) -> dict[str, tuple[int, int]]:
    """Modification time and size of each finished file, by its key."""
    paths = [path for path in folder.rglob("*.json") if not path.name.startswith(".")]
    stats = {path.relative_to(folder).as_posix(): path.stat() for path in paths}
    return {key: (stat.st_mtime_ns, stat.st_size) for key, stat in stats.items()}
