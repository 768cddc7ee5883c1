"""What a build would replace is known before it: the registry is asked, and nothing is built. It is real."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import ImageRef, Layout, Source
from pipeline.images.lookup import images_of_other_inputs
from tests.registry.conftest import host
from tests.support.shop import Shop

pytestmark = pytest.mark.slow

__all__ = ["host"]

OTHER = "FROM scratch AS prod\nFROM scratch AS test\n"


@pytest.fixture
def shop(tmp_path: Path, host: str) -> Shop:
    new_shop = Shop(tmp_path, host)
    new_shop.push(Source.APP, {"Dockerfile": OTHER})
    return new_shop


def others(shop: Shop, current: Mapping[str, ImageRef], **bases: str) -> list[str]:
    all_bases = {**shop.builder.bases, **bases}
    return sorted(images_of_other_inputs(shop.project, shop.repositories, all_bases, shop.heads, current))


def test_what_was_built_of_the_same_inputs_stays(shop: Shop) -> None:
    assert others(shop, shop.build()) == []


def test_another_stage_is_another_image_until_it_is_built(shop: Shop) -> None:
    first = shop.build()
    shop.with_source(Source.APP, target="prod")
    assert others(shop, first) == ["app"]
    assert others(shop, shop.build(first)) == []


def test_an_image_that_is_there_but_is_not_the_current_one_is_another(shop: Shop) -> None:
    first = shop.build()
    shop.push(Source.APP, {"nginx.conf": "events { worker_connections 9; }\n"})
    second = shop.build(first)
    assert (others(shop, first), others(shop, second)) == (["app"], [])


def test_other_settings_bases_and_commits_are_other_inputs(shop: Shop) -> None:
    first = shop.build()
    assert others(shop, first, python="base/python:2") == ["api"]
    shop.with_task(port=9090)
    assert others(shop, first) == ["api", "app"]
    shop.with_task(port=8080)
    shop.push(Source.API, {"main.py": "handler = 1\n"})
    assert others(shop, first) == ["api"]


def test_nothing_is_said_of_images_whose_base_is_not_known(shop: Shop) -> None:
    first = shop.build()
    shop.with_task(port=9090)
    names = images_of_other_inputs(
        shop.project, shop.repositories, {"python": "base/python"}, shop.heads, first
    )
    assert [*names] == ["api"]


def test_images_that_the_current_release_does_not_have_are_no_others(shop: Shop) -> None:
    first = shop.build()
    shop.with_task(layout=Layout.MONOLITH)
    assert others(shop, first) == []


def test_content_counts_where_docker_builds_it(shop: Shop) -> None:
    first = shop.build()
    static = shop.settings.static.model_copy(update={"builder": "docker"})
    shop.settings = shop.settings.model_copy(update={"static": static})
    assert others(shop, first) == ["static"]


def test_a_registry_that_does_not_answer_is_an_error_in_a_moment(shop: Shop) -> None:
    first = shop.build()
    shop.repositories |= {"app": "127.0.0.1:9/app"}
    began = time.monotonic()
    with pytest.raises(TandemError, match=r"127\.0\.0\.1:9/.* failed after 1 attempts"):
        others(shop, first)
    assert time.monotonic() - began < 5
