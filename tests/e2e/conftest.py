"""The stack that these tests, and the faults', share."""

import docker
import pytest

from pipeline.local import dockerd
from tests.e2e.stack import LocalStack, make_project


@pytest.fixture(scope="session")
def local(tmp_path_factory):
    """A stack that is up; afterwards it is down, and Docker has nothing of it."""
    stack = LocalStack(make_project(tmp_path_factory.mktemp("project")))
    try:
        stack.up = stack.tandem("up")
        yield stack
    finally:
        stack.tandem("down")
        dockerd.ensure()  # `down` stops a Docker Engine that `up` or a test has started
    assert leftovers(stack) == []


def leftovers(local):
    """What Docker still has of the stack."""
    client = docker.from_env()
    label = {"label": f"io.tandem.stack={local.stack.id}"}
    tags = [tag for image in client.api.images() for tag in image["RepoTags"] or ()]
    return [
        *client.containers.list(all=True, ignore_removed=True, filters=label),
        *client.volumes.list(filters=label),
        *client.networks.list(filters=label),
        *(tag for tag in tags if local.stack.id in tag),
    ]
