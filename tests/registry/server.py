"""A real registry on a free loopback port, from Debian's package, which is only unpacked."""

import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.waiting import until

KEPT = Path("/tmp", f"tandem-test-programs-{Path.home().name}")  # noqa: S108 - whatever folder the tests use
CONFIG = """
version: 0.1
log: {{accesslog: {{disabled: true}}, level: error}}
storage: {{filesystem: {{rootdirectory: {root}}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


def program(package: str, path: str) -> Path:
    """A program of a Debian package, which is unpacked into a temporary folder: nothing is installed."""
    unpacked = KEPT / package / path
    if unpacked.exists():
        return unpacked
    if not shutil.which("apt-get"):
        pytest.skip(f"needs {package}, which Debian and Ubuntu package")
    KEPT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=KEPT) as folder:
        download = ["apt-get", "download", package]
        if subprocess.run(download, cwd=folder, capture_output=True, check=False).returncode:
            subprocess.run(["apt-get", "update", "-qq"], capture_output=True, check=False)
            subprocess.run(download, cwd=folder, capture_output=True, check=True)
        subprocess.run(["dpkg", "-x", next(Path(folder).glob("*.deb")), f"{folder}/x"], check=True)
        with suppress(OSError):  # Another process was quicker.
            Path(folder, "x").rename(KEPT / package)
    return unpacked


def binary() -> str:
    """The registry's program: installed, or from its package."""
    return shutil.which("docker-registry") or str(program("docker-registry", "usr/bin/docker-registry"))


@contextmanager
def running(folder: Path):
    """Run a registry that stores under `folder`; yields its host."""
    port = free_port()
    config = folder / "config.yml"
    config.write_text(CONFIG.format(root=folder / "data", port=port))
    # Its garbage collection takes more time than the rest of it if the heap starts small.
    environ = {**os.environ, "GOGC": "1000"}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([binary(), "serve", config], env=environ, stdout=log, stderr=log)
    try:
        until(lambda: _answers(port), what=f"the registry answers; see {folder / 'log'}", every=0.02)
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _answers(port: int) -> bool:
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/", timeout=1).status == 200
    except OSError:
        return False
