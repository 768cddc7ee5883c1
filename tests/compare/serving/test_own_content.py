"""On a project's own content each workload asks for files that are there, and that the app serves."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import pytest

from pipeline.compare.serving import own_content
from pipeline.compare.serving.balancer import Balancer
from pipeline.compare.serving.own_content import choose, find_prefix
from pipeline.compare.serving.workloads import Workload
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project, Settings
from tests.support.http_server import http_server

FILES = {
    "index.html": 3_900,
    "about.html": 90_000,
    "js/app.js": 61_000,
    "js/app.js.gz": 20_000,
    "js/other.js": 50_000,
    "video.mp4": 9_000_000,
    ".git-blame-ignore-revs": 4_000,
    "empty.html": 0,
}


@pytest.fixture
def project(tmp_path):
    sources = {name: {"repository": "x"} for name in ("app", "static", "api")}
    task = {"content_path": "/srv/site/media"}
    return Project(tmp_path, Settings.model_validate({"sources": sources, "task": task}))


def test_each_workload_gets_the_file_that_fits_it_best():
    choice = choose(FILES)
    assert choice[Workload.SMALL_PAGE] == ("index.html",)
    assert choice[Workload.LARGE_ASSET] == ("video.mp4",)
    assert choice[Workload.TEXT_GZIP_STATIC] == ("js/app.js",)
    assert choice[Workload.TEXT_GZIP] == ("js/other.js",)
    assert choice[Workload.RANDOM_FILES] == ("about.html", "index.html", "js/app.js", "js/other.js")


@pytest.mark.parametrize(
    ("files", "workloads"),
    [
        ({}, set()),
        ({"a.jpg": 5}, {Workload.LARGE_ASSET}),
        ({"a.html": 0}, set()),
        ({"a.gz": 5, ".x/a.html": 5}, set()),
        ({"a.css": 5, "b.png": 5}, {Workload.LARGE_ASSET, Workload.TEXT_GZIP, Workload.RANDOM_FILES}),
    ],
)
def test_workloads_without_a_file_are_left_out(files, workloads):
    assert set(choose(files)) == workloads


@pytest.mark.slow
def test_many_files_are_drawn_from_all_over_the_content():
    files = {f"{number:06d}.txt": 100 for number in range(25_000)}
    paths = choose(files)[Workload.RANDOM_FILES]
    assert len(set(paths)) == 10_000
    assert paths[0] == "000000.txt"
    assert paths[-1] > "024990"


def test_paths_are_written_as_a_url_has_them():
    requests = own_content.requests(["a b/\n?#\u00e4.html"], Workload.SMALL_PAGE, "/media")
    assert requests.paths == ("/media/a%20b/%0A%3F%23%C3%A4.html",)


@contextmanager
def app(answers):
    """A server with these bodies by path; anything else is the start page, as a single-page app answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = answers.get(self.path, b"the start page")
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Keep quiet."""

    with http_server(Handler) as server:
        yield Balancer(f"http://127.0.0.1:{server.server_port}")


@pytest.mark.slow
@pytest.mark.parametrize("prefix", ["", "/media", "/site/media", "/srv/site/media"])
def test_the_path_under_which_the_app_serves_the_content_is_found(project, prefix):
    with app({f"{prefix}/big.bin": b"x" * 100}) as balancer:
        assert find_prefix(balancer, "monolith", project, {"big.bin": 100, "a.html": 14}) == prefix


@pytest.mark.slow
def test_content_that_the_app_serves_nowhere_is_refused(project, monkeypatch):
    monkeypatch.setattr(own_content, "_SECONDS", 0.1)
    with (
        app({}) as balancer,
        pytest.raises(TandemError, match=r"serves big\.bin of the content under none of: /, /media/,"),
    ):
        find_prefix(balancer, "monolith", project, {"big.bin": 100})
