"""A repository is known by host and path, however it is spelled, and no other one is taken for it."""

import pytest

from pipeline.core.values import Source
from pipeline.git.place import place_of
from pipeline.triggers.webhook.services import RefusedError, moved_sources
from tests.triggers.webhook.signed import URLS, project_with, read


@pytest.mark.parametrize("service", URLS)
def test_an_unknown_repository_is_refused(service, tmp_path):
    project = project_with(tmp_path, app=URLS[service].replace("site", "site2"), static="/srv/git/site.git")
    with pytest.raises(RefusedError, match="you/site is no source's") as caught:
        moved_sources(project, read(service).push)
    assert caught.value.status == 404


def test_a_refusal_names_the_repository_without_its_credentials(tmp_path):
    """A renamed repository, or one that tandem.toml spells otherwise, is found by this line."""
    url = "https://alice:a-secret-word@github.com/you/\x1b[2J-new?key=a-secret"

    def renamed(body):
        body["repository"] = {"clone_url": url}

    with pytest.raises(RefusedError) as caught:
        moved_sources(project_with(tmp_path, app=URLS["GitHub"]), read("GitHub", renamed).push)
    assert caught.value.why == "its repository github.com/you/?[2j-new is no source's"

    with pytest.raises(RefusedError, match="its repository has no URL"):
        moved_sources(project_with(tmp_path), read("GitHub", lambda body: body.update(repository={})).push)


@pytest.mark.parametrize(
    "url",
    [
        "https://gitlab.example/corp/you/site.git",
        "https://gitlab.example/you/site/other.git",
        "git@gitlab.example:corp/you/site.git",
        "https://bitbucket.example/scm/~you/site.git",
        "https://bitbucket.example/scm/not-you/site.git",
    ],
)
def test_a_repository_without_a_url_is_known_by_its_whole_path(url, tmp_path):
    """Bitbucket Data Center names project and repository only: a longer path is another repository."""
    with pytest.raises(RefusedError, match="no source's"):
        moved_sources(project_with(tmp_path, app=url), read("BitbucketServer").push)


@pytest.mark.parametrize(
    "url",
    [
        "https://bitbucket.example/scm/you/site.git",
        "https://bitbucket.example/context/scm/YOU/site",
        "ssh://git@bitbucket.example:7999/you/site.git",
        "git@bitbucket.example:YOU/Site.git",
    ],
)
def test_bitbuckets_own_addresses_are_known_by_their_path(url, tmp_path):
    assert moved_sources(project_with(tmp_path, app=url), read("BitbucketServer").push)


def test_two_sources_of_one_repository_both_move(tmp_path):
    project = project_with(tmp_path, app=URLS["GitHub"], static="https://github.com/You/Site")
    assert set(moved_sources(project, read("GitHub").push)) == {Source.APP, Source.STATIC}


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://github.com/you/site.git", "github.com/you/site"),
        ("https://user:word@GitHub.com/You/Site/", "github.com/you/site"),
        ("git@github.com:you/site.git", "github.com/you/site"),
        ("ssh://git@git.example:2222/you/site.git", "git.example/you/site"),
        ("http://git.example:3000/a/b/c", "git.example/a/b/c"),
        ("ssh://git@[::1]:22/you/site", "[::1]/you/site"),
        ("https://gitea.example/you/b%C3%BCro.git", "gitea.example/you/büro"),
        ("https://gitea.example/you/cafe\u0301.git", "gitea.example/you/café"),
        ("https://gitea.example/you/BÜRO", "gitea.example/you/büro"),
        ("https://github.com./you/site", "github.com/you/site"),
        ("https://github.com/you/site.git/", "github.com/you/site"),
        ("https://github.com/you/site.GIT", "github.com/you/site"),
        ("https://github.com:443//you/site", "github.com/you/site"),
        ("git://github.com/you/site.git", "github.com/you/site"),
        ("git@github.com:/you/site.git", "github.com/you/site"),
        ("https://github.com/you/site?key=word#top", "github.com/you/site"),
        ("https://github.com/you/site%3Fkey", "github.com/you/site?key"),
        ("https://github.com/you/site%ff", "github.com/you/site\ufffd"),
        ("", ""),
        ("site", ""),
    ],
)
def test_a_repository_has_one_place_however_it_is_named(url, place):
    assert place_of(url) == place
