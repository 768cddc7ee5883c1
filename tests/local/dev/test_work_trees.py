"""Changes of work trees reach the site: content at once, app and API by builds. Docker is played."""

import threading

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.core.values import Source
from pipeline.local.dev.container_configs import Mounted, VolumeOf
from pipeline.local.dev.origins import Origins
from pipeline.local.dev.work_trees import changed_sources, serve_api
from tests.local.dev.played_site import Place
from tests.support.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path):
    place = Place(tmp_path)
    yield place
    place.following.close()


def test_at_first_everything_is_shown_and_built_once(place):
    place.refresh()
    assert place.served == {"index.html": "one"}
    assert sorted(place.builds) == ["dev-api:work-tree", "dev-app:work-tree"]
    assert [content for _, content in place.site.apps] == [Mounted(place.folder / "dev" / "content")]
    assert len(place.site.apis) == 1


def test_the_chosen_stages_are_built(tmp_path):
    place = Place(tmp_path, target="prod")
    for source in (Source.APP, Source.API):
        place.write(source, "Dockerfile", "FROM scratch AS prod\nFROM scratch AS test\n")
    place.refresh()
    assert [build["target"] for build in place.session.client.builds] == ["prod", "prod"]
    place.following.close()


def test_a_change_of_the_content_builds_nothing(place):
    place.refresh()
    place.write(Source.STATIC, "index.html", "two")
    place.refresh(Source.STATIC)
    assert place.served == {"index.html": "two"}
    assert (len(place.builds), len(place.site.apps)) == (2, 1)


@pytest.mark.parametrize("source", [Source.APP, Source.API])
def test_a_change_builds_what_it_changes(place, source):
    place.refresh()
    place.write(source, "new", "two")
    place.refresh(source)
    assert place.builds[2:] == [f"dev-{source}:work-tree"]
    assert (len(place.site.apps), len(place.site.apis)) == ((2, 1) if source is Source.APP else (1, 2))


def test_what_leaves_the_files_as_they_are_builds_nothing(place):
    place.refresh()
    place.write(Source.APP, "page.html", "one")
    place.write(Source.APP, ".env", "SECRET=1")
    place.refresh()
    assert len(place.builds) == 2


@pytest.mark.parametrize("fault", ["build", "start"])
def test_what_does_not_work_is_shown_and_the_next_change_tries_again(place, capsys, fault):
    place.refresh()
    if fault == "build":
        place.write(Source.APP, "Dockerfile", "RUN false\n")
    else:
        place.site.refused.add("app")
        place.write(Source.APP, "page.html", "broken")
    place.refresh(Source.APP)
    assert len(place.site.apps) == 1
    shown = capsys.readouterr().err
    assert ("cannot build dev-app" if fault == "build" else "does not become healthy") in shown
    place.site.refused.clear()
    place.write(Source.APP, "Dockerfile", "FROM scratch\n# repaired\n")
    place.refresh(Source.APP)
    assert len(place.site.apps) == 2


def test_an_app_that_waits_for_content_starts_with_it(place, capsys):
    (place.folder / "static" / "index.html").unlink()
    place.site.refused.add("app")
    place.refresh()
    assert f"static: there is no file in work tree {place.folder / 'static'}" in capsys.readouterr().err
    place.site.refused.clear()
    place.write(Source.STATIC, "index.html", "one")
    place.refresh(Source.STATIC)
    assert (len(place.site.apps), place.builds.count("dev-app:work-tree")) == (1, 1)


def test_the_api_alone_needs_no_other_source(tmp_path):
    place = Place(tmp_path, served=(Source.API,))
    assert (place.origins.served, place.origins.trees.keys()) == ([Source.API], {Source.API})
    place.following.refresh(place.origins.served)
    place.following.wait(Source.API)
    place.write(Source.API, "main.py", "handler = 1\n")
    place.refresh(Source.API)
    assert place.builds == ["dev-api:work-tree"] * 2
    assert (place.site.apps, len(place.site.apis), place.served) == ([], 2, {})
    place.following.close()


def test_a_project_without_an_api_has_none_to_serve(place):
    settings = place.session.project.settings
    without = settings.model_copy(update={"api": settings.api.model_copy(update={"enabled": False})})
    with pytest.raises(TandemError, match="this project has no API"):
        serve_api(Project(place.folder, without), None, 0, print)


def test_content_that_a_dockerfile_builds_is_built_and_gets_a_new_container(tmp_path):
    place = Place(tmp_path, builder="docker")
    place.refresh()
    first = place.site.apps[0]
    assert isinstance(first[1], VolumeOf)
    place.write(Source.STATIC, "index.html", "two")
    place.refresh(Source.STATIC)
    assert place.builds.count("dev-static:work-tree") == 2
    assert place.builds.count("dev-app:work-tree") == 1
    second = place.site.apps[1]
    assert (second[0], second[1] != first[1]) == (first[0], True)
    place.following.close()


def test_the_app_is_waited_for_without_the_api(place):
    goes_on = threading.Event()
    place.site.use_api = lambda _: goes_on.wait(30)
    place.following.refresh(tuple(Source))
    place.following.wait(Source.APP)
    assert place.site.has_app
    goes_on.set()
    place.following.wait()


@pytest.mark.slow
def test_an_unexpected_error_of_a_build_is_not_lost(place):
    place.refresh()
    place.session.client.build = None
    place.write(Source.APP, "page.html", "two")
    with pytest.raises(TypeError):
        place.refresh(Source.APP)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "sources"),
    [
        ("app/page.html", {Source.APP}),
        ("static/news/deep/new.html", {Source.STATIC}),
        ("api/.git/index", set()),
        (".tandem/site.dev/content/x", set()),
    ],
)
def test_a_change_names_its_source(place, changed, sources):
    for name in ("api/.git", "static/news/deep", ".tandem/site.dev/content"):
        (place.folder / name).mkdir(parents=True)
    whole = Origins(place.origins.project, place.origins.trees, {})
    seen, changes = [], changed_sources(whole, place.folder / ".tandem")
    assert next(changes) == set()  # it watches

    def follow():
        seen.append(next(changes))

    follower = threading.Thread(target=follow, daemon=True)
    follower.start()
    (place.folder / changed).write_text("changed")
    until(lambda: seen)
    assert seen == [sources]
    follower.join()
