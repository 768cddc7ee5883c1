"""A proxy in front of a registry, or another server, that breaks chosen requests."""

import http.client
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REFUSE, LOSE, CUT, WRONG, PASS = "refuse", "lose", "cut", "wrong", "pass"


class Faults:
    """Says for each request what becomes of it (a number is the status to answer); passes all by default.

    `dropped` names headers, in lower case, that do not get through. `sign` gives the headers that do: it gets
    method, URL, headers and body.
    """

    def __init__(self):
        self.dropped = {"connection"}
        self.sign = lambda _method, _url, headers, _body: headers
        self.decide = lambda _method, _path: PASS
        self.seen = []
        self.lock = threading.Lock()

    def fate(self, method, path):
        with self.lock:
            self.seen.append((method, path))
            return self.decide(method, path)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fate = self.server.faults.fate(self.command, self.path)
        if fate == CUT:  # The request never arrives.
            return self._hang_up()
        if fate == REFUSE:
            return self._answer(503, [("Retry-After", "0")], b"")
        if isinstance(fate, int):
            return self._answer(fate, [], b"")
        upstream = http.client.HTTPConnection(self.server.upstream)
        dropped = self.server.faults.dropped
        headers = {key: value for key, value in self.headers.items() if key.lower() not in dropped}
        url = f"http://{self.server.upstream}{self.path}"
        headers = self.server.faults.sign(self.command, url, headers, body)
        upstream.request(self.command, self.path, body or None, headers)
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        if fate == LOSE:  # The request did its work; the answer is lost.
            return self._hang_up()
        if fate == WRONG:
            content = b"x" * len(content)
        return self._answer(answer.status, answer.getheaders(), content)

    def _hang_up(self):
        self.close_connection = True
        self.connection.close()

    def _answer(self, status, headers, content):
        self.send_response_only(status)
        dropped = {"transfer-encoding", "connection"} | (
            {"content-length"} if self.command != "HEAD" else set()
        )
        for key, value in headers:
            if key.lower() not in dropped:
                self.send_header(key, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self._any
        raise AttributeError(name)

    def log_message(self, *_):
        pass


class Quiet(ThreadingHTTPServer):
    """A server that says nothing of connections that break."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


@contextmanager
def proxy(upstream):
    """Yields (host, faults)."""
    server = Quiet(("127.0.0.1", 0), _Handler)
    server.upstream, server.faults = upstream, Faults()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}", server.faults
    finally:
        server.shutdown()
        server.server_close()
