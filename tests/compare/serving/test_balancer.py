"""HAProxy leads each host to the task of its layout, and every other to none."""

import re

from pipeline.compare.serving.balancer import Balancer, configuration
from pipeline.local.measured_task import RunningTask


def test_each_host_leads_to_its_own_task_and_every_other_to_none():
    tasks = {
        name: RunningTask(f"10.0.0.{at}", 8080, (), {}) for at, name in enumerate(("monolith", "sidecar"))
    }
    text = configuration(tasks, 8080)
    for at, name in enumerate(tasks):
        (backend,) = re.findall(rf"^backend \S*{name}\S*\n((?: .*\n)+)", text, re.MULTILINE)
        assert f"10.0.0.{at}:8080" in backend
        assert f"10.0.0.{1 - at}:" not in backend
        assert re.escape(Balancer.host(name)) in text
    assert "status 404" in text
