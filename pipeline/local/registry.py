"""Run the stack's registry, which stands for ECR's data plane, on a loopback port of its own."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from docker import DockerClient
from docker.errors import DockerException, NotFound
from docker.models.containers import Container
from requests.exceptions import RequestException

from pipeline.core.errors import TandemError
from pipeline.local.context import LABEL
from pipeline.local.waiting import wait_until

_DATA, _CONFIG = "/var/lib/registry", "/etc/docker/registry/config.yml"
_READY_SECONDS = 20.0


def ensure(client: DockerClient, stack: str, image: str, port: int) -> None:
    """Make sure that the registry answers on 127.0.0.1:`port`; an existing one is adopted.

    Docker restarts it together with itself. Its data is in a labelled volume.

    Raises:
        TandemError: the registry does not answer.
    """
    name = _name(stack)
    labels = {f"{LABEL}.stack": stack, f"{LABEL}.role": "registry"}
    if not _adopted(client, name, port):
        client.volumes.create(name, labels=labels)
        containers: Any = client.containers  # the stubs lack these dicts
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


@contextmanager
def temporary(client: DockerClient, stack: str, image: str) -> Iterator[str]:
    """A registry without content, which is removed with its data after the block; yields its host.

    Docker chooses the port, so that nobody takes it for an earlier one.

    Raises:
        TandemError: the registry does not answer.
    """
    containers: Any = client.containers
    container = containers.run(
        image,
        name=f"{_name(stack)}-{uuid.uuid4().hex[:8]}",
        detach=True,
        labels={f"{LABEL}.stack": stack, f"{LABEL}.role": "measurement"},
        ports={"5000/tcp": ("127.0.0.1", None)},
        volumes=[_DATA],
        environment={"REGISTRY_STORAGE_DELETE_ENABLED": "true", "REGISTRY_HTTP_SECRET": stack},
    )
    try:
        container.reload()
        port = container.attrs["NetworkSettings"]["Ports"]["5000/tcp"][0]["HostPort"]
        _wait(int(port), container.name)
        yield f"127.0.0.1:{port}"
    finally:
        container.remove(force=True, v=True)


def published_port(client: DockerClient, stack: str) -> int | None:
    """The port of the stack's registry on this machine; None without a registry, or if Docker fails."""
    try:
        container = client.containers.get(_name(stack))
    except (DockerException, RequestException):
        return None
    port = _host_port(container)
    return int(port) if port.isdecimal() else None


def collect_garbage(client: DockerClient, stack: str, port: int) -> int:
    """Delete the blobs that no manifest references; their size in bytes.

    The registry stops for some seconds: it must take no upload meanwhile, and it caches the deleted layers.
    """
    containers: Any = client.containers
    registry = containers.get(_name(stack))
    before = _size(containers, registry)
    registry.stop()
    try:
        _run_beside(containers, registry, ["registry", "garbage-collect", _CONFIG])
    finally:
        registry.start()
    _wait(port, _name(stack))
    return before - _size(containers, registry)


def _size(containers: Any, registry: Any) -> int:  # noqa: ANN401 - Docker's objects
    return 1024 * int(_run_beside(containers, registry, ["du", "-sk", _DATA]).split()[0])


def _run_beside(containers: Any, registry: Any, command: list[str]) -> bytes:  # noqa: ANN401 - Docker's objects
    """Run a program of the registry's image on its data; the output."""
    output: bytes = containers.run(
        registry.image.id,
        command[1:],
        entrypoint=command[:1],
        volumes_from=[registry.id],
        environment={"REGISTRY_STORAGE_DELETE_ENABLED": "true"},
        labels=registry.labels | {f"{LABEL}.role": "collector"},
        remove=True,
    )
    return output


def _name(stack: str) -> str:
    return f"tandem-{stack}-registry"


def _adopted(client: DockerClient, name: str, port: int) -> bool:
    """Whether the stack has a registry on this port; start a stopped one, remove one on another port."""
    try:
        container = client.containers.get(name)
    except NotFound:
        return False
    if _host_port(container) != str(port):
        container.remove(force=True)
        return False
    if container.status != "running":
        container.start()
    return True


def _host_port(container: Container) -> str:
    bindings = (container.attrs["HostConfig"]["PortBindings"] or {}).get("5000/tcp") or [{}]
    return str(bindings[0].get("HostPort") or "")


def _wait(port: int, name: str) -> None:
    if not wait_until(lambda: answers(port), _READY_SECONDS):
        raise TandemError(
            f"the registry does not answer on 127.0.0.1:{port} after {_READY_SECONDS:.0f} s",
            hint=f"docker logs {name}",
        )


def answers(port: int) -> bool:
    """Whether a registry answers on 127.0.0.1:`port`."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/v2/", timeout=1).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
