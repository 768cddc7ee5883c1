"""Serve the control plane on 127.0.0.1, and give the environment variables that lead clients to it.

Each request must be signed with the stack's keys, or with keys that the control plane issued itself (`gate`).
"""

import os
from dataclasses import dataclass
from threading import Thread
from typing import Any

from pipeline.core.errors import TandemError
from pipeline.local.moto.gate import Gate
from pipeline.local.moto.hooks import hooks, reset_hooks
from pipeline.local.moto.idempotency import Replay
from pipeline.local.stack_keys import StackKeys
from pipeline.local.target_health import TargetHealth

ACCOUNT = "123456789012"
REGION = "eu-central-1"
_HOST = "127.0.0.1"


@dataclass(frozen=True)
class ControlPlane:
    """A running control plane."""

    port: int
    keys: StackKeys
    health: TargetHealth
    """The target health that DescribeTargetHealth answers with."""
    _application: Gate
    _servers: list[tuple[Any, Thread]]

    @property
    def url(self) -> str:
        return f"http://{_HOST}:{self.port}"

    def environ(self) -> dict[str, str]:
        return client_environment(self.port, self.keys)

    def listen(self, host: str) -> str:
        """Serve on a free port of `host` too, the Docker network's address of this machine; its URL.

        Raises:
            TandemError: this machine has no such address.
        """
        server, thread = _serve(host, 0, self._application)
        self._servers.append((server, thread))
        return f"http://{host}:{server.server_port}"

    def stop(self) -> None:
        """Stop serving, and delete all resources in moto."""
        from moto.core import base_backend  # noqa: PLC0415

        for server, thread in self._servers:
            server.shutdown()
            server.server_close()
            thread.join()
        backends: Any = base_backend.BackendDict
        backends.reset()
        reset_hooks(TargetHealth())


def client_environment(port: int, keys: StackKeys, credentials_file: str = os.devnull) -> dict[str, str]:
    """The variables that lead Terraform's provider and boto3 to the control plane on `port` only.

    The endpoint is an address: with the name `localhost`, S3 clients would look up `bucket.localhost`.
    `credentials_file` holds the same keys, for commands that are shown to the user.
    """
    return {
        "AWS_ENDPOINT_URL": f"http://{_HOST}:{port}",
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": credentials_file,
    }


def start_control_plane(
    port: int = 0, health: TargetHealth | None = None, keys: StackKeys | None = None
) -> ControlPlane:
    """Serve on 127.0.0.1:`port` (0 chooses a free one) in a thread of this process; new keys without `keys`.

    moto's backends are global, so a process has one control plane; `moto.backends.get_backend("ecs")` reads
    and writes what clients see.

    Raises:
        TandemError: the port is taken.
    """
    # Imported late: importing moto takes a second, and clients need no more than `client_environment`.
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
        DomainDispatcherApplication,
        create_backend_app,
    )

    prepare_moto(health or TargetHealth())
    keys = keys or StackKeys.generate()
    application = Gate(Replay(DomainDispatcherApplication(create_backend_app)), keys)
    server, thread = _serve(_HOST, port, application)
    return ControlPlane(server.server_port, keys, hooks.health, application, [(server, thread)])


def _serve(host: str, port: int, application: Gate) -> tuple[Any, Thread]:
    """Serve in a thread.

    Raises:
        TandemError: the port is taken, or the address is not of this machine.
    """
    from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: PLC0415

    class QuietHandler(WSGIRequestHandler):
        """Logs no request: one `terraform apply` makes hundreds."""

        def log_request(self, *_: object) -> None:
            pass

    try:
        server = make_server(host, port, application, threaded=True, request_handler=QuietHandler)
    except (OSError, SystemExit) as error:  # werkzeug exits where the port is taken
        raise TandemError(
            f"the local AWS cannot listen on {host}:{port}: {error}", hint="`tandem down`, then `tandem up`"
        ) from error
    thread = Thread(target=server.serve_forever, name=f"control-plane {host}", daemon=True)
    thread.start()
    return server, thread


def prepare_moto(health: TargetHealth) -> None:
    """Configure and patch moto in this process, and use this target health."""
    from moto import settings  # noqa: PLC0415

    from pipeline.local.moto.patches import apply  # noqa: PLC0415

    # Certificates are valid at once, and EC2 has no default images: loading them takes seconds.
    settings.ACM_VALIDATION_WAIT = 0
    settings.ec2_load_default_amis = lambda: False
    apply()
    reset_hooks(health)
