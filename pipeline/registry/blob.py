"""Blobs on their way to a registry: in memory or in a file, opened anew for each attempt."""

import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from pipeline.registry.manifest import Descriptor, digest_of

_PIECE = 1 << 20


class ByteCounter(Protocol):
    """Is told of bytes as they go; called from several threads."""

    def moved(self, count: int) -> None: ...


class _Metered(io.RawIOBase):
    """Reads `source` and tells `meter`."""

    def __init__(self, source: IO[bytes], meter: ByteCounter) -> None:
        self._source, self._meter = source, meter

    def read(self, size: int = -1) -> bytes:
        piece = self._source.read(size)
        self._meter.moved(len(piece))
        return piece

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._source.close()
        super().close()


@dataclass(frozen=True)
class Blob:
    """Content that is to be pushed, under its descriptor."""

    descriptor: Descriptor
    content: bytes | Path

    @classmethod
    def of(cls, content: bytes, media_type: str) -> "Blob":
        """A small blob held in memory."""
        return cls(Descriptor(media_type, digest_of(content), len(content)), content)

    def pieces(self) -> Iterator[bytes]:
        with self.open() as source:
            while piece := source.read(_PIECE):
                yield piece

    def open(self, meter: ByteCounter | None = None) -> IO[bytes]:
        """The content from its start."""
        source = self.content.open("rb") if isinstance(self.content, Path) else io.BytesIO(self.content)
        return _Metered(source, meter) if meter else source  # type: ignore[return-value]


class ByteCount:
    """A meter that only adds up."""

    def __init__(self) -> None:
        self.bytes = 0
        self._lock = threading.Lock()

    def moved(self, count: int) -> None:
        with self._lock:
            self.bytes += count
