"""`tandem up` on an empty machine ends with everything running, checked and measured."""

import re

import httpx
import pytest

from pipeline.deploy.session import open_session
from tests.support.waiting import until

pytestmark = pytest.mark.stack


def test_up_prints_url_release_checks_times_and_the_next_command(local):
    text = local.up.stdout
    assert f"url      {local.url}" in text
    assert re.search(r"release  1, layout sidecar", text)
    assert len(re.findall(r"@sha256:[0-9a-f]{64}", text)) == 3
    assert re.search(r"checks .* passed", text)
    assert not re.search(r"checks .* failed", text)
    for scenario in ("cold", "app-only", "static-one-file"):
        assert re.search(rf"^{scenario} +[\d.]+ s +[\d.]+ s +[\d.]+x", text, re.MULTILINE)
    assert text.splitlines()[-1].startswith("next: ")


def test_the_load_balancer_serves_page_content_and_api(local):
    with httpx.Client(base_url=local.url) as site:
        page = site.get("/")
        assert page.status_code == 200
        asset = re.search(r'href="(/static/[^"]+\.css)"', page.text)[1]
        assert site.get(asset).status_code == 200
        assert site.get("/api/health").json()["status"] == "ok"


def test_a_large_asset_arrives_whole(local, tmp_path):
    clone = local.clone("static", tmp_path / "static")
    largest = max(
        (path for path in clone.rglob("*") if path.is_file() and ".git/" not in str(path)),
        key=lambda path: path.stat().st_size,
    )
    served = httpx.get(f"{local.url}/static/{largest.relative_to(clone)}")
    assert served.content == largest.read_bytes()


def test_up_again_finds_nothing_to_do(local):
    before = local.numbers()
    second = local.tandem("up")
    assert "(nothing changed)" in second.stdout
    assert before == local.numbers()


def test_after_up_terraform_has_nothing_to_change(local, monkeypatch):
    for name in ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "")
    session = open_session(local.project, "local")
    release = session.store.current()
    assert not session.platform_root.plan().changes
    assert not session.release_root(release).plan().changes


def test_status_names_what_runs(local):
    status = local.tandem("status").stdout
    assert status.startswith(f"url      {local.url}\n")
    assert "2 of 2 tasks run" in status
    assert "static STOPPED" in status


def test_the_api_shows_the_release_that_runs(local):
    """Through the load balancer, by the function, with the read-only keys of its role."""
    current = local.numbers()[-1]
    status = until(lambda: httpx.get(f"{local.url}/api/status").json())
    assert status["current"] == current
    shown = httpx.get(f"{local.url}/api/releases/{current}").json()
    assert shown["outcome"] == "succeeded"
    assert shown["images"].keys() >= {"app", "static", "api"}
