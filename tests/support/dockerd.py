"""A dockerd of the tests' own, apart from the machine's."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from pipeline.images.bases.apt import install_packages, is_root_on_debian
from pipeline.local import dockerd
from pipeline.local.dockerd import Daemon
from pipeline.local.engine_process import is_alive
from tests.support.waiting import until

needs_dockerd = pytest.mark.skipif(
    os.geteuid() != 0 or not (dockerd._dockerd_path() or is_root_on_debian()),
    reason="starts a dockerd of its own: root only",
)


@contextmanager
def daemon_apart(monkeypatch, data=None):
    """Where a dockerd can be started that touches neither the machine's network nor its data.

    It lives in a network namespace of its own: `--bridge=none` would remove the machine's docker0.
    Its folder is short: the path of a socket has 108 bytes at most. Ended and removed afterwards.
    """
    if not dockerd._dockerd_path():
        install_packages(["docker.io"], print)
    folder = Path(tempfile.mkdtemp(prefix="dockerd-"))
    apart = folder / "bin" / "dockerd"
    apart.parent.mkdir()
    apart.write_text(f'#!/bin/sh\nexec unshare --net {dockerd._dockerd_path()} "$@"\n')
    apart.chmod(0o755)
    monkeypatch.setenv("PATH", f"{apart.parent}:{os.environ['PATH']}")
    url = f"unix://{folder}/docker.sock"
    options = (
        *(f"--data-root={data or folder / 'data'}", f"--exec-root={folder}/run/docker", f"--host={url}"),
        *(f"--pidfile={folder}/run/docker.pid", "--bridge=none", "--iptables=false"),
        *("--ip-forward=false", "--ip-masq=false"),
    )
    (folder / "run").mkdir()
    daemon = Daemon(url, folder / "run", folder / "notes", options)
    try:
        yield daemon
    finally:
        _end(daemon)
        _unmount(folder)
        shutil.rmtree(folder)


def _end(daemon):
    pid = dockerd._started_pid(daemon)
    if pid:
        os.kill(pid, signal.SIGTERM)
        until(lambda: not is_alive(pid, "dockerd"))


def _unmount(folder):
    """What a killed dockerd leaves mounted; the kernel may take a moment to close its files."""
    for line in Path("/proc/mounts").read_text().splitlines()[::-1]:
        point = line.split()[1]
        if point.startswith(str(folder)):
            until(partial(_unmounted, point), what=f"{point} is unmounted", every=0.2)


def _unmounted(point):
    return subprocess.run(["umount", point], check=False).returncode == 0
