"""Serve the example's page and API on this machine, from an environment's releases."""

import json
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from typing import NoReturn

from pipeline.core.console import info
from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import Project
from pipeline.deploy.session import Session, open_session
from pipeline.records.build_records import FILE

_HOST = "127.0.0.1"
_NEEDED = ("fastapi", "uvicorn")


def records_of(session: Session) -> str:
    """Where the build records are: this project's database, or the table that all machines share."""
    table = "" if session.is_local else session.platform.records_table
    return table or str((session.project.state / FILE).resolve())


def other_environments(
    session: Session, open_: Callable[[Project, str], Session] = open_session
) -> list[dict[str, str]]:
    """Where the releases and the queues of tandem.toml's other environments are, or why they cannot be read.

    There are none beside the local environment: its server gets no credentials of an account.
    """
    if session.is_local:
        return []
    names = sorted(session.project.settings.environments.keys() - {session.environment})
    return [_details(session.project, name, open_) for name in names]


def _details(project: Project, name: str, open_: Callable[[Project, str], Session]) -> dict[str, str]:
    try:
        other = open_(project, name)
        releases = other.store.objects.place
    except TandemError as error:
        return {"name": name, "problem": error.message}
    return {
        "name": name,
        "releases": releases,
        "region": other.aws.region,
        "queue": str((other.state / "queue").resolve()),
    }


def what_serves(session: Session) -> dict[str, str]:
    """The variables that name the load balancer and the function; none before the local platform's apply."""
    with suppress(TandemError):
        platform = session.platform
        return {
            "TANDEM_LOAD_BALANCER": platform.load_balancer_arn,
            "TANDEM_FUNCTION": platform.function_name,
        }
    return {}


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
        **what_serves(session),
        "TANDEM_ENVIRONMENT": session.environment,
        "TANDEM_ENVIRONMENTS": json.dumps(other_environments(session)),
        "TANDEM_RELEASES": session.store.objects.place,
        "TANDEM_RECORDS": records_of(session),
        "TANDEM_QUEUE": str((session.state / "queue").resolve()),
        "LOG_LEVEL": "WARNING",
    }
    info(f"{session.environment}: http://{_HOST}:{port}/ (Ctrl-C ends it)")
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
