import os
import subprocess

import pytest

from pipeline.git.remote import RemoteObjectStore
from pipeline.images.static import build
from tests.images.static.flatten import files

pytestmark = pytest.mark.slow

TREE = {f"d{n}/e{m}/f{k}": b"%d %d %d" % (n, m, k) for n in range(8) for m in range(8) for k in range(4)}


def packed(request_for):
    """Bytes and objects that were fetched into the order's cache."""
    store = next(request_for.cache.glob("git/*.git"))
    listing = subprocess.run(
        ["git", f"--git-dir={store}", "cat-file", "--batch-all-objects", "--batch-check"],
        capture_output=True,
        text=True,
        check=True,
    )
    return len(listing.stdout.splitlines())


def fetches(monkeypatch):
    """How many objects each request to git's server asked for."""
    counts, real = [], RemoteObjectStore._fetch

    def counted(self, ids, object_filter, *, shallow):
        counts.append(len(ids))
        return real(self, ids, object_filter, shallow=shallow)

    monkeypatch.setattr(RemoteObjectStore, "_fetch", counted)
    return counts


def test_a_fresh_machine_fetches_the_change_and_no_more(request_for, repo):
    """The commit, the folders on the way to the change before and after it, the file: 8 of 330 objects."""
    first, second = repo.commits([TREE, {**TREE, "d3/e4/f1": os.urandom(900)}])
    before = build(request_for(first)).image
    fresh = request_for(second, source=f"file://{repo.path}", predecessor=before)
    built = build(fresh)
    assert built.how == "delta"
    assert packed(fresh) == 1 + 3 + 3 + 1
    assert files(built.image)["d3/e4/f1"] == files(build(request_for(second)).image)["d3/e4/f1"]


def test_many_changes_are_fetched_level_by_level(request_for, repo, monkeypatch):
    """As many requests as the tree is deep, however many folders changed."""
    first, second = repo.commits([TREE, {path: data + b"!" for path, data in TREE.items()}])
    before = build(request_for(first)).image
    counts = fetches(monkeypatch)
    built = build(request_for(second, source=f"file://{repo.path}", predecessor=before))
    assert built.files == len(TREE)
    assert len(counts) == 5  # the commit, both roots, two levels of folders, the files
    assert max(counts) == len(TREE)


def test_a_cold_build_fetches_all_files_at_once(request_for, repo, monkeypatch):
    commit = repo.commit(TREE)
    counts = fetches(monkeypatch)
    assert files(build(request_for(commit, source=f"file://{repo.path}")).image) == TREE
    assert len(counts) == 3  # the commit, its folders, their files


def test_a_server_that_cannot_leave_things_out_gives_all(request_for, repo):
    repo.git("config", "uploadpack.allowFilter", "false")
    first, second = repo.commits([TREE, {**TREE, "new": b"1"}])
    source = f"file://{repo.path}"
    build(request_for(first, source=source))
    assert files(build(request_for(second, source=source)).image) == {**TREE, "new": b"1"}


def test_a_cache_that_vanished_costs_nothing_but_time(request_for, repo, tmp_path):
    first, second = repo.commits([TREE, {**TREE, "new": b"1"}])
    source = f"file://{repo.path}"
    build(request_for(first, source=source))
    subprocess.run(["rm", "-rf", tmp_path / "cache"], check=True)
    assert build(request_for(second, source=source)).how == "delta"
