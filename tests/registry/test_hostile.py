"""A registry may send anything: the client ends in words, soon, with little memory."""

import json
import socket
import time

import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest, ImageRef
from pipeline.registry import OCI_LAYER, Blob, Descriptor, Manifest, connect
from tests.fuzz.effort import effort
from tests.registry.hostile_server import little_memory, raw

pytestmark = pytest.mark.slow

NONE = Digest("sha256:" + "0" * 64)


def everything(client):
    """Every verb, each by itself."""
    ref = ImageRef(f"{client.host}/some", NONE)
    layer = Descriptor(OCI_LAYER, NONE, 1000)
    manifest = Manifest(layer, (layer,))
    verbs = {
        "exists": lambda: client.exists(ref),
        "find": lambda: client.find(ref),
        "manifest": lambda: client.manifest(ref),
        "config": lambda: client.config(ref, manifest),
        "resolve": lambda: client.resolve("some", "v1"),
        "tags": lambda: client.tags("some"),
        "has_blob": lambda: client.has_blob("some", NONE),
        "read_blob": lambda: client.read_blob("some", NONE),
        "read_end": lambda: client.read_end("some", layer, 4),
        "stream_blob": lambda: list(client.stream_blob("some", NONE, 1000)),
        "push_blob": lambda: client.push_blob("some", Blob.of(b"content", OCI_LAYER)),
        "mount_blob": lambda: client.mount_blob("some", NONE, "other"),
        "push_manifest": lambda: client.push_manifest("some", manifest, "v1"),
        "tag": lambda: client.tag(ref, "v1"),
        "delete": lambda: client.delete(ref),
    }
    for verb in verbs.values():
        _require_short_error(verb)


def _require_short_error(verb):
    """It gives a result, or an error in one short line."""
    try:
        verb()
    except TandemError as error:
        message = error.message
    else:
        return
    assert len(message) < 1500
    assert message.isprintable()


HEADERS = st.sampled_from(
    [
        ("Location", "http://[::bad"),
        ("Location", "http://127.0.0.1:99999/"),
        ("Location", "/v2/some/blobs/uploads/1"),
        ("Location", "?"),
        ("Location", "http://" + "a" * 300 + ".example/"),
        ("Location", "\xff\xfe"),
        ("Docker-Content-Digest", "sha256:"),
        ("Docker-Content-Digest", "sha256:" + "0" * 64),
        ("Content-Length", "-1"),
        ("Content-Length", "99"),
        ("Content-Length", "x"),
        ("Transfer-Encoding", "chunked"),
        ("Content-Encoding", "gzip"),
        ("Content-Encoding", "deflate, gzip, br"),
        ("Retry-After", "9" * 400),
        ("Retry-After", "\xb2"),
        ("Link", "<"),
        ("Link", '<http://[::bad>; rel="next"'),
        ("Link", '</v2/some/tags/list>; rel="next"'),
        ("WWW-Authenticate", "Bearer"),
        ("WWW-Authenticate", 'Bearer realm="https://[bad/"'),
        ("WWW-Authenticate", 'Basic realm="'),
        ("WWW-Authenticate", ",=,"),
        ("OCI-Chunk-Min-Length", "9" * 400),
        ("Content-Range", "x"),
        ("Connection", "close"),
    ]
)
BODIES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [b'{"errors": 3}', b'{"errors": [{"code": 1}, 2]}', b'{"tags": [1]}', b'{"tags": {"a": 1}}']
    ),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["config", "layers", "tags", "errors", "digest", "size", "mediaType"]), inner
            )
        ),
        max_leaves=6,
    ).map(lambda value: json.dumps(value).encode()),
)
STATUSES = st.sampled_from(
    [200, 201, 202, 204, 206, 301, 307, 400, 401, 404, 405, 413, 416, 429, 500, 503, 999]
)
ANSWERS = st.one_of(
    st.binary(max_size=60),
    st.builds(
        lambda status, headers, body: (
            b"HTTP/1.1 %d X\r\n" % status
            + b"".join(f"{key}: {value}\r\n".encode("latin-1") for key, value in headers)
            + b"\r\n"
            + body
        ),
        STATUSES,
        st.lists(HEADERS, max_size=3),
        BODIES,
    ),
)


@effort(0.1, fixed=40)
@given(st.lists(ANSWERS, min_size=1, max_size=4))
def test_any_answer_ends_in_words_or_in_a_result(answers):
    served = iter(range(10**9))

    def serve(connection):
        try:
            connection.settimeout(2)
            received = b""
            while b"\r\n\r\n" not in received:
                received += connection.recv(65536) or b"\r\n\r\n"
            connection.sendall(answers[next(served) % len(answers)])
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
        except OSError:
            pass
        finally:
            connection.close()

    with raw(serve) as host, stamina.set_testing(True, attempts=2), little_memory(40 << 20):
        began = time.monotonic()
        everything(connect(host))
        assert time.monotonic() - began < 20
