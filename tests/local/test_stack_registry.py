"""Facts about the local registry: it is adopted, keeps its port, and fails a pull of a missing image."""

import io
import os
import tarfile
import uuid

import docker
import httpx
import pytest

from pipeline.local import cleanup, registry
from pipeline.local.ecs.runner.docker_engine import DockerEngine, TaskError
from pipeline.registry import connect
from tests.support.base_images import base
from tests.support.ports import free_port

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def client():
    return docker.from_env(timeout=600)


@pytest.fixture(scope="module")
def stack(client):
    name = f"t-registry-{uuid.uuid4().hex[:6]}"
    yield name
    cleanup.remove_containers(client, name)
    cleanup.remove_volumes(client, name)


@pytest.fixture(scope="module")
def port(client, stack):
    port = free_port()
    registry.ensure(client, stack, base("registry"), port)
    return port


@pytest.fixture
def pushed(client, port):
    """An image in the registry; its name by digest."""
    repository = f"127.0.0.1:{port}/t/app"
    client.images.get(base("busybox")).tag(repository, "1")
    client.images.push(repository, "1")
    digest = client.images.get_registry_data(f"{repository}:1").id
    yield f"{repository}@{digest}"
    cleanup.remove_images(client, [repository])


def test_registry_that_runs_is_adopted(client, stack, port):
    before = client.containers.get(f"tandem-{stack}-registry").id
    registry.ensure(client, stack, base("registry"), port)
    assert client.containers.get(f"tandem-{stack}-registry").id == before


def test_registry_listens_on_loopback_only(client, stack, port):
    bindings = client.containers.get(f"tandem-{stack}-registry").ports["5000/tcp"]
    assert bindings == [{"HostIp": "127.0.0.1", "HostPort": str(port)}]


def test_pulled_image_tells_its_digest_and_volumes(client, stack, pushed):
    image = DockerEngine(client, stack).pull(pushed)
    assert image.digest == pushed.partition("@")[2]


def test_image_gone_from_the_registry_cannot_be_pulled(client, stack, pushed, port):
    """Even if Docker still has the image: Fargate keeps no images."""
    engine = DockerEngine(client, stack)
    engine.pull(pushed)
    digest = pushed.partition("@")[2]
    gone = httpx.delete(f"http://127.0.0.1:{port}/v2/t/app/manifests/{digest}")
    assert gone.status_code == httpx.codes.ACCEPTED
    assert client.images.get(pushed)
    with pytest.raises(TaskError, match=r"CannotPullContainerError.*manifest unknown"):
        engine.pull(pushed)


def test_collecting_frees_what_no_manifest_needs_and_keeps_the_rest(client, stack, port, pushed):
    at = connect(f"127.0.0.1:{port}")
    other = client.containers.create(base("busybox"), labels={"io.tandem.stack": stack})
    other.put_archive("/", tar_of("large", os.urandom(3_000_000)))
    repository = f"127.0.0.1:{port}/t/other"
    other.commit(repository, "1")
    client.images.push(repository, "1")
    gone, kept = at.resolve("t/other", "1"), at.resolve("t/app", "1")
    cleanup.remove_images(client, [repository])
    at.delete(gone)
    freed = registry.collect_garbage(client, stack, port)
    assert 2_900_000 < freed < 4_000_000
    assert not at.exists(gone)
    cleanup.remove_images(client, [pushed])
    assert client.images.pull(pushed)
    assert at.exists(kept)
    # What was there before is no longer taken for there: it can be pushed again.
    other.commit(repository, "1")
    client.images.push(repository, "1")
    cleanup.remove_images(client, [repository])
    assert client.images.pull(repository, "1")
    cleanup.remove_images(client, [repository])


def test_an_image_that_a_container_runs_on_stays_in_docker(client, stack):
    name = f"{stack}/used:1"
    made = client.containers.create(base("busybox"), labels={"io.tandem.stack": stack})
    made.commit(f"{stack}/used", "1")
    container = client.containers.run(name, ["sleep", "60"], detach=True, labels={"io.tandem.stack": stack})
    assert cleanup.remove_unused_images(client, [name, f"{stack}/never:1"]) == 0
    container.remove(v=True, force=True)
    assert cleanup.remove_unused_images(client, [name]) == 1


def tar_of(name, data):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        head = tarfile.TarInfo(name)
        head.size = len(data)
        archive.addfile(head, io.BytesIO(data))
    return packed.getvalue()
