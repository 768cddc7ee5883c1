"""Objects of a repository behind a URL come in few requests, and once."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.core.values import Source
from pipeline.git import sources
from pipeline.git.command import run_git
from pipeline.git.remote import GoneError, RemoteObjectStore, open_object_store
from tests.images.static.repo import Repo
from tests.support.repositories import at

pytestmark = pytest.mark.slow

TREE = {f"d{n}/e{m}/f": b"%d %d" % (n, m) for n in range(4) for m in range(4)}


@pytest.fixture
def repo(tmp_path):
    return Repo(tmp_path / "origin.git")


@pytest.fixture
def url(repo):
    return f"file://{repo.path}"


@pytest.fixture
def asked(monkeypatch):
    """How many objects each request to git's server asked for; no object comes unasked."""
    requests, real = [], RemoteObjectStore._fetch

    def counted(self, ids, *options, **more):
        requests.append(len(ids))
        real(self, ids, *options, **more)
        assert len(list(self.place.glob("objects/pack/*.pack"))) == len(requests)

    monkeypatch.setattr(RemoteObjectStore, "_fetch", counted)
    return requests


def packs(store):
    return len(list(store.place.glob("objects/pack/*.pack")))


def test_checkout_takes_two_requests(repo, url, asked, tmp_path):
    """The commit with its trees, then all files; the same commit again takes none."""
    repo.commit(TREE)
    project = at(tmp_path, url)
    head = sources.head(project, Source.APP)
    sources.checkout(project, head, tmp_path / "out")
    assert asked == [1, len(TREE)]
    sources.checkout(project, head, tmp_path / "again")
    assert sources.tree_id(project, head) == sources.open_source(project, Source.APP).tree_of(head.id)
    assert asked == [1, len(TREE)]
    assert {path: (tmp_path / "out" / path).read_bytes() for path in TREE} == TREE


@pytest.mark.parametrize("name", ["", "main"])
def test_head_of_the_static_source_is_one_object(repo, url, asked, tmp_path, name):
    """Its build reads the trees that changed, and no others."""
    repo.commit(TREE)
    project = at(tmp_path, url)
    app = project.settings.sources.app
    named = project.settings.sources.model_copy(update={"static": app})
    project = Project(project.root, project.settings.model_copy(update={"sources": named}))
    head = sources.resolve(project, Source.STATIC, name) if name else sources.head(project, Source.STATIC)
    assert asked == [1]
    store = sources.open_source(project, Source.STATIC)
    listed = run_git("cat-file", "--batch-all-objects", "--batch-check", repository=store.place)
    assert listed.split()[:2] == [head.id.encode(), b"commit"]
    assert listed.count(b"\n") == 1


def test_next_commit_comes_without_what_lies_between(repo, url, asked, tmp_path):
    commits = repo.commits([TREE, *({**TREE, "new": b"%d" % n} for n in range(20))])
    store = open_object_store(url, tmp_path / "cache")
    store.ensure_commit(commits[0], trees=True)
    store.ensure_commit(commits[-1], trees=True)
    assert len(asked) == 2
    assert not store.has_commit(commits[-2])


def test_whole_tree_comes_at_once_although_its_top_is_there(repo, url, asked, tmp_path):
    commit = repo.commit(TREE)
    store = open_object_store(url, tmp_path / "cache")
    root = store.tree_of(commit)
    store.trees([root])
    assert len(store.listing(root)) == len(TREE)
    assert asked == [1, 1, 4, len(TREE)]  # the commit, its top, the trees below that, the files
    assert packs(store) == len(asked), "git fetched nothing by itself"


@pytest.mark.parametrize("folder", ["\udcff", "\u2028?refs/heads/main", "\x85?-x", "\x0c?x", " ?x"])
def test_names_of_folders_are_no_list_of_objects(repo, url, tmp_path, folder):
    files = {f"{folder}/e/f": b"x"}
    repo.commit(files)
    project, store = at(tmp_path, url), open_object_store(url, tmp_path / "cache")
    head = sources.head(project, Source.APP)
    store.ensure_commit(head.id, trees=True)
    assert store.count_files(store.tree_of(head.id)) == 1


def test_commit_that_is_gone_is_told_from_a_server_that_is(repo, url, tmp_path):
    repo.commit({"a": b""})
    with pytest.raises(GoneError, match="cannot fetch from file://"):
        open_object_store(url, tmp_path / "cache").ensure_commit("0" * 40)
    with pytest.raises(TandemError, match="there is no such repository") as error:
        open_object_store("file:///nowhere", tmp_path / "cache").ensure_commit("0" * 40)
    assert not isinstance(error.value, GoneError)
