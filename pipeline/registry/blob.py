"""Blobs to be pushed: in memory or in a file, so that each attempt can read them from the start."""

import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from pipeline.core.interrupts import go_on
from pipeline.registry.image_manifest import Descriptor, digest_of

_PIECE = 1 << 20


class ByteCounter(Protocol):
    """Counts bytes as they are sent; several threads call it."""

    def moved(self, count: int) -> None:
        """`count` more bytes have been sent."""
        ...


class _Content(io.RawIOBase):
    """Reads `source` while the run goes on, and counts the bytes in `meter`."""

    def __init__(self, source: IO[bytes], meter: ByteCounter | None) -> None:
        self._source, self._meter = source, meter

    def read(self, size: int = -1) -> bytes:
        go_on()
        piece = self._source.read(size)
        if self._meter:
            self._meter.moved(len(piece))
        return piece

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._source.close()
        super().close()


@dataclass(frozen=True)
class Blob:
    """Content to be pushed, and its descriptor."""

    descriptor: Descriptor
    content: bytes | Path

    @classmethod
    def of(cls, content: bytes, media_type: str) -> "Blob":
        """A small blob held in memory."""
        return cls(Descriptor(media_type, digest_of(content), len(content)), content)

    def pieces(self) -> Iterator[bytes]:
        """The content in pieces of at most 1 MiB."""
        with self.open() as source:
            while piece := source.read(_PIECE):
                yield piece

    def open(self, meter: ByteCounter | None = None) -> IO[bytes]:
        """A stream of the content from its start; `meter` counts what is read from it."""
        source = self.content.open("rb") if isinstance(self.content, Path) else io.BytesIO(self.content)
        return _Content(source, meter)  # type: ignore[return-value]


class ByteCount:
    """A counter that adds up."""

    def __init__(self) -> None:
        self.bytes = 0
        self._lock = threading.Lock()

    def moved(self, count: int) -> None:
        with self._lock:
            self.bytes += count
