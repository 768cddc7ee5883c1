"""Commits become pushed images; equal inputs are built once. Docker is played, the registry is real."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.timeline import recording
from pipeline.core.values import Layout, Source
from pipeline.images.bases.provide import IMAGE_BASES
from pipeline.images.builder import BASE_OF
from pipeline.registry import connect
from tests.images.static.flatten import files
from tests.registry.conftest import host
from tests.support.repositories import commit
from tests.support.shop import FILES, Shop

pytestmark = pytest.mark.starts  # git, and a registry

__all__ = ["host"]


@pytest.fixture
def shop(tmp_path: Path, host: str) -> Shop:
    return Shop(tmp_path, host)


def test_a_release_has_an_image_of_each_source(shop: Shop) -> None:
    images = shop.build()
    assert sorted(images) == ["api", "app", "static"]
    assert all(image.repository == shop.repositories[name] for name, image in images.items())
    assert all(connect(image.host).exists(image) for image in images.values())
    assert {build["tag"] for build in shop.docker.builds} == {
        "tandem-buildertest/app:released",
        "tandem-buildertest/api:released",
    }
    assert {"index.html", "logo.svg"} <= files(images["static"]).keys()
    assert shop.recorded == ["api", "app", "static"]


def test_the_same_commits_are_neither_built_nor_sent_again(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    first = shop.build()
    shop.docker.builds.clear()
    assert shop.build(first) == first
    assert shop.docker.builds == []
    assert shop.recorded == ["api", "app", "static"], "nothing was built, so nothing is recorded"
    output = capsys.readouterr().err
    for name in ("app", "api", "static"):
        assert f"   {name}: unchanged, {first[name].digest.short}" in output


@pytest.mark.slow
def test_each_image_is_a_part_of_the_run_with_its_steps_in_it(shop: Shop) -> None:
    """Images are built in threads, which know nothing of the run by themselves."""
    with recording() as run:
        shop.build()
    parts = {(part.name, part.depth) for part in run.spans}
    assert {("app", 0), ("static", 0), ("api", 0)} < parts
    assert {("build app", 1), ("push app", 1), ("build static", 1), ("build api", 1)} < parts


@pytest.mark.slow
def test_each_build_is_recorded_with_what_caused_the_release(shop: Shop) -> None:
    """Images are built in threads, which know nothing of the run by themselves."""
    with recording(why="push to app 0123456789..abcdef0123"):
        shop.build()
    assert {(record.image, record.trigger) for record in shop.records.all()} == {
        (name, "push to app 0123456789..abcdef0123") for name in ("app", "static", "api")
    }


@pytest.mark.slow
def test_a_build_is_recorded_with_the_bytes_that_it_read_and_wrote(shop: Shop) -> None:
    content = random.Random(1).randbytes(2_000_000)  # noqa: S311 - reproducible
    (shop.folder / "static" / "big.bin").write_bytes(content)
    commit(shop.folder / "static", "Add a file")
    shop.build()
    (record,) = [record for record in shop.records.all() if record.image == "static"]
    assert record.bytes_read is not None
    assert record.bytes_read >= len(content)
    assert record.bytes_written is not None
    assert record.bytes_written > 0


@pytest.mark.slow
def test_a_build_of_a_comparison_is_recorded_with_the_bytes_that_changed(shop: Shop) -> None:
    shop.build()
    replace(shop.builder, bytes_changed=7).build("app", shop.heads, None)
    *released, measured = [each.bytes_changed for each in shop.records.all()]
    assert (set(released), measured) == ({None}, 7)


def test_only_the_source_that_changed_is_built(shop: Shop) -> None:
    first = shop.build()
    shop.docker.builds.clear()
    shop.push(Source.APP, {"nginx.conf": "events { worker_connections 9; }\n"})
    second = shop.build(first)
    assert [build["tag"] for build in shop.docker.builds] == ["tandem-buildertest/app:released"]
    assert second["app"] != first["app"]
    assert (second["api"], second["static"]) == (first["api"], first["static"])


@pytest.mark.slow
def test_another_stage_of_the_dockerfile_is_another_image(shop: Shop) -> None:
    shop.push(Source.APP, {"Dockerfile": "FROM scratch AS prod\nFROM scratch AS test\n"})
    first = shop.build()
    shop.docker.builds.clear()
    shop.with_source(Source.APP, target="prod")
    second = shop.build(first)
    assert [(build["tag"], build["target"]) for build in shop.docker.builds] == [
        ("tandem-buildertest/app:released", "prod")
    ]
    shop.docker.builds.clear()
    assert shop.build(second) == second
    shop.with_source(Source.APP, target="")
    assert shop.build(second) == first
    assert shop.docker.builds == []


def test_a_change_of_content_sends_one_small_layer_on_top(shop: Shop) -> None:
    first = shop.build()
    shop.push(Source.STATIC, {"index.html": "<h1>catalogue</h1>\n"})
    second = shop.build(first)
    registry = connect(second["static"].host)
    before, after = (
        {layer.digest for layer in registry.manifest(images["static"]).layers} for images in (first, second)
    )
    assert before < after
    assert len(after - before) == 1
    assert files(second["static"])["index.html"] == b"<h1>catalogue</h1>\n"
    assert files(second["static"])["logo.svg"] == files(first["static"])["logo.svg"]
    assert shop.recorded.count("static") == 2


@pytest.mark.slow
def test_an_earlier_commit_gets_its_earlier_image(shop: Shop) -> None:
    """A revert, or a build that was killed after its push, finds the image by its inputs."""
    first = shop.build()
    shop.push(Source.APP, {"nginx.conf": "events { worker_connections 9; }\n"})
    second = shop.build(first)
    shop.push(Source.APP, FILES[Source.APP])
    shop.docker.builds.clear()
    assert shop.build(second)["app"] == first["app"]
    assert shop.docker.builds == []


@pytest.mark.slow
def test_a_build_records_its_steps_and_the_bytes_that_are_new(shop: Shop) -> None:
    image = shop.build()["app"]
    (record,) = [record for record in shop.records.all() if record.image == "app"]
    assert [step.name for step in record.steps] == ["checkout", "build", "push"]
    assert record.commits == {"app": shop.heads[Source.APP].id}
    assert record.digest == str(image.digest)
    assert record.bytes_sent == sum(layer.size for layer in connect(image.host).manifest(image).layers)
    assert (record.is_built, record.image_bytes, record.layers) == (True, record.bytes_sent, 1)
    assert record.cached_steps == 0
    assert record.machine_load is not None
    assert set(record.tools) >= {"python", "git"}
    again = shop.builder.build("app", shop.heads, image)
    assert again == image
    assert [record.bytes_sent for record in shop.records.all() if record.image == "app"][-1] == 0


def test_a_measured_build_uses_another_tag_and_is_recorded_with_its_scenario(shop: Shop) -> None:
    measured = replace(shop.builder, scenario="cold", run="r1", cache=False, platform="linux/arm64")
    measured.build("app", shop.heads, None)
    (build,) = shop.docker.builds
    assert build["tag"] == "tandem-buildertest/app:measured"
    assert (build["nocache"], build["platform"]) == (True, "linux/arm64")
    (record,) = shop.records.all()
    assert (record.scenario, record.run, record.cache) == ("cold", "r1", "cold")


def test_the_fused_layout_joins_app_and_content(shop: Shop) -> None:
    shop.with_task(layout=Layout.FUSED)
    images = shop.build()
    assert sorted(images) == ["api", "app", "site", "static"]
    site = connect(images["site"].host).manifest(images["site"])
    app = connect(images["app"].host).manifest(images["app"])
    assert site.layers[-1].digest == app.layers[-1].digest
    assert files(images["site"]) == files(images["static"])
    assert shop.build(images) == images


@pytest.mark.slow
def test_the_monolith_has_app_and_content(shop: Shop) -> None:
    shop.with_task(layout=Layout.MONOLITH)
    images = shop.build()
    assert sorted(images) == ["api", "monolith"]
    (record,) = [record for record in shop.records.all() if record.image == "monolith"]
    assert sorted(record.commits) == ["app", "static"]


@pytest.mark.slow
def test_the_static_image_may_be_built_with_docker_as_well(shop: Shop) -> None:
    static = shop.settings.static.model_copy(update={"builder": "docker"})
    shop.settings = shop.settings.model_copy(update={"static": static})
    images = shop.build()
    assert "tandem-buildertest/static:released" in {build["tag"] for build in shop.docker.builds}
    assert images["static"].repository == shop.repositories["static"]


def test_each_image_has_its_base_among_those_that_a_release_provides() -> None:
    assert set(BASE_OF.values()) == set(IMAGE_BASES)
