"""The app image beside the static image, and the monolith, as a task would run them."""

import json
from contextlib import contextmanager

import httpx
import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.images import contexts
from pipeline.images.docker import build_image
from tests.support.base_images import base
from tests.support.waiting import until

pytestmark = pytest.mark.docker

CONFINED = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges"], "user": "101:101"}


@contextmanager
def container(client, image, port=8080, **options):
    published = {f"{port}/tcp": ("127.0.0.1", 0)}
    nginx = client.containers.run(image, detach=True, ports=published, **{**CONFINED, **options})
    try:
        nginx.reload()
        url = f"http://127.0.0.1:{nginx.ports[f'{port}/tcp'][0]['HostPort']}"
        try:
            until(lambda: _answers(url) is not None)
        except AssertionError:
            pytest.fail(nginx.logs().decode())
        yield nginx, url
    finally:
        nginx.remove(force=True, v=True)


def _answers(url):
    try:
        return httpx.get(f"{url}/healthz")
    except httpx.TransportError:
        return None


@pytest.fixture(scope="module")
def task(client, app_image, static_image):
    """The pair: content comes from the static container, read-only."""
    data = client.containers.create(static_image)
    data.start()
    assert data.wait()["StatusCode"] == 0
    with container(client, app_image, volumes_from=[f"{data.id}:ro"]) as nginx_and_url:
        yield nginx_and_url
    data.remove(v=True)


@pytest.fixture(scope="module", params=["sidecar", "monolith"])
def url(request, client):
    if request.param == "sidecar":
        yield request.getfixturevalue("task")[1]
    else:
        with container(client, request.getfixturevalue("monolith_image")) as (_, monolith_url):
            yield monolith_url


def test_page_is_served_and_revalidated(url):
    page = httpx.get(url)
    assert page.status_code == 200
    assert "What runs here" in page.text
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert httpx.get(url, headers={"If-None-Match": page.headers["etag"]}).status_code == 304


def test_hashed_asset_may_be_kept_for_a_year(url):
    manifest = httpx.get(f"{url}/static/manifest.json")
    assert manifest.headers["cache-control"] == "public, max-age=60"
    asset = httpx.get(f"{url}/static/{manifest.json()['site.css']}")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-type"] == "text/css; charset=utf-8"


def test_what_is_missing_is_never_kept(url):
    missing = httpx.get(f"{url}/static/gone.0123abcd.css")
    assert missing.status_code == 404
    assert missing.headers["cache-control"] == "no-store"
    assert "Not found" in missing.text


def test_range_of_a_large_file(url):
    path = f"{url}/static/bulk/webp/000/webp-00001.webp"
    content = httpx.get(path).content
    part = httpx.get(path, headers={"Range": "bytes=10-19"})
    assert part.status_code == 206
    assert part.content == content[10:20]


def test_text_is_compressed_on_the_way(url):
    path = f"{url}/static/bulk/css/000/css-00011.css"
    answer, plain = httpx.get(path), httpx.get(path, headers={"Accept-Encoding": "identity"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == plain.content


@pytest.mark.parametrize("path", ["/", "/nope", "/static/manifest.json", "/healthz"])
def test_security_headers_are_on_every_answer(url, path):
    headers = httpx.get(f"{url}{path}").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["server"] == "nginx", "no version"


@pytest.mark.parametrize(("size", "status"), [(12_000, 200), (70_000, 400)])
def test_headers_pass_up_to_the_load_balancers_own_limit(url, size, status):
    """An ALB takes a header line of 16 KB, and 64 KB of headers."""
    assert httpx.get(url, headers={"Cookie": f"session={'x' * size}"}).status_code == status


def test_browsers_are_told_to_stay_with_https_where_the_load_balancer_has_it(url):
    for scheme, policy in (("https", "max-age=31536000"), ("http", None)):
        headers = httpx.get(url, headers={"X-Forwarded-Proto": scheme}).headers
        assert headers.get("strict-transport-security") == policy


def test_content_cannot_be_posted_to(url):
    assert httpx.post(f"{url}/static/manifest.json").status_code == 405


def test_same_content_has_the_same_etag_in_both_layouts(client, task, monolith_image):
    with container(client, monolith_image) as (_, other):
        tags = {httpx.get(f"{url}/static/manifest.json").headers["etag"] for url in (task[1], other)}
    assert len(tags) == 1


def test_nothing_but_tmp_can_be_written(task):
    nginx, _ = task
    for path in ("/x", "/srv/static/x", "/etc/nginx/x"):
        code, output = nginx.exec_run(["sh", "-c", f"echo >{path}"])
        assert code != 0
        assert b"Read-only" in output
    assert nginx.exec_run(["sh", "-c", "echo >/tmp/x && rm /tmp/x"]).exit_code == 0


def test_nginx_runs_without_root_and_capabilities(task):
    nginx, _ = task
    status = nginx.exec_run(["cat", "/proc/1/status"]).output.decode()
    assert "Uid:\t101\t101\t101\t101" in status
    assert "CapEff:\t0000000000000000" in status
    assert nginx.exec_run(["nginx", "-t"]).exit_code == 0


def test_access_log_is_json_lines(task):
    nginx, url = task
    httpx.get(f"{url}/static/news.json", headers={"User-Agent": 'quo"te'})
    # Docker hands output on a little later than nginx has answered.
    printed = nginx.logs(stdout=True, stderr=False, stream=True, follow=True)
    line = next(line for piece in printed for line in piece.decode().splitlines() if "news.json" in line)
    record = json.loads(line)
    assert (record["status"], record["agent"]) == (200, 'quo"te')


def test_port_may_be_another_at_run_time(client, app_image, static_image):
    data = client.containers.create(static_image)
    options = {"volumes_from": [f"{data.id}:ro"], "environment": {"PORT": "9090"}}
    with container(client, app_image, port=9090, **options) as (_, url):
        assert httpx.get(f"{url}/healthz").text == "ok\n"
    data.remove(v=True)


def test_without_content_it_does_not_start(client, app_image):
    nginx = client.containers.run(app_image, detach=True, **CONFINED)
    try:
        assert nginx.wait(timeout=30)["StatusCode"] == 1
        assert nginx.logs().decode() == "entrypoint: there is no content in /srv/static\n"
    finally:
        nginx.remove(force=True, v=True)


def test_requests_under_way_are_finished_before_it_stops(client, app_image, static_image):
    data = client.containers.create(static_image)
    with container(client, app_image, volumes_from=[f"{data.id}:ro"]) as (nginx, url):
        size = 0
        with httpx.stream("GET", f"{url}/static/bulk/webp/000/webp-00001.webp") as answer:
            for number, piece in enumerate(answer.iter_bytes(1024)):
                if number == 0:
                    nginx.kill("SIGQUIT")
                size += len(piece)
        assert size == int(answer.headers["content-length"])
        assert nginx.wait(timeout=10)["StatusCode"] == 0
    data.remove(v=True)


def test_wrong_configuration_fails_the_build(client, project, heads, tmp_path):
    context = contexts.app(project, heads[Source.APP], base("nginx"), tmp_path / "work")
    (context.folder / "nginx.conf").write_text("events {}\nhttp { listen 80; }\n")
    with pytest.raises(TandemError, match='"listen" directive is not allowed here'):
        build_image(client, context.folder, context.dockerfile, context.args, "tandem-imgtest/app:bad")
