"""A page and its assets belong together, across a rollout and in the middle of it."""

import hashlib
import re

import httpx
import pytest

from tests.faults.site import until

pytestmark = [pytest.mark.faults, pytest.mark.stack]

_SHEET = re.compile(r"/static/(assets/site\.[0-9a-f]{8}\.css)")


@pytest.fixture
def sticky(site):
    """The load balancer gives each browser a cookie that keeps it with its task."""
    elbv2, name = site.client("elbv2"), "stickiness.enabled"
    (group,) = (
        each["TargetGroupArn"]
        for each in elbv2.describe_target_groups()["TargetGroups"]
        if each["TargetType"] == "ip" and "-app-" in each["TargetGroupName"]
    )
    attributes = elbv2.describe_target_group_attributes(TargetGroupArn=group)["Attributes"]
    before = next(each for each in attributes if each["Key"] == name)
    wanted = [{"Key": name, "Value": "true"}, {"Key": "stickiness.type", "Value": "lb_cookie"}]
    elbv2.modify_target_group_attributes(TargetGroupArn=group, Attributes=wanted)
    until(lambda: "AWSALB" in httpx.get(site.local.url).cookies, 30)
    yield
    elbv2.modify_target_group_attributes(TargetGroupArn=group, Attributes=[before])


@pytest.mark.fault(18, "the style sheet gets another name, page and content in one release")
@pytest.mark.usefixtures("sticky")
def test_pages_find_their_assets_before_within_and_after_a_rollout(site, load):
    """The visitors ask for the sheet that their page names all the while."""
    old = _SHEET.search(httpx.get(site.local.url).text)[1]
    content = httpx.get(f"{site.local.url}/static/{old}").text
    new = rename_sheet(site, old)
    site.finish()
    assert f"/static/{new}" in httpx.get(site.local.url).text
    assert httpx.get(f"{site.local.url}/static/{old}").text == content, "a page of before lost its sheet"
    # Who keeps no cookie may ask an old task for what a new page names: docs/reliability.md.
    load.excuse(f"/static/{new}")
    assert [failure for failure in load.excused if failure.browser] == []
    assert load.failures == []


@pytest.mark.fault(18, "back again by rollback: pages of the newer release are still open")
def test_a_page_of_the_newer_release_keeps_its_assets_after_a_rollback(site, load):
    before = _SHEET.search(httpx.get(site.local.url).text)[1]
    new = rename_sheet(site, before)
    site.finish()
    site.local.tandem("rollback", "--env", "local")
    assert f"/static/{before}" in httpx.get(site.local.url).text
    status = httpx.get(f"{site.local.url}/static/{new}").status_code
    site.finish()
    assert status == 200
    assert load.failures == []


def rename_sheet(site, old):
    """Another style sheet under another name in content and page; handed over, not released."""
    clone = site.clone("static")
    text = (clone / old).read_text() + f"/* {site.number()} */\n"
    new = f"assets/site.{hashlib.sha256(text.encode()).hexdigest()[:8]}.css"
    (clone / old).unlink()
    site.commit("static", new, text)
    page = site.clone("app") / "html/index.html"
    site.commit("app", "html/index.html", page.read_text().replace(old, new))
    return new
