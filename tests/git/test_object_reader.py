"""Reads of one store share a process of git, whatever becomes of it and of them."""

import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.core.errors import TandemError
from pipeline.git import object_reader
from pipeline.git.object_reader import ObjectReader
from tests.git.raw_objects import RawRepo

pytestmark = pytest.mark.slow

LARGE = b"x" * 3_000_000


@pytest.fixture
def repo(tmp_path):
    return RawRepo(tmp_path / "repo.git")


@pytest.fixture
def started(monkeypatch):
    """The processes that readers start."""
    processes = []

    class Popen(subprocess.Popen):
        def __init__(self, *arguments, **more):
            super().__init__(*arguments, **more)
            processes.append(self)

    monkeypatch.setattr(object_reader.subprocess, "Popen", Popen)
    return processes


def contents(objects, names):
    with objects.read(names) as read:
        return [item.read() for item in read]


def test_short_reads_share_a_process(repo, started):
    objects, names = ObjectReader(repo.path), [repo.blob(b"%d" % number) for number in range(50)]
    for _ in range(3):
        assert contents(objects, names) == [b"%d" % number for number in range(50)]
    assert len(started) == 1


def test_long_reads_have_a_process_each(repo, started):
    objects, names = ObjectReader(repo.path), [repo.blob(b"%d" % number) for number in range(51)]
    for _ in range(2):
        assert contents(objects, names) == [b"%d" % number for number in range(51)]
    assert contents(objects, names[:1]) == [b"0"]
    assert len(started) == 3


@pytest.mark.parametrize("content", [b"small", LARGE])
def test_what_was_not_read_does_not_reach_the_next_reader(repo, started, content):
    objects, first, second = ObjectReader(repo.path), repo.blob(content), repo.blob(b"second")
    with objects.read([first]) as read:
        assert next(read).start() == content[:1024]
    assert contents(objects, [second]) == [b"second"]
    assert len(started) == (1 if content == b"small" else 2), "only a little is read for nobody"
    with objects.read([second, first]) as read:
        next(read)
    assert contents(objects, [second]) == [b"second"]
    with pytest.raises(ValueError, match="stop"), objects.read([second]) as read:
        raise ValueError("stop")
    assert contents(objects, [first, second]) == [content, b"second"]


def test_one_read_may_run_within_another(repo):
    objects, first, second = ObjectReader(repo.path), repo.blob(b"first"), repo.blob(b"second")
    with objects.read([first, second]) as read:
        assert next(read).read() == b"first"
        assert contents(objects, [second]) == [b"second"]
        assert next(read).read() == b"second"
    assert contents(objects, [first]) == [b"first"]


def test_a_process_that_was_killed_is_replaced(repo, started):
    objects, name = ObjectReader(repo.path), repo.blob(b"content")
    contents(objects, [name])
    os.kill(started[0].pid, signal.SIGKILL)
    os.waitid(os.P_PID, started[0].pid, os.WEXITED | os.WNOWAIT)
    assert contents(objects, [name]) == [b"content"]
    assert len(started) == 2


def test_objects_that_come_later_are_found(repo):
    objects = ObjectReader(repo.path)
    contents(objects, [repo.blob(b"first")])
    later = repo.blob(b"later")
    git = ["git", f"--git-dir={repo.path}"]
    pack = [*git, "pack-objects", "-q", str(repo.path / "objects" / "pack" / "pack")]
    subprocess.run(pack, input=later.encode(), capture_output=True, check=True)
    subprocess.run([*git, "prune-packed", "-q"], check=True)
    assert contents(objects, [later]) == [b"later"]


def test_a_missing_object_is_named_and_the_next_read_is_right(repo):
    objects, name = ObjectReader(repo.path), repo.blob(b"content")
    contents(objects, [name])
    with pytest.raises(TandemError, match=f"git has no object {'0' * 40}"):
        contents(objects, [name, "0" * 40, name])
    assert contents(objects, [name]) == [b"content"]


def test_a_store_that_is_gone_is_named(tmp_path):
    with pytest.raises(TandemError, match="not a git repository"):
        contents(ObjectReader(tmp_path / "gone"), ["0" * 40])


def test_nothing_to_read_starts_nothing(tmp_path, started):
    assert contents(ObjectReader(tmp_path / "gone"), []) == []
    assert started == []


def test_no_process_outlives_its_reader(repo, started):
    objects = ObjectReader(repo.path)
    contents(objects, [repo.blob(b"content")])
    assert Path(f"/proc/{started[0].pid}").exists()
    del objects
    assert not Path(f"/proc/{started[0].pid}").exists()


def test_threads_share_a_reader(repo):
    objects, names = ObjectReader(repo.path), [repo.blob(b"%d" % number) for number in range(20)]

    def work(at):
        return [contents(objects, names[at:]) for _ in range(5)]

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(work, range(4)))
    assert results == [[[b"%d" % number for number in range(at, 20)]] * 5 for at in range(4)]
    assert len(objects._idle) == 1
