"""Write a layer as one gzip member: text is deflated, content that would not shrink is stored.

Every registry and runtime reads gzip (https://www.rfc-editor.org/rfc/rfc1952); some refuse zstd or plain tar.
A deflated run ends with a full flush only where stored blocks follow: they begin at a byte boundary, and the
deflater, which does not see them, must not refer to what lies before them.
"""

import hashlib
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, Self

from isal import isal_zlib

from pipeline.core.values import Digest
from pipeline.images.static.layers.progress import ByteProgress
from pipeline.registry import OCI_LAYER, Blob, Descriptor

_MAGIC = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
_LAST_BLOCK = b"\x03\0"
_RAW = -15
_RUN = 1 << 20
_STORED = 0xFFFF
_IN_MEMORY = 4 << 20
_SAMPLE = 2048
_PACKED = {
    *("avif", "gif", "heic", "jpeg", "jpg", "png", "webp", "woff", "woff2"),
    *("m4a", "m4v", "mkv", "mov", "mp3", "mp4", "ogg", "webm"),
    *("7z", "br", "bz2", "gz", "rar", "tgz", "xz", "zip", "zst"),
}
"""Extensions of compressed files, which need no sample."""
_WORTH = 0.9
"""The ratio below which a sample counts as text."""


class Deflater(Protocol):
    """A raw deflate stream."""

    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self, mode: int, /) -> bytes: ...


@dataclass(frozen=True)
class Codec:
    """How text is deflated, and how a sample is compressed to decide what text is."""

    deflater: Callable[[], Deflater]
    shrunk: Callable[[bytes], bytes]

    def is_text(self, path: str, content: bytes) -> bool:
        """Whether the file at `path` that starts with `content` is worth deflating."""
        if path.rpartition(".")[2].lower() in _PACKED:
            return False
        piece = content[:_SAMPLE]
        return len(self.shrunk(piece)) < _WORTH * len(piece)


def _isal() -> Deflater:
    deflater: Deflater = isal_zlib.compressobj(1, zlib.DEFLATED, _RAW)
    return deflater


FAST = Codec(_isal, lambda piece: bytes(isal_zlib.compress(piece, 1)))
"""ISA-L: ten times as fast as zlib; its bytes may differ between versions and processors."""
STABLE = Codec(lambda: zlib.compressobj(6, zlib.DEFLATED, _RAW), lambda piece: zlib.compress(piece, 1))
"""zlib: the same bytes on every machine."""


class LayerWriter:
    """Takes tar bytes in order and compresses them; holds about 2 MiB in memory, and spills into `folder`."""

    def __init__(self, folder: Path, codec: Codec, progress: ByteProgress | None = None) -> None:
        self._folder, self._progress = folder, progress
        self._deflater, self.is_text = codec.deflater(), codec.is_text
        self._pending: list[bytes] = []
        self._waiting, self._text, self._is_open = 0, True, False
        self._plain, self._packed = hashlib.sha256(), hashlib.sha256()
        self._checksum, self._length, self.size = 0, 0, 0
        self._buffer: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._out(_MAGIC)

    def write(self, data: bytes, *, text: bool) -> None:
        """Append `data`, deflated if it is `text`, else stored."""
        if text != self._text:
            self._flush(ends=True)
            self._text = text
        elif self._waiting >= _RUN:
            self._flush()
        self._pending.append(data)
        self._waiting += len(data)

    def finish(self, annotations: dict[str, str]) -> "Layer":
        """Close the gzip member; the layer with its digest and diffID."""
        self._flush(ends=True)
        trailer = self._checksum.to_bytes(4, "little") + (self._length & 0xFFFFFFFF).to_bytes(4, "little")
        self._out(_LAST_BLOCK + trailer)
        digest = Digest(f"sha256:{self._packed.hexdigest()}")
        content: bytes | Path = b"".join(self._buffer)
        if self._file:
            content = Path(self._file.name)
            self._file.close()
        blob = Blob(Descriptor(OCI_LAYER, digest, self.size, annotations), content)
        return Layer(blob, Digest(f"sha256:{self._plain.hexdigest()}"))

    def _flush(self, *, ends: bool = False) -> None:
        """Pack what waits; `ends` if no more of its kind follows."""
        run = self._pending[0] if len(self._pending) == 1 else b"".join(self._pending)
        self._pending, self._waiting = [], 0
        if not run and not self._is_open:
            return
        self._plain.update(run)
        self._checksum = isal_zlib.crc32(run, self._checksum)
        self._length += len(run)
        packed = self._deflated(run, ends=ends) if self._text else _stored(run)
        self._out(packed)
        if self._progress:
            self._progress.layer(len(run), len(packed))

    def _deflated(self, run: bytes, *, ends: bool) -> bytes:
        self._is_open = not ends
        packed = self._deflater.compress(run)
        return packed + self._deflater.flush(zlib.Z_FULL_FLUSH) if ends else packed

    def _out(self, packed: bytes) -> None:
        self._packed.update(packed)
        self.size += len(packed)
        if self._file is None and self.size > _IN_MEMORY:
            # A new name: an earlier layer may still be uploaded from the same folder.
            self._file = tempfile.NamedTemporaryFile(dir=self._folder, prefix="layer-", delete=False)  # noqa: SIM115
            self._file.writelines(self._buffer)
            self._buffer = []
        if self._file:
            self._file.write(packed)
        else:
            self._buffer.append(packed)


class Layer:
    """A compressed layer, ready to be pushed."""

    def __init__(self, blob: Blob, diff_id: Digest) -> None:
        self.blob, self.diff_id = blob, diff_id

    def drop(self) -> Self:
        """Delete the layer's file, if it has one."""
        if isinstance(self.blob.content, Path):
            self.blob.content.unlink(missing_ok=True)
        return self


def _stored(run: bytes) -> bytes:
    view, layer_files = memoryview(run), list[bytes | memoryview]()
    for start in range(0, len(run), _STORED):
        block = view[start : start + _STORED]
        layer_files += [
            b"\0",
            len(block).to_bytes(2, "little"),
            (len(block) ^ _STORED).to_bytes(2, "little"),
            block,
        ]
    return b"".join(layer_files)
