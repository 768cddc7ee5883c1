"""Deterministic tar headers, with PAX records where a name or a size needs them."""

import hashlib
from dataclasses import dataclass

BLOCK = 512
END = bytes(2 * BLOCK)
FILE, SYMLINK, FOLDER = b"0", b"2", b"5"
_PAX = b"x"
_NAME, _PREFIX, _TARGET = 100, 155, 100
_LARGEST = 8**11 - 1


@dataclass(frozen=True, slots=True)
class TarHeader:
    """The fields of a tar header; owner and group are root, so that no server process can change content."""

    path: str
    kind: bytes
    mode: int
    size: int = 0
    mtime: int = 0
    target: str = ""

    def dump(self) -> bytes:
        """The header's blocks, with the PAX header before it if one is needed."""
        name, target = (text.encode(errors="surrogateescape") for text in (self.path, self.target))
        if self.kind == FOLDER:
            name += b"/"
        records = b""
        name_parts = _split(name)
        if name_parts is None:
            records += _record(b"path", name)
            name_parts = name[:_NAME], b""
        if len(target) > _TARGET or not target.isascii():
            records += _record(b"linkpath", target)
        size = self.size
        if size > _LARGEST:
            records += _record(b"size", b"%d" % size)
            size = 0
        pax_header = _extended(records) if records else b""
        return pax_header + _ustar(self, name_parts, target[:_TARGET], size)


def padding(size: int) -> bytes:
    """The padding of the last block after `size` bytes."""
    return bytes(-size % BLOCK)


def _ustar(head: TarHeader, name_parts: tuple[bytes, bytes], target: bytes, size: int) -> bytes:
    name, prefix = name_parts
    block = b"%s%07o\x000000000\x000000000\x00%011o\x00%011o\x00        %s%s" % (
        *(name.ljust(_NAME, b"\0"), head.mode, size, head.mtime, head.kind, target.ljust(_TARGET, b"\0")),
    )
    block += b"ustar\x0000" + bytes(64) + b"0000000\x000000000\x00" + prefix.ljust(_PREFIX, b"\0") + bytes(12)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def _extended(records: bytes) -> bytes:
    name = b"PaxHeaders/" + hashlib.sha256(records).hexdigest()[:16].encode()
    head = TarHeader(name.decode(), _PAX, 0o644, len(records))
    return _ustar(head, (name, b""), b"", len(records)) + records + padding(len(records))


def _record(key: bytes, value: bytes) -> bytes:
    """`<length> <key>=<value>`, where the length counts its own digits."""
    rest = len(key) + len(value) + 3
    length = rest + len(str(rest))
    length = rest + len(str(length))
    return b"%d %s=%s\n" % (length, key, value)


def _split(name: bytes) -> tuple[bytes, bytes] | None:
    """Name and prefix of a ustar header, or None if they do not fit."""
    if not name.isascii():
        return None
    if len(name) <= _NAME:
        return name, b""
    slash = name.find(b"/", len(name) - _NAME - 1)
    if 0 < slash <= _PREFIX and slash < len(name) - 1:
        return name[slash + 1 :], name[:slash]
    return None
