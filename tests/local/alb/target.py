"""A small HTTP server for tests: says its name, sleeps, fails, shows the request's headers."""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

healthy = True


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self):
        global healthy  # noqa: PLW0603
        url = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(url.query).items()}
        status = 200
        if url.path == "/fall":
            healthy = False
        if url.path == "/rise":
            healthy = True
        if url.path == "/healthz":
            status = 200 if healthy else 500
        if url.path == "/status":
            status = int(query["is"])
        if url.path == "/sleep":
            time.sleep(float(query["for"]))
        shown = [[name.lower(), value] for name, value in self.headers.items()]
        body = json.dumps({"name": sys.argv[1], "path": self.path, "headers": shown}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if url.path == "/long":
            self.send_header("X-Long", "x" * int(query["by"]))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("", 8080), Handler).serve_forever()
