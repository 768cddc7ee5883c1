"""Generate bulk content: equal bytes on every machine, in the mix of a real site."""

import hashlib
import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

_FILES_PER_MB = 16
_LARGE = 4_000_000
_LARGE_SHARE = 0.2
_TEXT_SHARE = 0.3
_SMALLEST = 64
# Relative sizes of small files: most are small, some are not.
_WEIGHTS = (1, 1, 2, 2, 3, 4, 5, 7, 9, 12, 17, 24, 36, 60, 110, 219)
_FOLDER_FILES = 64
_TEXT = ("js", "css", "html", "json", "svg")
_BINARY = ("jpg", "webp", "png", "woff2")
_WORDS = """
the of and to in is on for with as by at from this that page site image text value item list style color
width height margin border function return const export import class data link menu title button event
index cache asset release build layer order price total article author section header footer content
window document element node width padding display block inline grid flex center none left right top
"""
_PHRASES = 1 << 16
_PHRASE_BYTES = 14


@dataclass(frozen=True)
class BulkFile:
    """One generated file; `data` is a function of path and size alone."""

    path: str
    size: int

    @property
    def data(self) -> bytes:
        if self.path.rpartition(".")[2] in _TEXT:
            return _text(self.path, self.size)
        return hashlib.shake_128(self.path.encode()).digest(self.size)


def files(total: int) -> Iterator[BulkFile]:
    """Files of `total` bytes together: about 30 % text, about 16 files a MB."""
    sizes = _sizes(total)
    text = 0
    done = 0
    for number, size in enumerate(sizes):
        is_text = size < _LARGE and text + size <= (done + size) * _TEXT_SHARE
        text += size if is_text else 0
        done += size
        kinds = _TEXT if is_text else _BINARY
        kind = "mp4" if size >= _LARGE else kinds[number % len(kinds)]
        yield BulkFile(f"bulk/{kind}/{number // _FOLDER_FILES:03d}/{kind}-{number:05d}.{kind}", size)


def _sizes(total: int) -> list[int]:
    """Sizes with the sum `total`: a few large files, many small ones."""
    large = [_LARGE] * int(total * _LARGE_SHARE / _LARGE)
    small_total = total - sum(large)
    count = max(total * _FILES_PER_MB // 1_000_000 - len(large), 1)
    weights = [_WEIGHTS[number * 7 % len(_WEIGHTS)] for number in range(count)]
    unit = small_total / sum(weights)
    small = [max(_SMALLEST, int(weight * unit)) for weight in weights]
    small[-1] += small_total - sum(small)
    # A total too small for its files becomes one file.
    sizes = small if small[-1] > 0 else [small_total]
    return [size for size in [*large, *sizes] if size > 0]


@cache
def _phrases() -> list[bytes]:
    """Phrases of two or three words: like a site's text, text made of them compresses about threefold."""
    picks = hashlib.shake_128(b"phrases").digest(_PHRASES * 4)
    words = _WORDS.encode().split()
    count = len(words)
    ends = (b" ", b" ", b" ", b", ", b";\n", b".\n")
    return [
        b"%b %b-%d%b" % (words[a % count], words[b % count], c, ends[d % len(ends)])
        for a, b, c, d in struct.iter_unpack("<BBBB", picks)
    ]


def _text(seed: str, size: int) -> bytes:
    phrases = _phrases()
    numbers = array("H", hashlib.shake_128(seed.encode()).digest(2 * (size // _PHRASE_BYTES + 1)))
    if sys.byteorder == "big":
        numbers.byteswap()
    text = b"".join(map(phrases.__getitem__, numbers))
    return text[:size] if len(text) >= size else text + b"." * (size - len(text))
