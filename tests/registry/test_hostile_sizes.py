"""What has no end is refused while it is read: soon, and with little memory."""

import time
import zlib

import pytest
import stamina

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest, ImageRef
from pipeline.registry import connect
from tests.registry.hostile_server import endless, little_memory, raw
from tests.registry.memory import Answer

pytestmark = pytest.mark.slow

NONE = Digest("sha256:" + "0" * 64)


@pytest.mark.parametrize("head", [b"", b"Content-Length: 600000000\r\n"])
def test_what_has_no_end_is_refused_while_it_is_read(head):
    with endless(head) as host, little_memory(40 << 20), stamina.set_testing(True, attempts=1):
        with pytest.raises(TandemError, match="more than 4194304 bytes"):
            connect(host).find(ImageRef(f"{host}/some", NONE))
        with pytest.raises(TandemError, match="more than 16777216 bytes"):
            connect(host).tags("some")
        with pytest.raises(TandemError, match="more than 100 bytes"):
            connect(host).read_blob("some", NONE, 100)
        with pytest.raises(TandemError, match="wrong bytes"):
            list(connect(host).stream_blob("some", NONE, 5_000_000))


def test_an_answer_that_unpacks_to_much_is_refused(registry):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(40)) + packer.flush()
    registry.answer = lambda _: Answer(200, {"Content-Encoding": "gzip"}, bomb)
    with little_memory(), pytest.raises(TandemError, match="more than 4194304 bytes"):
        connect(registry.host).find(ImageRef(f"{registry.host}/some", NONE))


def test_an_answer_that_drips_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("pipeline.registry.exchange._BODY_SECONDS", 0.3)

    def drip(connection):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            time.sleep(0.02)
            try:
                connection.sendall(b" ")
            except OSError:
                return

    with raw(drip) as host, stamina.set_testing(True, attempts=1):
        began = time.monotonic()
        with pytest.raises(TandemError, match="did not arrive"):
            connect(host).tags("some")
        assert time.monotonic() - began < 3


def test_a_list_of_tags_that_has_no_end_is_an_error(registry):
    pages = iter(range(10**9))
    registry.answer = lambda _: Answer(
        200, {"Link": f'</v2/some/tags/list?last={next(pages)}>; rel="next"'}, b'{"tags": ["a"]}'
    )
    with pytest.raises(TandemError, match="has no end"):
        connect(registry.host).tags("some")
    assert len(registry.requests) < 10


def test_redirects_in_a_circle_are_an_error(registry):
    registry.answer = lambda r: Answer(307, {"Location": r.path})
    with pytest.raises(TandemError, match="redirected it more than"):
        connect(registry.host).tags("some")
    assert len(registry.requests) < 10
