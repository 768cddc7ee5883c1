"""Debian's PostgreSQL, started for a test."""

import os
import shutil
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from pipeline.core.errors import TandemError
from pipeline.images.bases.apt import install_packages, is_root_on_debian
from tests.support.ports import free_port
from tests.support.waiting import until

_PROGRAMS = Path("/usr/lib/postgresql")


def program(name: str) -> Path:
    """A program of PostgreSQL; its package is installed on Debian as root."""
    if not list(_PROGRAMS.glob(f"*/bin/{name}")):
        if not is_root_on_debian():
            pytest.skip("no PostgreSQL, and it can be installed on Debian as root only")
        try:
            install_packages(["postgresql"], print)
        except TandemError as error:
            pytest.skip(f"PostgreSQL cannot be installed: {error.message}")
    return max(_PROGRAMS.glob(f"*/bin/{name}"))


@contextmanager
def postgres(**settings: object):
    """A server with these settings: the keyword arguments by which its superuser connects."""
    with TemporaryDirectory(dir="/tmp", prefix="postgres-") as folder:
        data, port = Path(folder), free_port()
        user = _owner(data)
        init = [program("initdb"), "--auth=trust", "--username=admin", "--no-sync", "-D", data]
        subprocess.run([*user, *init], check=True, stdout=subprocess.DEVNULL, cwd=data)
        parameters = {"port": port, "unix_socket_directories": "", "fsync": "off", **settings}
        options = [f"--{name}={value}" for name, value in parameters.items()]
        command = [*user, program("postgres"), "-D", data, *options]
        server = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=data)
        access = {"host": "127.0.0.1", "port": port, "user": "admin", "dbname": "postgres"}
        try:
            until(lambda: server.poll() is None and _answers(access), what="PostgreSQL answers")
            yield access
        finally:
            server.send_signal(signal.SIGINT)  # it does not wait for its clients
            server.wait()


def _owner(data: Path) -> list[str]:
    """PostgreSQL refuses to run as root: the words before a command that run it as somebody else."""
    if os.geteuid() != 0:
        return []
    shutil.chown(data, "postgres", "postgres")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]


def _answers(access):
    try:
        psycopg.connect(**access).close()
    except psycopg.OperationalError:
        return False
    return True
