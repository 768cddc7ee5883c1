"""A build that fails or is killed leaves no image, and the next one builds the rest."""

import threading
from pathlib import Path
from typing import Any

import pytest

from pipeline.core import console, fault_points
from pipeline.core.errors import TandemError
from pipeline.core.values import Digest, ImageRef, Source
from pipeline.images.builder import ImageBuilder
from pipeline.registry import connect
from tests.registry.conftest import host
from tests.support.shop import Shop

pytestmark = pytest.mark.starts  # git, and a registry

__all__ = ["host"]


@pytest.fixture
def shop(tmp_path: Path, host: str) -> Shop:
    return Shop(tmp_path, host)


def test_a_failing_build_names_its_step_and_leaves_no_image(shop: Shop) -> None:
    shop.push(Source.APP, {"Dockerfile": "FROM scratch\nRUN false\n"})
    with pytest.raises(TandemError, match=r"cannot build tandem-buildertest/app:released: step 1/1 RUN make"):
        shop.build()
    assert (
        connect(shop.repositories["app"].partition("/")[0]).tags(shop.repositories["app"].partition("/")[2])
        == ()
    )
    assert "app" not in shop.recorded
    (record,) = [record for record in shop.records.all() if record.image == "app"]
    assert record.outcome.startswith("cannot build tandem-buildertest/app:released")
    assert [step.name for step in record.steps] == ["checkout", "build"]
    assert (record.digest, record.bytes_sent) == ("", None)


@pytest.mark.slow
def test_a_failing_build_is_reported_while_another_image_is_made(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported = threading.Event()
    make_static = ImageBuilder._layered

    def info(text: str, style: str = "") -> None:
        del style
        if text.startswith("   app: cannot build tandem-buildertest/app:released: step 1/1 RUN make failed"):
            assert "\n" not in text
            reported.set()

    def make_late(builder: ImageBuilder, *arguments: Any) -> ImageRef:
        assert reported.wait(10), "the failed build is not reported before the other has ended"
        return make_static(builder, *arguments)

    monkeypatch.setattr(console, "info", info)
    monkeypatch.setattr(ImageBuilder, "_layered", make_late)
    shop.push(Source.APP, {"Dockerfile": "FROM scratch\nRUN false\n"})
    with pytest.raises(TandemError):
        shop.build()


@pytest.mark.slow
def test_after_a_failing_build_only_the_rest_is_built(shop: Shop) -> None:
    shop.push(Source.APP, {"Dockerfile": "FROM scratch\nRUN false\n"})
    with pytest.raises(TandemError):
        shop.build()
    shop.docker.builds.clear()
    shop.push(Source.APP, {"Dockerfile": "FROM scratch\n"})
    assert sorted(shop.build()) == ["api", "app", "static"]
    assert [build["tag"] for build in shop.docker.builds] == ["tandem-buildertest/app:released"]


def test_a_current_image_that_the_registry_has_lost_is_not_built_upon(shop: Shop) -> None:
    lost_image = ImageRef(shop.repositories["static"], Digest("sha256:" + "0" * 64))
    elsewhere = ImageRef("127.0.0.1:1/old/app", lost_image.digest)
    images = shop.build({"static": lost_image, "app": elsewhere})
    assert images == shop.build()


def test_a_killed_push_leaves_no_tag_so_the_image_is_built_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def strike(name: str, side: str) -> None:
        if (name, side) == ("push app", "after"):
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(fault_points, "strike", strike)
        with pytest.raises(Killed):
            shop.builder.image("app", shop.heads, None)
    shop.docker.builds.clear()
    shop.builder.image("app", shop.heads, None)
    assert len(shop.docker.builds) == 1
