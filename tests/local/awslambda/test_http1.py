"""Facts about HTTP messages."""

import contextlib
import io

import pytest

from pipeline.local.awslambda import http1


def read(text, limit=100):
    return http1.read(io.BytesIO(text), limit)


def test_a_request_is_read_whole():
    got = read(b"POST /a?b HTTP/1.1\r\nHost: h\r\nX-Y:  z \r\ncontent-length: 3\r\n\r\nabcdef")
    headers = (("host", "h"), ("x-y", "z"), ("content-length", "3"))
    assert got == http1.HttpRequest("POST", "/a?b", headers, b"abc")


def test_chunks_are_joined():
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert read(head + b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n").body == b"abcde"


@pytest.mark.parametrize(("length", "leave"), [(3, b"HTTP/1.1 100 Continue\r\n\r\n"), (101, b"")])
def test_who_waits_for_leave_to_send_gets_it_if_the_body_fits(length, leave):
    head = f"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
    out = io.BytesIO()
    with contextlib.suppress(http1.TooLargeError):
        http1.read(io.BytesIO(head.encode() + b"abc"), 100, out)
    assert out.getvalue() == leave


def test_the_end_is_no_request():
    assert read(b"") is None


@pytest.mark.parametrize(
    "message",
    [
        b"POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n",
    ],
)
def test_a_body_over_the_limit_is_refused(message):
    with pytest.raises(http1.TooLargeError):
        read(message)


def test_a_response_goes_out_with_its_length():
    out = io.BytesIO()
    http1.write(out, 200, [("A", "b")], b"hi", reason="Fine")
    assert out.getvalue() == b"HTTP/1.1 200 Fine\r\nA: b\r\nContent-Length: 2\r\n\r\nhi"


def test_a_response_goes_out_in_one_write():
    """Two writes to a socket would wait for the peer's delayed acknowledgement in between."""
    written = []
    out = io.BytesIO()
    out.write = written.append
    http1.write(out, 200, [("A", "b")], b"hi")
    assert len(written) == 1
