"""A stack's networks: found again, and left with a reason where Docker keeps them."""

import uuid

import docker
import pytest
from docker.errors import APIError
from docker.models.networks import Network

from pipeline.local import cleanup, networks
from pipeline.local.context import LABEL
from tests.support.base_images import base


@pytest.fixture(scope="module")
def client():
    return docker.from_env(timeout=600)


@pytest.fixture
def stack(client):
    name = f"t-networks-{uuid.uuid4().hex[:6]}"
    yield name
    cleanup.remove_all(client, name)


@pytest.mark.docker
def test_network_that_stayed_is_used_again(client, stack):
    labels = {f"{LABEL}.stack": stack}
    before = networks.ensure(client, f"tandem-{stack}", labels)
    again = networks.ensure(client, f"tandem-{stack}", labels)
    assert again.id == before.id
    assert networks.gateway(again).count(".") == 3
    assert len(client.networks.list(filters={"label": f"{LABEL}.stack={stack}"})) == 1


@pytest.mark.docker
def test_network_that_another_container_uses_stays_and_says_by_whom(client, stack, monkeypatch):
    monkeypatch.setattr(cleanup, "_ATTEMPTS", 2)
    network = networks.ensure(client, f"tandem-{stack}", {f"{LABEL}.stack": stack})
    other = client.containers.run(
        base("busybox"),
        ["sleep", "60"],
        name=f"{stack}-other",
        network=network.name,
        labels={f"{LABEL}.stack": f"{stack}-other"},
        detach=True,
    )
    try:
        assert cleanup.remove_networks(client, stack) == 0
        (reason,) = cleanup.explain_networks_left(client, stack)
        assert f"{stack}-other" in reason
    finally:
        other.remove(force=True)
    assert cleanup.remove_networks(client, stack) == 1
    assert cleanup.explain_networks_left(client, stack) == []


class _Miscounted(Network):
    """A network as Docker 20.10 leaves some: it counts endpoints, and has no container."""

    def remove(self):
        raise APIError("403", explanation="network n id 1 has active endpoints")

    def reload(self):
        self.attrs = {"Name": "n", "Id": "1", "Containers": {}}


class _Client:
    def __init__(self, network):
        self.networks = self.api = self
        self.network = network

    def list(self, **_):
        return [self.network]

    def containers(self, **_):
        return []


def test_network_with_endpoints_that_are_gone_ends_no_removal(monkeypatch):
    monkeypatch.setattr(cleanup, "_PAUSE", 0.001)
    client = _Client(_Miscounted({"Name": "n", "Id": "1"}))
    assert cleanup.remove_networks(client, "s") == 0
    (reason,) = cleanup.explain_networks_left(client, "s")
    assert "until Docker restarts" in reason
