"""Serve the example's page and API on this machine, from an environment's releases."""

import os
import socket
import sys
from importlib.util import find_spec
from typing import NoReturn

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.deploy.session import Session
from pipeline.records.build_records import FILE

_HOST = "127.0.0.1"
_NEEDED = ("fastapi", "uvicorn")


def records_of(session: Session) -> str:
    """Where the build records are: this project's database, or the table that all machines share."""
    table = "" if session.is_local else session.platform.records_table
    return table or str((session.project.state / FILE).resolve())


def serve(session: Session, port: int) -> NoReturn:
    """Become the server, on loopback: it ends with this process, however that ends.

    Raises:
        TandemError: the port is taken, or a package is missing.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise TandemError(f"the console needs {' and '.join(missing)}", hint="pip install 'tandem[console]'")
    _require_free(port)
    environ = {
        **session.aws.environ(os.environ),
        "TANDEM_RELEASES": session.store.objects.place,
        "TANDEM_RECORDS": records_of(session),
        "TANDEM_QUEUE": str((session.state / "queue").resolve()),
        "LOG_LEVEL": "WARNING",
    }
    os.execve(sys.executable, _command(port), environ)  # noqa: S606 - no shell


def _require_free(port: int) -> None:
    try:
        socket.create_server((_HOST, port)).close()
    except OSError as error:
        raise TandemError(
            f"the console cannot listen on {_HOST}:{port}: {error.strerror}",
            hint="tandem console --port 8091",
        ) from error


def _command(port: int) -> list[str]:
    folder = ROOT / "examples" / "api"
    listen = ["--host", _HOST, "--port", str(port), "--log-level", "warning", "--no-access-log"]
    return [sys.executable, "-m", "uvicorn", "this_machine:app", "--app-dir", str(folder), *listen]
