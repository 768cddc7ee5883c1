"""The site answers through the load balancer, whatever project it is."""

import re

import httpx
import pytest

from tests.smoke.page_assets import assets

_SERVER_ERROR, _ERROR = 500, 400


@pytest.fixture(scope="session")
def page(site):
    return site.get("/")


@pytest.fixture(scope="session")
def asset(site, page):
    """The first file of this site that a browser loads with the page."""
    path = next(assets(page.text, str(page.url)), None)
    if path is None:
        pytest.skip("the page loads no file of this site")
    return site.get(path)


def test_the_health_path_answers(site, health_path):
    answer = site.get(health_path)
    assert answer.status_code < _ERROR, f"{health_path} answers {answer.status_code}"


def test_the_page_is_served(page):
    assert page.status_code < _SERVER_ERROR


def test_the_page_may_not_be_sniffed(page):
    assert page.headers.get("x-content-type-options") == "nosniff"


def test_the_version_of_the_server_is_hidden(page):
    assert not re.search(r"\d", page.headers.get("server", ""))


def test_the_first_asset_of_the_page_is_served(asset):
    assert asset.status_code < _ERROR, f"{asset.url} answers {asset.status_code}"


def test_an_asset_that_did_not_change_is_not_sent_again(site, asset):
    if "etag" not in asset.headers:
        pytest.skip("the asset has no ETag")
    again = site.get(asset.url.path, headers={"If-None-Match": asset.headers["etag"]})
    assert again.status_code == httpx.codes.NOT_MODIFIED


def test_an_unknown_path_is_no_server_error(site):
    assert site.get("/no-such-file-of-tandem-check").status_code < _SERVER_ERROR


def test_the_api_answers(site, api_path):
    answer = site.get(f"{api_path}/health")
    assert answer.status_code < _SERVER_ERROR, f"{api_path}/health answers {answer.status_code}"


def test_an_unknown_path_of_the_api_is_no_server_error(site, api_path):
    assert site.get(f"{api_path}/no-such-path-of-tandem-check").status_code < _SERVER_ERROR
