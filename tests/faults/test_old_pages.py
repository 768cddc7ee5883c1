"""A page finds its assets before, during and after a rollout."""

import hashlib
import re

import pytest

from pipeline.deploy.retention import release_tag
from pipeline.registry import connect

pytestmark = [pytest.mark.faults, pytest.mark.stack]

_SHEET = re.compile(r"/static/(assets/site\.[0-9a-f]{8}\.css)")


@pytest.mark.fault(18, "the style sheet gets another name, page and content in one release")
def test_pages_find_their_assets_before_within_and_after_a_rollout(site, load):
    """Visitors request the style sheet that their page names; browsers keep the cookie of their task."""
    assert "AWSALB" in site.get().cookies, "stickiness is on unless it is switched off"
    old = _SHEET.search(site.get().text)[1]
    content = site.get(f"/static/{old}").text
    new = rename_sheet(site, old)
    site.finish()
    assert f"/static/{new}" in site.get().text
    assert site.get(f"/static/{old}").text == content, "a page of before lost its sheet"
    excuse_clients_without_cookie(load, new)
    assert load.assets[f"/static/{new}", True] > 0, "a browser has asked for the new sheet"
    assert load.failures == []


@pytest.mark.fault(18, "back again by rollback: pages of the newer release are still open")
def test_a_page_of_the_newer_release_keeps_its_assets_after_a_rollback(site, load):
    before = _SHEET.search(site.get().text)[1]
    new = rename_sheet(site, before)
    site.finish()
    excuse_clients_without_cookie(load, new)
    site.local.tandem("rollback", "--env", "local")
    assert f"/static/{before}" in site.get().text
    assert_kept(site, site.store.current())
    status = site.get(f"/static/{new}").status_code
    site.finish()
    assert status == 200
    assert load.failures == []


def excuse_clients_without_cookie(load, sheet):
    """Without the cookie a new page's request may reach an old task: docs/reliability.md."""
    load.excuse(f"/static/{sheet}")
    assert [failure for failure in load.excused if failure.browser] == []


def assert_kept(site, release):
    """The release's tag is on each image: the registry's lifecycle rules keep tagged images."""
    registry = connect(site.local.stack.registry_host)
    kept = {image: registry.resolve(image.path, release_tag(release)) for image in release.images.values()}
    assert {image: image for image in release.images.values()} == kept


def rename_sheet(site, old):
    """Change the style sheet and its name in content and page, without a release; the new name."""
    clone = site.clone("static")
    text = (clone / old).read_text() + f"/* {site.number()} */\n"
    new = f"assets/site.{hashlib.sha256(text.encode()).hexdigest()[:8]}.css"
    (clone / old).unlink()
    site.commit("static", new, text)
    page = site.clone("app") / "html/index.html"
    site.commit("app", "html/index.html", page.read_text().replace(old, new))
    return new
