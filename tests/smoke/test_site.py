"""The site answers through the edge."""

import re

import pytest


@pytest.fixture(scope="session")
def page(site):
    return site.get("/")


@pytest.fixture(scope="session")
def asset(site, page):
    """The first asset that the page names."""
    path = re.search(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert path, "the page names no asset under /static/"
    return site.get(path[1])


def test_the_page_is_served(page):
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")


def test_the_page_may_not_be_sniffed_or_framed(page):
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "x-frame-options" in page.headers or "frame-ancestors" in page.headers["content-security-policy"]


def test_the_servers_version_is_not_told(page):
    assert not re.search(r"\d", page.headers.get("server", ""))


def test_the_page_is_asked_for_again_each_time(page):
    assert "immutable" not in page.headers.get("cache-control", "")


def test_an_asset_is_served(asset):
    assert asset.status_code == 200
    assert asset.content


def test_an_asset_that_did_not_change_is_not_sent_again(site, asset):
    again = site.get(asset.url.path, headers={"If-None-Match": asset.headers["etag"]})
    assert again.status_code == 304


def test_the_api_is_healthy(site):
    answer = site.get("/api/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


def test_an_unknown_path_is_a_404(site):
    assert site.get("/static/no-such-file").status_code == 404
    assert site.get("/api/no-such-path").status_code == 404
