"""Checks of the example project itself: copy the folder to `checks/` beside tandem.toml, and change it."""

import re


def test_the_page_names_an_asset_of_the_content(site):
    page = site.get("/")
    assert page.status_code == 200
    path = re.search(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert path, "the page names no asset under /static/"
    assert site.get(path[1]).status_code == 200


def test_the_page_is_asked_for_again_each_time(site):
    assert "immutable" not in site.get("/").headers.get("cache-control", "")


def test_the_catalogue_is_healthy(site, api_path):
    assert site.get(f"{api_path}/health").json()["status"] == "ok"


def test_an_unknown_path_is_not_found(site, api_path):
    assert site.get("/static/no-such-file").status_code == 404
    assert site.get(f"{api_path}/no-such-path").status_code == 404


def test_nginx_compresses(app):
    assert app.file("/etc/nginx/nginx.conf").contains("gzip on")
