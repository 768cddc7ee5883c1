"""A registry may send anything: the client ends in words, soon, with little memory, and tells no secret."""

import json
import socket
import threading
import time
import tracemalloc
import zlib
from contextlib import contextmanager

import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest, ImageRef
from pipeline.registry import OCI_LAYER, Blob, Descriptor, Manifest, connect, digest_of
from pipeline.registry.auth import Credentials
from pipeline.registry.client import Registry
from pipeline.registry.transport import Transport
from tests.fuzz.effort import effort
from tests.registry import tls
from tests.registry.memory import Answer, running
from tests.registry.test_client import image, push
from tests.support.effort import examples

NONE = Digest("sha256:" + "0" * 64)


@pytest.fixture
def registry():
    with running() as server:
        yield server


@contextmanager
def little_memory(most=12 << 20):
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def endless(head=b""):
    """A server that answers each request with `head`, then with zeros for ever."""

    def serve(connection):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
        try:
            while True:
                connection.sendall(bytes(1 << 16))
        except OSError:
            connection.close()

    return raw(serve)


@contextmanager
def raw(serve):
    """A server that `serve` plays on each connection; yields its host."""
    server = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


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
        _is_said_well(verb)


def _is_said_well(verb):
    """It gives a result, or an error in one short line."""
    try:
        verb()
    except TandemError as error:
        message = error.message
    else:
        return
    assert len(message) < 1500
    assert message.isprintable()


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


@pytest.fixture
def secure(tmp_path, monkeypatch):
    """A registry on HTTPS."""
    context, certificate = tls.context(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setattr("pipeline.registry.transport.is_loopback", lambda host: host.startswith("127."))
    with running(secure=context) as server:
        yield server


@pytest.mark.parametrize("status", [301, 302, 307])
def test_https_is_never_left_for_plain_http(secure, status):
    """Nothing arrives at the other address, neither our login nor content."""
    with running() as other:
        elsewhere = f"http://{other.host}/v2/some/blobs/uploads/1"
        usual = secure.serve
        secure.answer = lambda r: Answer(status, {"Location": elsewhere}) if "tags" in r.path else usual(r)
        with pytest.raises(TandemError, match="not on HTTPS"):
            Registry(Transport(secure.host)).tags("some")
        secure.answer = lambda r: Answer(202, {"Location": elsewhere}) if r.method == "POST" else usual(r)
        with pytest.raises(TandemError, match="not on HTTPS"):
            Registry(Transport(secure.host)).push_blob("some", Blob.of(b"content", OCI_LAYER))
        assert not other.requests


def test_plain_http_does_not_leave_this_machine(registry):
    for place in (
        "http://registry.example/",
        "http://10.0.0.1:5000/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
    ):
        registry.answer = lambda _, place=place: Answer(307, {"Location": place})
        with pytest.raises(TandemError, match="refused to connect"):
            connect(registry.host).tags("some")


def test_our_login_is_sent_to_the_registry_alone(registry):
    secret = Credentials("someone", "secret")
    config, layer, manifest = image()
    client = Registry(Transport(registry.host, lambda: secret))
    with running() as other:
        usual = registry.serve
        other.answer = lambda _: Answer(200, {}, layer.content)

        def answer(request):
            if request.headers.get("Authorization") != secret.basic:
                return Answer(401, {"WWW-Authenticate": "Basic realm=x"})
            if request.method == "GET" and "/blobs/sha256" in request.path:
                return Answer(307, {"Location": f"http://{other.host}/there?X-Signature=abc"})
            return usual(request)

        registry.answer = answer
        ref = push(client, "some", (config, layer, manifest))
        assert b"".join(client.stream_blob("some", layer.descriptor.digest)) == layer.content
        assert [request.headers.get("Authorization") for request in other.requests] == [None]
        other.answer = lambda _: Answer(401, {"WWW-Authenticate": "Basic realm=x"})
        with pytest.raises(TandemError, match="returned 401"):
            client.read_blob("some", layer.descriptor.digest)
        assert {request.headers.get("Authorization") for request in other.requests} == {None}
        assert ref


def test_signatures_and_secrets_are_not_in_messages(registry):
    registry.answer = lambda _: Answer(
        307, {"Location": "http://me:secret@127.0.0.1:9/there?X-Signature=abc"}
    )
    with stamina.set_testing(True, attempts=1), pytest.raises(TandemError) as caught:
        connect(registry.host).tags("some")
    assert "secret" not in caught.value.message
    assert "abc" not in caught.value.message


def test_an_error_shows_no_control_characters_and_no_megabytes(registry):
    body = json.dumps({"errors": [{"code": "\x1b]52;c;evil\x07", "message": "x" * 60_000}]}).encode()
    registry.answer = lambda _: Answer(403, {}, body)
    with pytest.raises(TandemError) as caught:
        connect(registry.host).tags("some")
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b"[" * 200_000,
        b'{"config": 1, "layers": 2}',
        b'{"config": {}, "layers": [[]]}',
        b'{"schemaVersion": 2, "manifests": []}',
        b"\xff\xfe",
        b'{"config": {"mediaType": "a", "digest": "sha256:' + b"0" * 64 + b'", "size": 1e999}, "layers": []}',
        b'{"config": {"mediaType": "a", "digest": "sha256:' + b"0" * 64 + b'", "size": -1}, "layers": []}',
        b'{"config": {"mediaType": 7, "digest": "sha256:' + b"0" * 64 + b'", "size": 1}, "layers": []}',
        b'{"config": {"mediaType": "a", "digest": 5, "size": 1}, "layers": []}',
        b'{"config": {"mediaType": "a", "digest": "' + b"x" * 100_000 + b'", "size": 1}, "layers": []}',
        b'{"config": {"mediaType": "a", "digest": "sha256:'
        + b"0" * 64
        + b'", "size": 1}, "layers": [], "annotations": [1]}',
    ],
)
def test_a_manifest_that_is_none_is_said_to_be_none(registry, body):
    registry.answer = lambda _: Answer(200, {}, body)
    with pytest.raises(TandemError, match=r"is no|is not JSON|no JSON object|not an image digest") as caught:
        connect(registry.host).find(ImageRef(f"{registry.host}/some", digest_of(body)))
    assert len(caught.value.message) < 800


@pytest.mark.parametrize(
    "body",
    [
        b"3",
        b'{"config": []}'.replace(b"[]", b"[1]"),
        b'{"config": {"Volumes": ["/a"]}}',
        b'{"config": {"Env": "A=b"}}',
        b'{"config": {"Entrypoint": [1]}}',
        b'{"rootfs": {"diff_ids": "abc"}}',
        b'{"rootfs": [1]}',
        b'{"architecture": 3}',
    ],
)
def test_a_configuration_that_is_none_is_said_to_be_none(registry, body):
    registry.answer = lambda _: Answer(200, {}, body)
    manifest = Manifest(Descriptor("a", digest_of(body), len(body)), ())
    with pytest.raises(TandemError, match=r"no JSON object|no image configuration"):
        connect(registry.host).config(ImageRef(f"{registry.host}/some", NONE), manifest)


def test_an_upload_without_a_place_to_go_is_an_error(registry):
    registry.answer = lambda r: Answer(202 if r.method == "POST" else 404)
    with pytest.raises(TandemError, match="did not say where"):
        connect(registry.host).push_blob("some", Blob.of(b"content", OCI_LAYER))


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


@effort(0.1, fixed=examples(40))
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
