"""A dev site reads work trees where there are some, and heads elsewhere."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import Project, load
from pipeline.core.values import Source
from pipeline.local.dev.origins import Origins, default_folders
from tests.support.repositories import make_origin, run

pytestmark = pytest.mark.slow


def project(folder, **sources):
    """A project without an API whose sources have these settings."""
    settings = load(ROOT).settings
    changed = {
        name: settings.sources[Source(name)].model_copy(update=update) for name, update in sources.items()
    }
    return Project(
        folder,
        settings.model_copy(
            update={
                "sources": settings.sources.model_copy(update=changed),
                "api": settings.api.model_copy(update={"enabled": False}),
            }
        ),
    )


def files(origins, source):
    store, tree = origins.tree(origins.commit(source))
    return set(store.files(tree))


@pytest.fixture
def repository(tmp_path):
    return make_origin(tmp_path / "site")


def test_a_folder_in_the_settings_is_a_work_tree(tmp_path, repository):
    (repository / "new.html").write_text("new")
    mine = project(tmp_path, app={"repository": "site"}, static={"repository": "site", "path": "web"})
    assert default_folders(mine) == {Source.APP: repository, Source.STATIC: repository}
    origins = Origins.open(mine, {}, tmp_path / "places")
    assert "new.html" in files(origins, Source.APP)
    assert files(origins, Source.STATIC) == {"page.html", "link"}
    assert origins.title(Source.STATIC) == f"work tree {repository}"


def test_a_bare_repository_gives_its_head(tmp_path, repository):
    run("clone", "-q", "--bare", str(repository), str(tmp_path / "bare.git"), cwd=tmp_path)
    mine = project(tmp_path, app={"repository": "bare.git"}, static={"repository": "bare.git"})
    (repository / "new.html").write_text("new")
    origins = Origins.open(mine, {Source.APP: repository}, tmp_path / "places")
    assert "new.html" in files(origins, Source.APP)
    assert "new.html" not in files(origins, Source.STATIC)
    assert origins.title(Source.STATIC).startswith(f"commit {run('rev-parse', 'HEAD', cwd=repository)[:10]}")


def test_a_url_gives_its_head(tmp_path, repository):
    mine = project(tmp_path, app={"repository": f"file://{repository}"}, static={"repository": "site"})
    origins = Origins.open(mine, {}, tmp_path / "places")
    assert "run.sh" in files(origins, Source.APP)


def test_without_an_api_it_needs_none(tmp_path, repository):
    mine = project(tmp_path, app={"repository": "site"}, static={"repository": "site"})
    origins = Origins.open(mine, {Source.API: repository}, tmp_path / "places")
    assert set(origins.trees) == {Source.APP, Source.STATIC}


@pytest.mark.parametrize("name", ["missing", "file", "bare.git"])
def test_no_work_tree_is_named_before_anything_starts(tmp_path, repository, name):
    (tmp_path / "file").write_text("")
    run("clone", "-q", "--bare", str(repository), str(tmp_path / "bare.git"), cwd=tmp_path)
    mine = project(tmp_path, app={"repository": "site"}, static={"repository": "site"})
    with pytest.raises(TandemError, match=f"source app has no work tree .*{name}"):
        Origins.open(mine, {Source.APP: tmp_path / name}, tmp_path / "places")
