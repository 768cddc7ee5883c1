import docker
import pytest

from pipeline.local import dockerd
from tests.e2e.stack import LocalStack, make_project


@pytest.fixture(scope="session")
def local(tmp_path_factory):
    """A stack that is up; gone without a trace afterwards."""
    made = LocalStack(make_project(tmp_path_factory.mktemp("project")))
    try:
        made.said = made.tandem("up")
        yield made
    finally:
        made.tandem("down")
        dockerd.ensure()  # `down` stops what `up` or a test has started
    assert traces(made) == []


def traces(local):
    """What Docker still has of the stack."""
    client = docker.from_env()
    label = {"label": f"io.tandem.stack={local.stack.id}"}
    images = [tag for image in client.images.list() for tag in image.tags if local.stack.id in tag]
    return [
        *client.containers.list(all=True, filters=label),
        *client.volumes.list(filters=label),
        *client.networks.list(filters=label),
        *images,
    ]
