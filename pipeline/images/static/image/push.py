"""Push layers while others are still being written; the manifest goes last, so no image is partial."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from types import TracebackType
from typing import Self

from pipeline.images.static.layers.progress import ByteProgress
from pipeline.images.static.layers.writer import Layer
from pipeline.registry import Blob, Registry

_UPLOADS = 6
_WAITING = 6
"""Layers that may wait on disk for their upload."""


@dataclass
class Pusher:
    """Uploads to one repository, some at a time."""

    registry: Registry
    path: str
    progress: ByteProgress = field(default_factory=ByteProgress)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(_UPLOADS, "upload")
        self._room = BoundedSemaphore(_UPLOADS + _WAITING)
        self._running: list[Future[None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=kind is not None)

    def push(self, blob: Blob, done: Callable[[], object] = lambda: None) -> None:
        """Start to push `blob`, and call `done` afterwards; wait while too many pushes are running."""
        self._room.acquire()
        self._running.append(self._pool.submit(self._push, blob, done))

    def push_layers(self, layers: Iterable[Layer]) -> None:
        """Start to push `layers`; each is dropped from disk afterwards."""
        for layer in layers:
            self.push(layer.blob, layer.drop)

    def wait(self) -> None:
        """Wait until the registry has all blobs.

        Raises:
            TandemError: A push failed.
        """
        for future in self._running:
            future.result()

    def _push(self, blob: Blob, done: Callable[[], object]) -> None:
        try:
            self.registry.push_blob(self.path, blob, self.progress)
        finally:
            self._room.release()
            done()
