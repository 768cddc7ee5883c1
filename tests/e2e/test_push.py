"""A push to a source leads to a new release, which takes the unchanged images by digest."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

pytestmark = pytest.mark.stack


def test_a_push_to_app_releases_app_and_keeps_the_rest(local, tmp_path):
    before = local.manifest(local.numbers()[-1])
    clone = local.clone("app", tmp_path / "app")
    page = (clone / "html/index.html").read_text().replace("</h1>", " of today</h1>")
    commit = local.commit(clone, "html/index.html", page, "Say that it is of today")
    pushed = local.push(clone)
    after = local.manifest(local.numbers()[-1])
    assert after["number"] == before["number"] + 1
    assert f"release {after['number']}" in pushed.stderr
    assert after["commits"]["app"] == {"id": commit, "subject": "Say that it is of today"}
    assert after["images"]["app"] != before["images"]["app"]
    assert after["images"]["static"] == before["images"]["static"]
    assert after["images"]["api"] == before["images"]["api"]
    assert "of today</h1>" in httpx.get(local.url).text


def test_a_push_to_static_releases_content_and_keeps_the_rest(local, tmp_path):
    before = local.manifest(local.numbers()[-1])
    clone = local.clone("static", tmp_path / "static")
    local.commit(clone, "today.txt", "fresh\n")
    local.push(clone)
    after = local.manifest(local.numbers()[-1])
    assert after["images"]["static"] != before["images"]["static"]
    assert after["images"]["app"] == before["images"]["app"]
    assert httpx.get(f"{local.url}/static/today.txt").text == "fresh\n"


def test_two_pushes_at_once_end_with_the_last_heads_one_release_at_a_time(local, tmp_path):
    clones = {source: local.clone(source, tmp_path / source) for source in ("app", "static")}
    heads = {
        "app": local.commit(clones["app"], "html/twice.html", "<p>app</p>\n"),
        "static": local.commit(clones["static"], "twice.txt", "static\n"),
    }
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(local.push, clones.values()))
    last = local.manifest(local.numbers()[-1])
    assert heads == {source: last["commits"][source]["id"] for source in heads}
    assert httpx.get(f"{local.url}/twice.html").status_code == 200
    assert httpx.get(f"{local.url}/static/twice.txt").text == "static\n"
    trail = local.project.state / "local" / "releases" / "trail"
    entries = [json.loads(file.read_text()) for file in sorted(trail.glob("*.json"))]
    started = [entry["outcome"] == "started" for entry in entries if entry["release"]]
    assert started == [True, False] * (len(started) // 2), "one deployment began before another had ended"


def test_a_trigger_without_a_change_makes_no_release(local):
    before = local.numbers()
    local.tandem("trigger", "app")
    assert before == local.numbers()
