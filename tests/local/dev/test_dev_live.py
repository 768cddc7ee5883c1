"""`tandem dev` on Docker: real images, a real work tree, and nothing left when it ends."""

import os
import signal

import docker
import httpx
import pytest

from pipeline.core.settings import load
from pipeline.images.transfer import push_image
from pipeline.local.dev.image_site import serve_images
from tests.local.dev.live_site import BUILT, CONF, OWN, Dev, place, running
from tests.support.base_images import base, running_registry
from tests.support.repositories import run
from tests.support.waiting import until

__all__ = ["place"]  # a fixture

pytestmark = pytest.mark.docker


def test_work_trees_are_served_live_and_nothing_is_left(place):
    place.write("static/.env", "SECRET=1")
    place.write("secret.txt", "SECRET=1")
    (place.folder / "static" / "out.txt").symlink_to("../secret.txt")
    with running(place) as dev:
        assert "What runs here" in dev.get("/").text
        dev.shows("/api/health", '"status":"ok"')
        assert dev.get("/static/robots.txt").status_code == 200
        for hidden in (".env", ".git/config", ".git/HEAD", "out.txt", "../secret.txt"):
            assert dev.get(f"/static/{hidden}").status_code == 404, hidden
        assert "out.txt is a link to '../secret.txt'" in dev.text

        place.write("static/news/today.html", "first")
        dev.shows("/static/news/today.html", "first")
        place.write("static/news/today.html", "second")
        dev.shows("/static/news/today.html", "second")
        (place.folder / "static" / "news" / "today.html").unlink()
        until(lambda: dev.get("/static/news/today.html").status_code == 404)

        page = (place.folder / "app" / "html" / "index.html").read_text()
        place.write("app/html/index.html", page.replace("What runs here", "Our site"))
        dev.shows("/", "Our site")

        conf = (place.folder / "app" / "nginx.conf").read_text()
        place.write("app/nginx.conf", f"{conf}\nbroken;")
        until(lambda: "cannot build" in dev.text, seconds=120)
        assert "Our site" in dev.get("/").text

        second = Dev(place)
        assert second.process.wait(60) == 1
        assert f"tandem dev runs already for this project at {dev.url()}" in second.text

        assert dev.end() == 0
    assert place.leftovers() == []
    assert run("status", "--short", cwd=place.folder / "static") == "?? .env\n?? out.txt"


def test_an_own_dockerfile_port_and_paths_without_an_api(place):
    place.settings(
        '[task]\nport = 80\ncontent_path = "/usr/share/nginx/html"\nhealth_path = "/index.html"\n'
        "[api]\nenabled = false\n",
        app='dockerfile = "Dockerfile"\n',
        static='path = "public"\n',
    )
    place.write("app/Dockerfile", OWN)
    place.write("app/nginx.conf", CONF)
    place.write("static/public/index.html", "one")
    with running(place) as dev:
        assert dev.get("/index.html").text == "one"
        assert dev.get("/robots.txt").status_code == 404  # outside of `path`
        assert dev.get("/api/health").status_code == 404  # the app's
        place.write("static/public/index.html", "two")
        dev.shows("/index.html", "two")
        place.write("app/nginx.conf", CONF.replace("X-App one", "X-App two"))
        until(lambda: dev.get("/index.html").headers["X-App"] == "two", seconds=120)
        place.write("app/nginx.conf", CONF.replace("listen 80", "listen 81"))
        until(lambda: "does not become healthy" in dev.text, seconds=120)
        assert dev.get("/index.html").headers["X-App"] == "two"
        assert dev.end(signal.SIGTERM) == 0
    assert place.leftovers() == []


def test_content_that_a_dockerfile_builds_is_built_again(place):
    place.settings(
        '[task]\nport = 80\ncontent_path = "/usr/share/nginx/html"\nhealth_path = "/index.html"\n'
        '[static]\nbuilder = "docker"\n[api]\nenabled = false\n',
        app='dockerfile = "Dockerfile"\n',
        static='dockerfile = "Dockerfile"\n',
    )
    place.write("app/Dockerfile", OWN)
    place.write("app/nginx.conf", CONF)
    place.write("static/Dockerfile", BUILT)
    place.write("static/page.txt", "one")
    with running(place) as dev:
        assert dev.get("/index.html").text == "<p>one</p>"
        place.write("static/page.txt", "two")
        dev.shows("/index.html", "<p>two</p>")
        place.write("static/Dockerfile", BUILT.replace('CMD ["true"]', 'CMD ["false"]'))
        until(lambda: "the static image ended with 1" in dev.text, seconds=120)
        assert dev.get("/index.html").text == "<p>two</p>"
        assert dev.end() == 0
    assert place.leftovers() == []


def test_what_a_killed_one_left_goes_with_the_next(place):
    place.settings("[api]\nenabled = false\n")
    with running(place) as dev:
        dev.url()
        os.kill(dev.process.pid, signal.SIGKILL)
        dev.process.wait()
    assert place.leftovers() != []
    with running(place) as dev:
        dev.shows("/", "What runs here")
    assert place.leftovers() == []


def test_images_are_served_beside_the_stack_for_a_time(place):
    place.settings(
        '[task]\nport = 80\ncontent_path = "/usr/share/nginx/html"\nhealth_path = "/index.html"\n'
        "[api]\nenabled = false\n"
    )
    client, seen = docker.from_env(), []
    place.write("app/Dockerfile", OWN)
    place.write("app/nginx.conf", CONF)
    place.write("site/Dockerfile", 'ARG BASE\nFROM ${BASE}\nCOPY index.html /usr/share/nginx/html/\n'
                'VOLUME /usr/share/nginx/html\nCMD ["true"]\n')  # fmt: skip
    place.write("site/index.html", "previewed")
    with running_registry(client) as (host, _):
        images = {}
        for name, folder, below in (("app", "app", "nginx"), ("static", "site", "busybox")):
            tag = f"{base(below).partition('/')[0]}/preview-{name}"
            client.images.build(
                path=str(place.folder / folder), tag=tag, buildargs={"BASE": base(below)}, forcerm=True
            )
            images[name] = push_image(client, tag, f"{host}/{name}", progress=lambda _: None)
            client.images.remove(tag)
        serve_images(
            load(place.folder),
            images,
            0,
            0.5,
            lambda url: seen.append(httpx.get(f"{url}/index.html", timeout=20)),
        )
        assert [(answer.status_code, answer.text) for answer in seen] == [(200, "previewed")]
        assert not [tag for image in client.api.images() for tag in image["RepoDigests"] or () if host in tag]
    assert place.leftovers() == []
