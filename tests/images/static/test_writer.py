import gzip
import hashlib
import io
import os
import random
import tarfile
import tempfile
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from isal import isal_zlib

from pipeline.images.static.layers.layer_files import LayerFile
from pipeline.images.static.layers.progress import ByteProgress, show_progress, size
from pipeline.images.static.layers.tar import LayerTar
from pipeline.images.static.layers.tar_header import END, FILE, FOLDER, SYMLINK, TarHeader, padding
from pipeline.images.static.layers.writer import FAST, STABLE, LayerWriter
from tests.support.effort import examples


def packed(blob):
    return blob.content if isinstance(blob.content, bytes) else blob.content.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("codec", [FAST, STABLE])
def test_a_layer_is_one_gzip_member(tmp_path, codec):
    """Stored and deflated runs alternate; zlib, which knows one member at a time, reads all of it."""
    writer, plain = LayerWriter(tmp_path, codec), b""
    for number in range(40):
        data = os.urandom(200_000) if number % 3 else b"text " * 40_000
        writer.write(data, text=writer.is_text("f", data))
        plain += data
    layer = writer.finish({})
    unpacker = zlib.decompressobj(31)
    assert plain == unpacker.decompress(packed(layer.blob))
    assert unpacker.eof
    assert not unpacker.unused_data
    assert layer.diff_id.value == f"sha256:{hashlib.sha256(plain).hexdigest()}"
    assert layer.blob.descriptor.size == len(packed(layer.blob))
    assert layer.blob.descriptor.digest.value == f"sha256:{hashlib.sha256(packed(layer.blob)).hexdigest()}"


@pytest.mark.parametrize(
    ("path", "content", "text"),
    [
        ("a.css", b"body { color: red }" * 40, True),
        ("a.ttf", bytes(4000), True),
        ("a.bin", os.urandom(4000), False),
        ("a.JPG", bytes(4000), False),
        ("a.css.gz", b"", False),
    ],
)
@pytest.mark.parametrize("codec", [FAST, STABLE])
def test_content_and_kind_tell_what_is_deflated(codec, path, content, text):
    assert codec.is_text(path, content) is text


def test_what_does_not_shrink_grows_by_a_ten_thousandth(tmp_path):
    writer = LayerWriter(tmp_path, FAST)
    for _ in range(8):
        writer.write(os.urandom(1 << 20), text=False)
    assert writer.finish({}).blob.descriptor.size < (8 << 20) * 1.0001 + 50


@pytest.mark.slow
@pytest.mark.parametrize("codec", [FAST, STABLE])
def test_many_small_files_cost_little_more_than_they_are(tmp_path, codec):
    """Icons do not shrink, but their headers and padding do."""
    tar = LayerTar("srv", LayerWriter(tmp_path, codec))
    contents = {f"icons/{number % 50:02}/{number:05}.png": os.urandom(500) for number in range(3000)}
    for path, content in contents.items():
        tar.add(LayerFile(path, TarHeader(f"srv/{path}", FILE, 0o644, 500, 10**9), [content]))
    layer = tar.finish({})
    assert layer.blob.descriptor.size < 1.12 * 500 * 3000
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(packed(layer.blob)))) as archive:
        read = {head.name[4:]: archive.extractfile(head).read() for head in archive if head.isreg()}
    assert read == contents


@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.sampled_from([0, 1, 511, 65535, 65536, 200_000, 1 << 20, 2_500_000]),
            st.booleans(),
        ),
        max_size=12,
    )
)
@settings(max_examples=examples(30), deadline=None, derandomize=True, database=None)
def test_any_order_of_deflated_and_stored_runs_is_one_stream(parts):
    """Text that was seen before a stored block comes again after it: the deflater must not refer back."""
    noise = random.Random(1).randbytes(1 << 16)  # noqa: S311 - not for secrets
    with tempfile.TemporaryDirectory() as folder:
        writer, plain = LayerWriter(Path(folder), FAST), b""
        for is_noise, size, text in parts:
            source = noise if is_noise else b"the same text again and again, "
            data = (source * (size // len(source) + 1))[:size]
            writer.write(data, text=text)
            plain += data
        content = packed(writer.finish({}).blob)
        unpacker = zlib.decompressobj(31)
        assert unpacker.decompress(content) == plain
        assert unpacker.eof
        assert isal_zlib.decompress(content, 31) == plain


def test_an_empty_layer_is_valid(tmp_path):
    assert gzip.decompress(packed(LayerWriter(tmp_path, FAST).finish({}).blob)) == b""


@pytest.mark.slow
def test_memory_stays_small_however_large_the_layer(tmp_path):
    piece = b"some text %d\n" % 1 * 70_000
    tracemalloc.start()
    writer = LayerWriter(tmp_path, FAST)
    for number in range(100):
        writer.write(piece, text=bool(number % 2))
    writer.finish({})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 << 20


HEADS = [
    TarHeader("srv", FOLDER, 0o755, 0, 10**9),
    TarHeader("a" * 90 + "/" + "b" * 90, FILE, 0o644, 3, 10**9),
    TarHeader("c" * 300, FILE, 0o755, 3, 10**9),
    TarHeader("ü/é", SYMLINK, 0o777, 0, 5, "t" * 200),
    TarHeader("raw\udcff", FILE, 0o644, 3, 7),
]


def test_python_reads_every_kind_of_header():
    data = b"".join(head.dump() + (b"abc" + padding(3) if head.size else b"") for head in HEADS) + END
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        heads = [TarHeader(i.name, i.type, i.mode, i.size, int(i.mtime), i.linkname) for i in tar]
    assert heads == HEADS


def test_a_file_beyond_eight_gigabytes_has_its_size_in_a_record():
    with tarfile.open(fileobj=io.BytesIO(TarHeader("a", FILE, 0o644, 10**10).dump() + END)) as tar:
        assert tar.next().size == 10**10


def test_progress_tells_what_is_left():
    progress = ByteProgress(total=1000)
    progress.layer(500, 250)
    progress.moved(250)
    assert progress.done == 0.5
    assert progress.text().startswith("static: 500 B of 1 kB made, 250 B sent, ")
    assert progress.text().endswith(" s left")


def test_sizes_are_for_people():
    assert [size(999), size(1000), size(2_250_000_000)] == ["999 B", "1 kB", "2.2 GB"]


def test_quick_work_shows_no_progress(capsys):
    with show_progress(lambda: "never seen"):
        pass
    assert capsys.readouterr().err == ""


def test_long_work_shows_progress(capsys, monkeypatch):
    monkeypatch.setattr("pipeline.images.static.layers.progress._FIRST", 0.01)
    with show_progress(lambda: "half done"):
        time.sleep(0.1)
    assert "half done" in capsys.readouterr().err
