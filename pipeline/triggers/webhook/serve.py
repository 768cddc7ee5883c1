"""Serve the application with uvicorn until a signal ends it."""

import os
import resource
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import uvicorn

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.settings import LOCAL, Project
from pipeline.triggers.queue import Queue
from pipeline.triggers.webhook.app import Receiver, make_app
from pipeline.triggers.webhook.connection import BACKLOG, server_config
from pipeline.triggers.webhook.services import SHORTEST_SECRET
from pipeline.triggers.webhook.worker import Worker, reconcile_command

VARIABLE = "TANDEM_WEBHOOK_SECRET"
_MAKE_ONE = "openssl rand -hex 32"


def read_secrets(file: Path | None) -> list[bytes]:
    """The secrets that sign deliveries: the lines of `file`, else the variable; none is ever empty or short.

    Raises:
        TandemError: there is none, one is too short, or the file cannot be read.
    """
    try:
        text = file.read_text(encoding="utf-8-sig") if file else os.environ.get(VARIABLE, "")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise TandemError(
            f"cannot read the secret in {file}: {reason}", hint=f"{_MAKE_ONE} >{file}"
        ) from error
    secrets = [line.strip().encode() for line in text.splitlines() if line.strip()]
    where = file or VARIABLE
    if not secrets:
        raise TandemError(f"{where} has no secret: anybody could release", hint=_MAKE_ONE)
    if any(len(secret) < SHORTEST_SECRET for secret in secrets):
        raise TandemError(
            f"{where} has a secret of less than {SHORTEST_SECRET} characters: it can be guessed",
            hint=_MAKE_ONE,
        )
    return secrets


def serve(
    project: Project, environment: str, secrets: Sequence[bytes], address: tuple[str, int], every: float
) -> None:
    """Serve until SIGINT or SIGTERM; a release that has begun finishes first.

    Raises:
        TandemError: the environment is unknown, or the address cannot be listened on.
    """
    if environment not in {LOCAL, *project.settings.environments}:
        raise TandemError(
            f"no environment {environment!r} in tandem.toml", hint=f"add [environments.{environment}] to it"
        )
    queue = Queue.of(project, environment)
    worker = Worker(queue, reconcile_command(project, environment), every)
    app = make_app(Receiver(project, queue, secrets, worker.wake), worker)
    _allow_many_connections()
    with _listen(*address) as listener, suppress(KeyboardInterrupt):
        host, port = listener.getsockname()[:2]
        console.info(f"webhook of {environment}: http://{host}:{port}/")
        uvicorn.Server(server_config(app)).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise TandemError(
            f"cannot listen on {host}:{port}: {error.strerror or error}", hint="choose another --port"
        ) from error


def _allow_many_connections() -> None:
    """Each connection needs a file descriptor; the usual limit of 1,024 can be raised without a privilege."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft = 65536 if hard == resource.RLIM_INFINITY else hard
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
