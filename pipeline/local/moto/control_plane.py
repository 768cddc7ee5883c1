"""Serve the control plane on loopback, and name the variables that lead clients to it."""

import os
from dataclasses import dataclass
from threading import Thread
from typing import Any

from pipeline.core.errors import TandemError
from pipeline.local.moto.hooks import hooks, unplug
from pipeline.local.moto.idempotency import Replay
from pipeline.local.target_health import TargetHealth

ACCOUNT = "123456789012"
REGION = "eu-central-1"
_HOST = "127.0.0.1"
_MOTO = {
    "MOTO_ACM_VALIDATION_WAIT": "0",
    "MOTO_ALLOW_NONEXISTENT_REGION": "false",
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
}


@dataclass(frozen=True)
class ControlPlane:
    """A running control plane."""

    port: int
    health: TargetHealth
    """The target states that DescribeTargetHealth answers with."""
    _server: Any
    _thread: Thread

    @property
    def url(self) -> str:
        return f"http://{_HOST}:{self.port}"

    def environ(self) -> dict[str, str]:
        return client_environment(self.port)

    def stop(self) -> None:
        """Stop serving and forget all that was created."""
        from moto.core import base_backend  # noqa: PLC0415

        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        backends: Any = base_backend.BackendDict
        backends.reset()
        unplug(TargetHealth())


def client_environment(port: int) -> dict[str, str]:
    """What makes Terraform's provider and boto3 talk to the control plane on `port`, and to nothing else.

    An address, not `localhost`: for a name S3 clients would look up `bucket.localhost`.
    """
    return {
        "AWS_ENDPOINT_URL": f"http://{_HOST}:{port}",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def start_control_plane(port: int = 0, health: TargetHealth | None = None) -> ControlPlane:
    """Serve on 127.0.0.1:`port` (0 chooses a free one) from a thread of this process.

    moto's backends are global, so one process holds one control plane; `moto.backends.get_backend("ecs")`
    reads and writes what the clients see.
    """
    os.environ.update({key: os.environ.get(key, value) for key, value in _MOTO.items()})
    # moto reads its settings at import: not before now.
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
        DomainDispatcherApplication,
        create_backend_app,
    )
    from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: PLC0415

    from pipeline.local.moto.patches import apply  # noqa: PLC0415

    class Quiet(WSGIRequestHandler):
        """Logs no request: hundreds of them make one `terraform apply`."""

        def log_request(self, *_: object) -> None:
            pass

    apply()
    unplug(health or TargetHealth())
    try:
        application = Replay(DomainDispatcherApplication(create_backend_app))
        server = make_server(_HOST, port, application, threaded=True, request_handler=Quiet)
    except (OSError, SystemExit) as error:  # werkzeug exits where the port is taken
        raise TandemError(
            f"the local AWS cannot listen on {_HOST}:{port}: {error}", hint="tandem down, then tandem up"
        ) from error
    thread = Thread(target=server.serve_forever, name="control-plane", daemon=True)
    thread.start()
    return ControlPlane(server.server_port, hooks.health, server, thread)
