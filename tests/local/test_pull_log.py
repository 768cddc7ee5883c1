"""A pull is divided where its last byte had arrived, and names the layers that the store had."""

from types import SimpleNamespace

import pytest

from pipeline.local import pull_log
from pipeline.local.pull_log import PullLog

LINES = [
    {"status": "Pulling from app", "id": "sha256:1"},
    {"status": "Pulling fs layer", "id": "a"},
    {"status": "Downloading", "id": "a", "progressDetail": {"current": 1, "total": 2}},
    {"status": "Download complete", "id": "a"},
    {"status": "Extracting", "id": "a"},
    {"status": "Verifying Checksum", "id": "b"},
    {"status": "Download complete", "id": "b"},
    {"status": "Extracting", "id": "b"},
    {"status": "Pull complete", "id": "b"},
]


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    """A clock that goes on by one second whenever it is read."""
    times = iter(range(1000))
    monkeypatch.setattr(pull_log, "monotonic", lambda: float(next(times)))


def client(lines, seen):
    def pull(repository, **options):
        seen.append((repository, options))
        yield from lines

    return SimpleNamespace(api=SimpleNamespace(pull=pull))


def pulled(lines, log, seen):
    docker = client(lines, seen)
    log.attach(docker)
    return list(docker.api.pull("host/app", tag="t", stream=True, decode=True))


def test_a_pull_is_passed_on_and_timed():
    log, seen = PullLog(), []
    assert pulled(LINES, log, seen) == LINES
    assert seen == [("host/app", {"tag": "t", "stream": True, "decode": True})]
    (pull,) = log.pulls
    assert (pull.began, pull.downloaded, pull.ended) == (0.0, 7.0, 9.0)
    assert (pull.arrived, pull.present) == ({"a", "b"}, frozenset())
    assert pull.is_cold


def test_layers_that_the_store_had_are_named():
    log = PullLog()
    pulled(
        [{"status": "Already exists", "id": "a"}, *LINES, {"status": "Already exists", "id": "c"}], log, []
    )
    assert log.pulls[0].present == {"a", "c"}
    assert not log.pulls[0].is_cold


def test_a_pull_without_a_byte_ends_its_download_where_it_began():
    log = PullLog()
    pulled([{"status": "Status: Image is up to date for host/app"}], log, [])
    assert (log.pulls[0].downloaded, log.pulls[0].ended) == (0.0, 1.0)
    assert not log.pulls[0].is_cold
    log.clear()
    assert log.pulls == []
