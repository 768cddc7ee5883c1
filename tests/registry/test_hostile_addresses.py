"""Our login and our requests go to the registry alone, and messages tell no secret."""

import json

import pytest
import stamina

from pipeline.core.errors import TandemError
from pipeline.registry import OCI_LAYER, Blob, connect, exchange
from pipeline.registry.auth import Credentials
from pipeline.registry.client import Registry
from pipeline.registry.transport import Transport
from tests.registry import tls
from tests.registry.memory import Answer, running
from tests.registry.test_client import image, push

pytestmark = pytest.mark.slow


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


def test_an_address_is_shown_without_what_is_secret_in_it():
    address = "https://me:secret@example.com/there?X-Signature=abc"
    assert exchange.printable_url(address) == "https://example.com/there"
    assert exchange.printable_url("/v2/x?X-Signature=abc") == "/v2/x"
    assert exchange.printable_url("https://example.com/x#token=abc?y") == "https://example.com/x"
