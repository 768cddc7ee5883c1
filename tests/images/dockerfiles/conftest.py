"""The four images, built from the examples."""

import shutil
import uuid
from contextlib import contextmanager

import docker
import pytest

from pipeline.core.paths import ROOT
from pipeline.core.settings import Project, load
from pipeline.core.values import Source
from pipeline.git import sources
from pipeline.images import contexts
from pipeline.images.docker import build_image
from pipeline.local.examples.repositories import make_examples
from tests.support.base_images import STACK, base


@pytest.fixture(scope="session")
def client():
    docker_client = docker.from_env(timeout=120)
    yield docker_client
    docker_client.close()


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """The examples, with little bulk."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "examples", root / "examples")
    settings = load(ROOT).settings
    local = settings.local.model_copy(update={"bulk": 5_000_000})
    return make_examples(Project(root, settings.model_copy(update={"local": local})))


@contextmanager
def image_of(client, context, name):
    # A module that imports a fixture gets an image of its own.
    tag = f"tandem-{STACK}/{name}:{uuid.uuid4().hex[:8]}"
    build_image(client, context.folder, context.dockerfile, context.args, tag, progress=lambda _: None)
    try:
        yield tag
    finally:
        client.images.remove(tag, force=True)


@pytest.fixture(scope="session")
def heads(project):
    return {source: sources.head(project, source) for source in Source}


@pytest.fixture(scope="session")
def app_image(client, project, heads, tmp_path_factory):
    work = tmp_path_factory.mktemp("app") / "work"
    with image_of(client, contexts.app(project, heads[Source.APP], base("nginx"), work), "app") as tag:
        yield tag


@pytest.fixture(scope="session")
def static_image(client, project, heads, tmp_path_factory):
    work = tmp_path_factory.mktemp("static") / "work"
    context = contexts.static(project, heads[Source.STATIC], base("busybox"), work)
    with image_of(client, context, "static") as tag:
        yield tag


@pytest.fixture(scope="session")
def monolith_image(client, project, heads, tmp_path_factory):
    work = tmp_path_factory.mktemp("monolith") / "work"
    context = contexts.monolith(project, heads[Source.APP], heads[Source.STATIC], base("nginx"), work)
    with image_of(client, context, "monolith") as tag:
        yield tag


@pytest.fixture(scope="session")
def api_image(client, project, heads, tmp_path_factory):
    work = tmp_path_factory.mktemp("api") / "work"
    context = contexts.api(project, heads[Source.API], base("python"), work, client)
    with image_of(client, context, "api") as tag:
        yield tag
