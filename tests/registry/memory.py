"""A registry in memory whose answers a test may change; another host may stand for its store."""

import hashlib
import json
import re
import threading
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from tests.registry.faulty import Quiet


@dataclass
class Answer:
    status: int
    headers: dict = field(default_factory=dict)
    body: bytes = b""


def sha(content):
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class MemoryRegistry:
    """`answer` may be replaced: it gets a request and gives an answer, `serve` gives the usual one."""

    def __init__(self):
        self.blobs, self.manifests, self.tags, self.uploads = {}, {}, {}, {}
        self.requests, self.lock = [], threading.Lock()
        self.answer = self.serve
        self.host = ""

    def serve(self, request):
        for pattern, method in (
            (r"/v2/(.+)/blobs/uploads/(.*)", self._upload),
            (r"/v2/(.+)/blobs/(sha256:\w+)", self._blob),
            (r"/v2/(.+)/manifests/(.+)", self._manifest),
            (r"/v2/(.+)/tags/(list)", self._list),
        ):
            if match := re.fullmatch(pattern, request.path):
                return method(request, *match.groups())
        return Answer(404)

    def _upload(self, request, name, upload):
        if request.method == "POST":
            source = request.query.get("from")
            if (source, request.query.get("mount")) in self.blobs:
                self.blobs[name, request.query["mount"]] = self.blobs[source, request.query["mount"]]
                return Answer(201)
            upload = uuid.uuid4().hex
            self.uploads[upload] = b""
            return Answer(202, {"Location": f"/v2/{name}/blobs/uploads/{upload}"})
        if upload not in self.uploads:
            return Answer(404, body=b'{"errors": [{"code": "BLOB_UPLOAD_UNKNOWN"}]}')
        return self._go_on(request, name, upload)

    def _go_on(self, request, name, upload):
        if request.method == "DELETE":
            del self.uploads[upload]
            return Answer(204)
        self.uploads[upload] += request.body
        if request.method == "PATCH":
            return Answer(202, {"Location": request.path})
        content = self.uploads.pop(upload)
        if sha(content) != request.query["digest"]:
            return Answer(400, body=b'{"errors": [{"code": "DIGEST_INVALID"}]}')
        self.blobs[name, sha(content)] = content
        return Answer(201)

    def _blob(self, request, name, digest):
        if request.method == "DELETE":
            return Answer(202 if self.blobs.pop((name, digest), None) is not None else 404)
        content = self.blobs.get((name, digest))
        if content is None:
            return Answer(404)
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("Range", ""))
        return (
            Answer(206, {}, content[int(asked[1]) : int(asked[2]) + 1]) if asked else Answer(200, {}, content)
        )

    def _manifest(self, request, name, reference):
        digest = self.tags.get((name, reference), reference)
        if request.method == "PUT":
            parts = json.loads(request.body)
            descriptors = [*parts.get("layers", []), *filter(None, [parts.get("config")])]
            if any((name, each["digest"]) not in self.blobs for each in descriptors):
                return Answer(400, body=b'{"errors": [{"code": "MANIFEST_BLOB_UNKNOWN"}]}')
            digest = sha(request.body)
            self.manifests[name, digest] = request.body
            self.tags[name, reference] = digest
            return Answer(201)
        content = self.manifests.get((name, digest))
        if content is None:
            return Answer(404)
        if request.method == "DELETE":
            del self.manifests[name, digest]
            return Answer(202)
        kind = json.loads(content)["mediaType"]
        return Answer(200, {"Docker-Content-Digest": digest, "Content-Type": kind}, content)

    def _list(self, _request, name, _list):
        tags = sorted(tag for repository, tag in self.tags if repository == name and ":" not in tag)
        return Answer(200, {}, json.dumps({"tags": tags}).encode()) if tags else Answer(404)


@dataclass
class Request:
    method: str
    path: str
    query: dict
    headers: dict
    body: bytes

    @property
    def url(self):
        return self.path + ("?" + "&".join(f"{k}={v}" for k, v in self.query.items()) if self.query else "")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _any(self):
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, parts.path, query, dict(self.headers), body)
        registry = self.server.registry
        with registry.lock:
            registry.requests.append(request)
            answer = registry.answer(request)
        if answer is None:  # Hang up.
            self.close_connection = True
            return
        self.send_response_only(answer.status)
        headers = {"Content-Length": str(len(answer.body)), **answer.headers}
        for key, value in headers.items():
            for each in value if isinstance(value, list) else [value]:
                self.send_header(key, each)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = _any  # noqa: N815 - the server's names

    def log_message(self, *_):
        pass


@contextmanager
def running(registry=None, secure=None):
    """A registry in memory on loopback, or `registry` at one more host; `secure` is an SSL context."""
    server = Quiet(("127.0.0.1", 0), _Handler)
    if secure:
        server.socket = secure.wrap_socket(server.socket, server_side=True)
    server.registry = registry or MemoryRegistry()
    server.registry.host = f"{'localhost' if secure else '127.0.0.1'}:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server.registry
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def store_of(registry):
    """Another host with the same content, which refuses our login, as object stores do."""
    store = MemoryRegistry()
    store.blobs, store.manifests, store.tags = registry.blobs, registry.manifests, registry.tags
    store.uploads = registry.uploads
    usual = store.serve
    store.answer = lambda request: Answer(400) if "Authorization" in request.headers else usual(request)
    with running(store):
        yield store
