"""A preview is served beside the stack, with its own images, and the stack serves on what it did."""

import re
import subprocess

import docker
import httpx
import pytest

from pipeline.core.paths import ROOT
from pipeline.git.command import run_git
from tests.support.waiting import until

pytestmark = pytest.mark.stack


def test_a_branch_is_served_beside_the_stack_without_a_release(local, tmp_path):
    clone, before = local.clone("app", tmp_path / "app"), local.numbers()
    page = (clone / "html" / "index.html").read_text()
    run_git("-C", str(clone), "switch", "--quiet", "--create", "other")
    local.commit(clone, "html/index.html", page.replace("What runs here", "What would run"))
    run_git("-C", str(clone), "push", "--quiet", "origin", "other")
    command = local.command("preview", "--commit", "app=other", "--serve", "--for", "1d")
    log = tmp_path / "log"
    with log.open("w") as out:
        served = subprocess.Popen(command, cwd=ROOT, env=local.environ(), stdout=out, stderr=out)
    try:

        def url():
            assert served.poll() is None, log.read_text()
            match = re.search(r"^url +(\S+)", log.read_text(), re.MULTILINE)
            return match and match[1]

        preview = until(url, seconds=600)
        assert "What would run" in httpx.get(preview, timeout=20).text
        assert httpx.get(f"{preview}/static/robots.txt", timeout=20).status_code == 200
        assert httpx.get(f"{preview}/api/health", timeout=20).json()["status"] == "ok"
        assert "What runs here" in httpx.get(local.url, timeout=20).text
    finally:
        served.terminate()
        assert served.wait(60) == 0, log.read_text()
    assert local.numbers() == before
    label = {"label": ["io.tandem.role=preview", f"io.tandem.stack={local.stack.id}"]}
    assert docker.from_env().containers.list(all=True, filters=label) == []
