"""Run the registry that stands for ECR's data plane, on a loopback port of the stack's own."""

from time import monotonic, sleep
from typing import Any

import httpx
from docker import DockerClient
from docker.errors import NotFound

from pipeline.core.errors import TandemError
from pipeline.local.context import LABEL

_DATA, _CONFIG = "/var/lib/registry", "/etc/docker/registry/config.yml"
_READY_SECONDS = 20.0
_POLL = 0.05


def run(client: DockerClient, stack: str, image: str, port: int) -> None:
    """Have the registry answer on 127.0.0.1:`port`; adopts one that does already.

    Docker brings it back when Docker itself restarts. Its data lives in a labelled volume.
    """
    name = _name(stack)
    labels = {f"{LABEL}.stack": stack, f"{LABEL}.role": "registry"}
    if not _adopted(client, name, port):
        client.volumes.create(name, labels=labels)
        containers: Any = client.containers  # its stubs know none of these dicts
        containers.run(
            image,
            name=name,
            detach=True,
            labels=labels,
            ports={"5000/tcp": ("127.0.0.1", port)},
            volumes={name: {"bind": _DATA, "mode": "rw"}},
            environment={"REGISTRY_STORAGE_DELETE_ENABLED": "true", "REGISTRY_HTTP_SECRET": stack},
            restart_policy={"Name": "unless-stopped", "MaximumRetryCount": 0},
        )
    _wait(port, name)


def collect(client: DockerClient, stack: str, port: int) -> int:
    """Remove the bytes that no manifest needs, and return their count. Nothing is served for some seconds.

    The registry is restarted: it must not accept pushes meanwhile, and it caches layers that were removed.
    """
    containers: Any = client.containers
    served = containers.get(_name(stack))
    before = _bytes(containers, served)
    served.stop()
    try:
        _beside(containers, served, ["registry", "garbage-collect", _CONFIG])
    finally:
        served.start()
    _wait(port, _name(stack))
    return before - _bytes(containers, served)


def _bytes(containers: Any, served: Any) -> int:  # noqa: ANN401 - Docker's own
    return 1024 * int(_beside(containers, served, ["du", "-sk", _DATA]).split()[0])


def _beside(containers: Any, served: Any, command: list[str]) -> bytes:  # noqa: ANN401 - Docker's own
    """Run a program of the registry's image over its data."""
    said: bytes = containers.run(
        served.image.id,
        command[1:],
        entrypoint=command[:1],
        volumes_from=[served.id],
        environment={"REGISTRY_STORAGE_DELETE_ENABLED": "true"},
        labels=served.labels | {f"{LABEL}.role": "collector"},
        remove=True,
    )
    return said


def _name(stack: str) -> str:
    return f"tandem-{stack}-registry"


def _adopted(client: DockerClient, name: str, port: int) -> bool:
    """Whether a registry of ours is there on the same port; starts it if it merely stopped."""
    try:
        found = client.containers.get(name)
    except NotFound:
        return False
    bound = (found.attrs["HostConfig"]["PortBindings"] or {}).get("5000/tcp") or [{}]
    if bound[0].get("HostPort") != str(port):
        found.remove(force=True)
        return False
    if found.status != "running":
        found.start()
    return True


def _wait(port: int, name: str) -> None:
    until = monotonic() + _READY_SECONDS
    while not answers(port):
        if monotonic() > until:
            raise TandemError(
                f"the registry does not answer on 127.0.0.1:{port} after {_READY_SECONDS:.0f} s",
                hint=f"docker logs {name}",
            )
        sleep(_POLL)


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/v2/", timeout=1).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
