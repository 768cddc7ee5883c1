"""One rig for each module of this folder, and a site of two targets behind it."""

import pytest

from tests.local.alb.rig import forward
from tests.local.alb.rigged import rigged

NOT_FOUND = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    with rigged(tmp_path_factory.mktemp("alb")) as made:
        yield made


@pytest.fixture(scope="module")
def site(rig):
    """A listener, and two targets behind its default action."""

    class Site:
        listener = rig.listen(NOT_FOUND)
        group = rig.group()
        one, two = rig.target("one"), rig.target("two")

    rig.elb.modify_listener(ListenerArn=Site.listener, DefaultActions=[forward(Site.group)])
    rig.set_attributes(Site.group, {"deregistration_delay.timeout_seconds": "2"})
    rig.register(Site.group, Site.one, Site.two)
    for address in (Site.one, Site.two):
        rig.until_state(Site.group, address, "healthy")
    rig.until_served("/")
    return Site
