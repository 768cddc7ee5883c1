"""A project of work trees on Docker, and `tandem dev` in it, for tests."""

import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import httpx
import pytest

from pipeline.core.paths import ROOT
from pipeline.core.settings import load
from pipeline.local.stack import Stack
from tests.support.ports import free_port
from tests.support.repositories import commit, run
from tests.support.waiting import until

_TANDEM = [sys.executable, "-c", "from pipeline.cli.main import main; main()"]


OWN = """ARG BASE
FROM ${BASE}
COPY nginx.conf /etc/nginx/nginx.conf
VOLUME /tmp
CMD ["nginx", "-g", "daemon off;"]
"""


BUILT = """ARG BASE
FROM ${BASE}
ARG CONTENT_PATH
COPY page.txt /
RUN mkdir -p "${CONTENT_PATH}" && printf '<p>%s</p>' "$(cat /page.txt)" >"${CONTENT_PATH}/index.html"
VOLUME /usr/share/nginx/html
CMD ["true"]
"""


CONF = """pid /tmp/nginx.pid;
error_log /dev/stderr;
events {}
http {
    client_body_temp_path /tmp/a; proxy_temp_path /tmp/b; fastcgi_temp_path /tmp/c;
    uwsgi_temp_path /tmp/d; scgi_temp_path /tmp/e; access_log off;
    server { listen 80; root /usr/share/nginx/html; add_header X-App one; }
}
"""


class Place:
    """A project with three work trees, the content's a git repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for source in ("app", "static", "api"):
            shutil.copytree(ROOT / "examples" / source, folder / source)
        run("init", "-q", "-b", "main", cwd=folder / "static")
        commit(folder / "static", "Begin")
        self.settings("")
        (folder / ".tandem").mkdir()
        (ROOT / ".tandem" / "cache").mkdir(parents=True, exist_ok=True)
        (folder / ".tandem" / "cache").symlink_to(ROOT / ".tandem" / "cache")

    def settings(self, more: str, **sources: str) -> None:
        text = "".join(
            f'[sources.{name}]\nrepository = "{name}"\n{sources.get(name, "")}\n'
            for name in ("app", "static", "api")
        )
        local = f"[local]\nport = {free_port()}\n"
        (self.folder / "tandem.toml").write_text(f"{text}{local}{more}")

    def write(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)

    def leftovers(self) -> list[str]:
        stack = Stack.of(load(self.folder))
        client = docker.from_env()
        filters = {"label": f"io.tandem.stack={stack.id}"}
        names = [each["Names"][0] for each in client.api.containers(all=True, filters=filters)]
        names += [each.name for each in client.networks.list(filters=filters)]
        tags = [tag for image in client.api.images() for tag in image["RepoTags"] or ()]
        names += [tag for tag in tags if tag.startswith(f"tandem-{stack.id}/dev-")]
        client.close()
        return names + [str(path) for path in (self.folder / ".tandem").glob("dev/*")]


class Dev:
    """A running `tandem dev`."""

    def __init__(self, place: Place, *options: str) -> None:
        command = [*_TANDEM, "dev", "--project", str(place.folder), *options]
        self.process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        self.lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.lines.append(line.rstrip())

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def url(self) -> str:
        def printed_url() -> str | None:
            assert self.process.poll() is None, self.text
            shown = re.search(r"^url +(\S+)", self.text, re.MULTILINE)
            return shown[1] if shown else None

        return str(until(printed_url, seconds=300))

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url()}{path}", timeout=20)

    def shows(self, path: str, text: str) -> None:
        until(lambda: text in self.get(path).text, seconds=120, what=f"{path} has {text!r}: {self.text}")

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


@contextmanager
def running(place: Place, *options: str) -> Iterator[Dev]:
    dev = Dev(place, *options)
    try:
        yield dev
    finally:
        if dev.process.poll() is None:
            dev.end()


@pytest.fixture
def place(tmp_path):
    place = Place(tmp_path)
    yield place
    Stack.of(load(place.folder)).stop(lambda _: None)
