"""What the builder hands to Docker, without Docker."""

from types import SimpleNamespace

import pytest

from pipeline.core.values import Source
from pipeline.git import sources
from pipeline.images import builder, recorded_build
from pipeline.records.build_records import Records
from tests.images.test_contexts import project, with_files, with_source  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow


@pytest.fixture
def built(monkeypatch):
    """The builds in their order: tag, base, names of the context's files, and the stage."""
    calls = []

    def build(_client, context, _dockerfile, args, tag, target="", **_):
        calls.append((tag, args["BASE"], {path.name for path in context.iterdir()}, target))
        return SimpleNamespace(image_id=tag, cached=0, not_cached="")

    monkeypatch.setattr(builder, "build_image", build)
    digest = SimpleNamespace(short="1")
    monkeypatch.setattr(builder, "push_image", lambda *_: SimpleNamespace(digest=digest, host="host"))
    registry = SimpleNamespace(manifest=lambda _: SimpleNamespace(layers=()))
    monkeypatch.setattr(recorded_build, "connect", lambda _: registry)
    monkeypatch.setattr(builder, "_sent", lambda *_: 0)
    return calls


def monolith_of(at, folder):
    monolith_builder = builder.ImageBuilder(
        project=at,
        repositories={"monolith": "host/monolith"},
        bases={"nginx": "base:nginx"},
        client=None,
        stack="s",
        records=Records(folder / "records.sqlite"),
        scenario="cold",
    )
    heads = {source: sources.head(at, source) for source in (Source.APP, Source.STATIC)}
    monolith_builder.build("monolith", heads, None)


def test_the_monolith_of_an_own_dockerfile_stands_on_the_apps_image(project, tmp_path, built):  # noqa: F811
    monolith_of(with_source(project, Source.APP, dockerfile="nginx.conf"), tmp_path)
    (app, below, files, _), (tag, base, content, _) = built
    assert (app, below) == ("tandem-s/app:below-measured", "base:nginx")
    assert "html" in files
    assert (tag, base, content) == ("tandem-s/monolith:measured", app, {"content"})


def test_the_monolith_of_tandems_dockerfile_is_one_build(project, tmp_path, built):  # noqa: F811
    monolith_of(project, tmp_path)
    ((tag, base, files, _),) = built
    assert (tag, base, files) == ("tandem-s/monolith:measured", "base:nginx", {"app", "content"})


def test_the_monolith_stands_on_the_chosen_stage_of_the_app(project, tmp_path, built):  # noqa: F811
    project = with_files(
        project, Source.APP, tmp_path / "clone", Dockerfile="FROM x AS prod\nFROM x AS test\n"
    )
    monolith_of(with_source(project, Source.APP, target="prod"), tmp_path)
    assert [(tag, target) for tag, _, _, target in built] == [
        ("tandem-s/app:below-measured", "prod"),
        ("tandem-s/monolith:measured", ""),
    ]
