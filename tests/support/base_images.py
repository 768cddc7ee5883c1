"""Base images for tests, from the project's own cache; their tags go when the tests end."""

import atexit
import os
import uuid
from contextlib import contextmanager
from functools import cache, partial

import docker
from docker.errors import APIError, DockerException

from pipeline.core.paths import ROOT
from pipeline.core.settings import load
from pipeline.images.bases.provide import Bases
from pipeline.local import registry
from tests.support.ports import free_port
from tests.support.waiting import until

STACK = f"imgtest-{os.getpid()}"


@cache
def base(name):
    """Local tag of one base image."""
    tag = Bases.ensure(load(ROOT), STACK, lambda _: None, names=[name])[name]
    atexit.register(_untag, tag)
    return tag


@contextmanager
def running_registry(client):
    """Host and container of a registry of a test's own."""
    port = free_port()  # a port that Docker chose would change with a restart
    name = f"imgtest-{uuid.uuid4().hex[:8]}"
    ports = {"5000/tcp": ("127.0.0.1", port)}
    container = client.containers.run(base("registry"), detach=True, name=name, ports=ports)
    try:
        # Docker's own push gives up on a registry that is still starting, and raises nothing.
        until(partial(registry.answers, port), what=f"the registry on {port} answers")
        yield f"127.0.0.1:{port}", container
    finally:
        container.remove(force=True, v=True)


def _untag(tag):
    try:
        client = docker.from_env()
    except DockerException:
        return  # the engine is down, and nothing runs on it
    try:
        client.images.remove(tag)
    except APIError:
        return  # something still runs on it
    finally:
        client.close()
