"""A real Docker Engine and a real registry: the image of a release is that of the chosen stage."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import docker
import pytest
from docker.errors import ImageNotFound

from pipeline.core.errors import TandemError
from pipeline.core.values import ImageRef, Source
from tests.support.base_images import base, running_registry
from tests.support.containers import output
from tests.support.shop import Shop

pytestmark = pytest.mark.docker

STAGES = """ARG BASE
FROM ${BASE} AS prod
COPY nginx.conf /made/prod
FROM prod AS test
COPY nginx.conf /made/test
"""
_NAME = "tandem-buildertest/app:released"


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    docker_client = docker.from_env(timeout=120)
    yield docker_client
    with suppress(ImageNotFound):
        docker_client.images.remove(_NAME)
    docker_client.close()


def app(shop: Shop, client: docker.DockerClient) -> ImageRef:
    bases = dict.fromkeys(("nginx", "busybox", "python"), base("busybox"))
    return replace(shop.builder, client=client, bases=bases).image("app", shop.heads, None)


def test_the_chosen_stage_is_released_and_an_unknown_one_is_refused_before_the_build(
    client: docker.DockerClient, tmp_path: Path
) -> None:
    with running_registry(client) as (host, _):
        shop = Shop(tmp_path, host)
        shop.push(Source.APP, {"Dockerfile": STAGES})
        shop.with_source(Source.APP, target="stage")
        with pytest.raises(TandemError, match=r"has no stage 'stage' .*: its stages are prod, test"):
            app(shop, client)
        with pytest.raises(ImageNotFound):
            client.images.get(_NAME)
        images = {}
        for target, made_of in (("", "prod test"), ("prod", "prod"), ("Test", "prod test")):
            shop.with_source(Source.APP, target=target)
            images[target] = app(shop, client)
            assert output(client, _NAME, ["sh", "-c", "cd /made; echo *"]).decode().strip() == made_of
        shop.with_source(Source.APP, target="prod")
        assert app(shop, client) == images["prod"] != images[""], "it was built before"
