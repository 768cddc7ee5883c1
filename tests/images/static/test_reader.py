"""Layers are read in linear time and little memory, and damage is an error in words."""

import io
import tarfile
import time
import tracemalloc
import zlib

import pytest

from pipeline.core.errors import TandemError
from pipeline.images.static.layers.flatten import _contents
from pipeline.images.static.layers.layer_reader import Member, members


def packed(plain, level=9):
    packer = zlib.compressobj(level, zlib.DEFLATED, 31)
    return packer.compress(plain) + packer.flush()


def tar_of(*entries):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in entries:
            head = tarfile.TarInfo(name)
            head.size = len(content)
            tar.addfile(head, io.BytesIO(content))
    return raw.getvalue()


def read(blob, step=1 << 20):
    """Every file of a layer with its size; the content is taken in pieces."""
    pieces = (blob[at : at + step] for at in range(0, len(blob), step))
    return {
        entry.path: sum(len(piece) for piece in entry.pieces())
        for entry in members(pieces, "layer x")
        if isinstance(entry, Member)
    }


@pytest.mark.slow
def test_a_layer_that_unpacks_to_much_is_read_in_little_memory_and_time():
    """40 kB of gzip are 40 MB of zeros."""
    head = tar_of(("a", b""))[:512]
    info = tarfile.TarInfo("a")
    info.size = 40 << 20
    blob = packed(info.tobuf() + bytes(info.size) + head[:0] + bytes(1024))
    assert len(blob) < 45_000
    tracemalloc.start()
    began = time.monotonic()
    assert read(blob) == {"a": 40 << 20}
    assert time.monotonic() - began < 5
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()


@pytest.mark.slow
def test_a_compressed_file_that_unpacks_to_much_is_verified_in_little_memory():
    blob = packed(tar_of(("srv/a.gz", packed(bytes(32 << 20)))))
    tracemalloc.start()
    contents = _contents(members([blob], "layer x"), "srv/")
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()
    assert contents.files["a.gz"].unpacked


@pytest.mark.parametrize("step", [1, 7, 1000, 1 << 20])
def test_pieces_may_be_cut_anywhere(step):
    entries = [("a", b"text " * 9000), ("b/c", bytes(30_000)), ("d", b"")]
    assert read(packed(tar_of(*entries)), step) == {name: len(content) for name, content in entries}


GOOD = packed(tar_of(("a", b"text " * 900), ("b", bytes(5000))))


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"no gzip",
        GOOD[:-1],
        GOOD[: len(GOOD) // 2],
        GOOD[:10],
        GOOD[:40] + b"xxx" + GOOD[43:],
        packed(b"no tar" * 200),
        packed(tar_of(("a", b"text " * 900))[:2000]),
    ],
)
def test_a_damaged_layer_is_an_error_in_words(blob):
    with pytest.raises(TandemError, match="cannot read"):
        read(blob)


def test_names_of_megabytes_are_refused():
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as tar:
        tar.addfile(tarfile.TarInfo("a" * (5 << 20)))
    with pytest.raises(TandemError, match="bytes of names"):
        read(packed(raw.getvalue()))


def header(kind=b"0", size=b"00000000000", name=b"srv/static/a"):
    """One header by hand: Python writes no such values."""
    block = bytearray(512)
    block[: len(name)], block[100:107], block[124 : 124 + len(size)] = name, b"0000644", size
    block[156:157], block[257:263] = kind, b"ustar\0"
    block[148:156] = b"        "
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def records(key, value):
    """A header of PAX with one record."""
    text = f" {key}={value}\n"
    length = next(number for number in range(len(text), 200) if number == len(text) + len(str(number)))
    data = f"{length}{text}".encode()
    return header(b"x", b"%011o" % len(data)) + data + bytes(-len(data) % 512)


@pytest.mark.parametrize(
    "layer",
    [
        *(records("mtime", value) + header() for value in ("nan", "inf", "-inf")),
        *(records("size", value) + header() for value in ("-5", "9" * 30)),
        *(header(size=size) for size in (b"\x80" + b"\xff" * 11, b"\xff" * 12, b"\x80\x01" + bytes(10))),
        header(size=b"\x80" + b"\xff" * 11, name=b"elsewhere"),
        header(b"S"),
        records("GNU.sparse.map", "0,5") + records("GNU.sparse.size", "7") + header(),
    ],
)
def test_a_header_of_impossible_values_is_refused_at_once(layer):
    """tarfile would go over two hundred thousand billion terabytes, a megabyte at a time."""
    began = time.process_time()
    with pytest.raises(TandemError, match="values that no file has"):
        _contents(members([packed(layer + bytes(1024))], "a layer"), "srv/static/")
    assert time.process_time() - began < 2
