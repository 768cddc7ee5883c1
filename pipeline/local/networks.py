"""A stack's networks on Docker: found by their name, or made."""

from collections.abc import Mapping
from typing import Any

from docker import DockerClient
from docker.errors import APIError
from docker.models.networks import Network

from pipeline.core.errors import TandemError

_CONFLICT = 409


def ensure(client: DockerClient, name: str, labels: Mapping[str, str]) -> Network:
    """The bridge network with this name, made unless it is there.

    Raises:
        TandemError: Docker makes no network.
    """
    network = _find(client, name) or _make(client, name, labels)
    network.reload()
    return network


def _find(client: DockerClient, name: str) -> Network | None:
    return next(iter(client.networks.list(names=[f"^{name}$"])), None)


def _make(client: DockerClient, name: str, labels: Mapping[str, str]) -> Network:
    networks: Any = client.networks
    try:
        # Without the check Docker would make a second network of the same name.
        new: Network = networks.create(name, driver="bridge", labels=dict(labels), check_duplicate=True)
    except APIError as error:
        if error.status_code == _CONFLICT and (network := _find(client, name)):
            return network  # another process was faster
        raise TandemError(
            f"Docker makes no network {name}: {error.explanation}", hint="docker network prune"
        ) from error
    return new


def gateway(network: Network) -> str:
    """This machine's address on the network."""
    return str(network.attrs["IPAM"]["Config"][0]["Gateway"])
