"""Serve the example's page and API on this machine, from an environment's releases."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.deploy.session import Session

_HOST = "127.0.0.1"
_NEEDED = ("fastapi", "uvicorn")
_ENDED = (0, -signal.SIGINT, 130)


def place_of(session: Session) -> str:
    """Where the environment's releases are: a folder, or a prefix of the platform's bucket."""
    if session.is_local:
        return str((session.state / "releases").resolve())
    return f"s3://{session.platform.releases_bucket}/{session.environment}/"


def serve(session: Session, port: int) -> None:
    """Serve on loopback until Ctrl-C.

    Raises:
        TandemError: the port is taken, or a package is missing.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise TandemError(f"the console needs {' and '.join(missing)}", hint="pip install 'tandem[console]'")
    environ = {
        **session.aws.environ(os.environ),
        "TANDEM_RELEASES": place_of(session),
        "LOG_LEVEL": "WARNING",
    }
    server = subprocess.Popen(_command(port), env=environ)
    try:
        with suppress(KeyboardInterrupt):
            server.wait()
    finally:
        # Ctrl-C reaches the server as well; any other end of this process must end it.
        if server.poll() is None:
            server.send_signal(signal.SIGINT)
        server.wait()
    if server.returncode not in _ENDED:
        raise TandemError(f"the console does not listen on {_HOST}:{port}", hint="tandem console --port 8091")


def _command(port: int) -> list[str]:
    folder = ROOT / "examples" / "api"
    listen = ["--host", _HOST, "--port", str(port), "--log-level", "warning", "--no-access-log"]
    return [sys.executable, "-m", "uvicorn", "this_machine:app", "--app-dir", str(folder), *listen]
