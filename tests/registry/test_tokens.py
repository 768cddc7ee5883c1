"""Tokens: each is for one scope, comes over HTTPS, and many threads may need one at once."""

import base64
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import urllib3

from pipeline.core.errors import TandemError
from pipeline.registry import OCI_LAYER, Blob
from pipeline.registry.auth import Credentials
from pipeline.registry.client import Registry
from pipeline.registry.transport import Transport
from tests.registry import tls
from tests.registry.memory import Answer, MemoryRegistry, running
from tests.registry.test_dialects import works

pytestmark = pytest.mark.slow

LOGIN = Credentials("someone", "secret")


@pytest.fixture
def secure(tmp_path, monkeypatch):
    """TLS for servers on localhost, which clients trust."""
    context, certificate = tls.context(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return context


@pytest.fixture
def tokens(secure):
    """A token service on HTTPS, which answers a token that is the scope itself."""
    service = MemoryRegistry()
    service.answer = lambda r: Answer(200, {}, json.dumps({"token": encoded(r.query["scope"])}).encode())
    with running(service, secure=secure):
        yield service


def encoded(scope):
    return base64.urlsafe_b64encode(scope.encode()).decode()


@contextmanager
def guarded(
    tokens, challenge='Bearer realm="https://{host}/token?a=b",service="r",scope="{scope}"', delay=0.0
):
    """A registry whose requests each need a token for their repository and action."""
    with running() as registry:
        usual = registry.serve

        def answer(request):
            name = re.match(r"/v2/(.+?)/(?:blobs|manifests|tags)/", request.path)[1]
            action = "pull" if request.method in {"GET", "HEAD"} else "pull,push"
            scope = f"repository:{name}:{action}"
            if request.headers.get("Authorization") == f"Bearer {encoded(scope)}":
                return usual(request)
            time.sleep(delay)
            texts = challenge if isinstance(challenge, list) else [challenge]
            return Answer(
                401, {"WWW-Authenticate": [text.format(host=tokens.host, scope=scope) for text in texts]}
            )

        registry.answer = answer
        yield registry


def test_each_scope_has_its_token(tokens):
    with guarded(tokens) as registry:
        works(registry)


@pytest.mark.parametrize(
    "challenge",
    [
        'Bearer realm=https://{host}/token,service=r,scope="{scope}"',
        'Basic realm="x", Bearer realm="https://{host}/token",scope="{scope}"',
        'Bearer realm="https://{host}/token",scope="{scope}", Basic realm="x"',
        ['Basic realm="x"', 'bearer REALM="https://{host}/token", Scope="{scope}"'],
    ],
)
def test_challenges_of_any_form_are_answered(tokens, challenge):
    with guarded(tokens, challenge) as registry:
        works(registry)


@pytest.mark.parametrize("login", [None, lambda: LOGIN])
def test_many_first_requests_at_once_all_succeed(tokens, login):
    with guarded(tokens, delay=0.001) as registry:
        client = Registry(Transport(registry.host, login))
        blobs = [Blob.of(b"%d" % number, OCI_LAYER) for number in range(40)]
        with ThreadPoolExecutor(40) as pool:
            assert all(pool.map(lambda blob: client.push_blob("some", blob), blobs))
            assert all(pool.map(lambda blob: client.has_blob("some", blob.descriptor.digest), blobs))
        assert len(tokens.requests) == 2, "one for reading, one for writing"
        expected = LOGIN.basic if login else None
        assert {request.headers.get("Authorization") for request in tokens.requests} == {expected}


def test_many_first_requests_share_a_password():
    logins = []

    def login():
        logins.append(1)
        return LOGIN

    with running() as registry:
        usual = registry.serve
        registry.answer = lambda r: (
            usual(r)
            if r.headers.get("Authorization") == LOGIN.basic
            else Answer(401, {"WWW-Authenticate": "Basic realm=x"})
        )
        client = Registry(Transport(registry.host, login))
        with ThreadPoolExecutor(40) as pool:
            blobs = [Blob.of(b"%d" % number, OCI_LAYER) for number in range(40)]
            assert all(pool.map(lambda blob: client.push_blob("some", blob), blobs))
    assert len(logins) == 1


def test_an_expired_token_is_renewed(tokens):
    with guarded(tokens) as registry:
        client = Registry(Transport(registry.host))
        client.tags("some")
        challenge = f'Bearer realm="https://{tokens.host}/token",scope="repository:some:pull"'
        tokens.answer = lambda _: Answer(200, {}, json.dumps({"access_token": "new"}).encode())
        registry.answer = lambda r: (
            Answer(200, {}, b'{"tags": ["v1"]}')
            if r.headers.get("Authorization") == "Bearer new"
            else Answer(401, {"WWW-Authenticate": challenge})
        )
        assert client.tags("some") == ("v1",)


def test_a_refused_login_is_said(tokens):
    with guarded(tokens) as registry:
        registry.answer = lambda _: Answer(
            401, {"WWW-Authenticate": f'Bearer realm="https://{tokens.host}/t",scope="x"'}
        )
        with pytest.raises(TandemError, match="returned 401"):
            Registry(Transport(registry.host)).tags("some")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, {}, b"not JSON"),
        Answer(200, {}, b"[]"),
        Answer(200, {}, b'{"token": 3}'),
        Answer(200, {}, b'{"token": ""}'),
        Answer(200, {}, b'{"token": "a\\r\\nX: y"}'),
        Answer(200, {}, b'{"token": "' + b"a" * 300_000 + b'"}'),
        Answer(200, {}, b"[" * 100_000),
        Answer(403),
        Answer(302, {"Location": "http://127.0.0.1:9/token"}),
    ],
)
def test_a_strange_token_service_is_an_error_in_words(tokens, answer):
    tokens.answer = lambda _: answer
    with guarded(tokens) as registry, pytest.raises(TandemError):
        Registry(Transport(registry.host, lambda: LOGIN)).tags("some")


def test_a_token_service_that_does_not_answer_is_not_waited_for(tokens, monkeypatch):
    monkeypatch.setattr("pipeline.registry.auth._TIMEOUT", urllib3.Timeout(connect=1, read=0.2))
    monkeypatch.setattr("pipeline.registry.transport.PATIENCE", 0.3)
    tokens.answer = lambda _: time.sleep(1)
    began = time.monotonic()
    with guarded(tokens) as registry, pytest.raises(TandemError, match="timed out"):
        Registry(Transport(registry.host)).tags("some")
    assert time.monotonic() - began < 3


def test_a_token_request_is_never_redirected_to_plain_http(tokens):
    with running() as other:
        tokens.answer = lambda _: Answer(302, {"Location": f"http://{other.host}/"})
        with guarded(tokens) as registry, pytest.raises(TandemError, match="not on HTTPS"):
            Registry(Transport(registry.host, lambda: LOGIN)).tags("some")
        assert not other.requests


def test_a_redirected_token_request_leaves_the_password_behind(tokens, secure):
    other = MemoryRegistry()
    other.answer = lambda _: Answer(200, {}, b'{"token": "x"}')
    with running(other, secure=secure), guarded(tokens) as registry:
        tokens.answer = lambda _: Answer(302, {"Location": f"https://{other.host}/there"})
        with pytest.raises(TandemError, match="returned 401"):
            Registry(Transport(registry.host, lambda: LOGIN)).tags("some")
        assert {request.headers.get("Authorization") for request in tokens.requests} == {LOGIN.basic}
        assert {request.headers.get("Authorization") for request in other.requests} == {None}


@pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "a b", "", "é", None, 5])
def test_a_token_has_visible_characters_only(tokens, token):
    tokens.answer = lambda _: Answer(200, {}, json.dumps({"token": token}).encode())
    with guarded(tokens) as registry, pytest.raises(TandemError, match="its token service sent no token"):
        Registry(Transport(registry.host, lambda: LOGIN)).tags("some")


def test_a_host_that_the_registry_redirects_to_cannot_ask_for_our_login(tokens):
    """It would name a token service of its own."""
    digest = Blob.of(b"x", OCI_LAYER).descriptor.digest
    with running() as registry, running() as other:
        registry.answer = lambda _: Answer(307, {"Location": f"http://{other.host}/there"})
        realm = f'Bearer realm="https://{tokens.host}/token",service="r",scope="repository:some:pull"'
        other.answer = lambda _: Answer(401, {"WWW-Authenticate": realm})
        with pytest.raises(TandemError, match="returned 401"):
            Registry(Transport(registry.host, lambda: LOGIN)).read_blob("some", digest)
        assert tokens.requests == []
