"""A server of a repository that asks for a password, and looks at what this machine shows of it."""

import base64
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SECRET = "hunt:er@2 é"
QUOTED = "hunt%3Aer%402%20%C3%A9"


class Server:
    """Gives the files of a folder to those who know the password; looks at what this machine shows."""

    def __init__(self, folder, redirect="", tls=None):
        self.seen, self.leaks = [], []
        outer = self

        class Handler(SimpleHTTPRequestHandler):
            def do_GET(self):
                sent = self.headers.get("Authorization", "")
                outer.seen.append(sent)
                outer.leaks += [text for text in command_lines() if b"hunt" in text]
                if redirect:
                    self.send_response(302)
                    self.send_header("Location", redirect + self.path)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                elif sent == "Basic " + base64.b64encode(f"me:{SECRET}".encode()).decode():
                    super().do_GET()
                else:
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="x"')
                    self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.place = f"{'localhost' if tls else '127.0.0.1'}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def command_lines():
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield process.read_bytes()
        except OSError:
            continue
