"""A name is resolved to a full id before anything is built; what is no id never reaches git."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, Source
from pipeline.git import sources
from pipeline.git.object_store import ObjectStore
from pipeline.git.remote import open_object_store
from tests.support.repositories import at, commit, head_of, make_origin, run

pytestmark = pytest.mark.slow


@pytest.fixture
def origin(tmp_path):
    return make_origin(tmp_path / "origin")


@pytest.fixture(params=["path", "url"])
def project(request, tmp_path, origin):
    return at(tmp_path, str(origin) if request.param == "path" else origin.as_uri())


def test_branch_means_its_head_at_that_moment(project, origin):
    first = sources.resolve(project, Source.APP, "main")
    (origin / "new").write_text("x")
    second = commit(origin, "Second")
    assert first.id != second
    assert sources.resolve(project, Source.APP, "main") == Commit(Source.APP, second, "Second")


def test_full_id_in_capitals_becomes_lower_case(project, origin):
    assert sources.resolve(project, Source.APP, head_of(origin).upper()).id == head_of(origin)


@pytest.mark.parametrize("options", [["-a", "-m", "note"], []])
def test_tag_means_its_commit(project, origin, options):
    run("tag", *options, "v1", cwd=origin)
    assert sources.resolve(project, Source.APP, "v1").id == head_of(origin)


def test_branch_is_preferred_to_the_start_of_an_id(project, origin):
    first = head_of(origin)
    (origin / "new").write_text("x")
    second = commit(origin, "Second")
    run("branch", first[:8], cwd=origin)
    assert sources.resolve(project, Source.APP, first[:8]).id == second


def test_start_of_an_id_is_looked_up_or_refused_in_words(tmp_path, origin):
    by_path, by_url = at(tmp_path, str(origin)), at(tmp_path, origin.as_uri())
    assert sources.resolve(by_path, Source.APP, head_of(origin)[:10].upper()).id == head_of(origin)
    with pytest.raises(TandemError, match="has no branch, tag or commit") as error:
        sources.resolve(by_url, Source.APP, head_of(origin)[:10])
    assert "all digits" in error.value.hint


@pytest.mark.parametrize(
    "name", ["x\u3000{other}\u3000refs/heads/main", "x\u3000y", "\x85", "\u2028{other}\u2028", "\udcff", "é"]
)
def test_name_of_a_branch_says_nothing_about_another(project, origin, name):
    """Who may push a branch of any name must neither choose the head of another nor stop releases."""
    first = head_of(origin)
    (origin / "new").write_text("x")
    other = commit(origin, "Not released")
    run("reset", "--hard", first, cwd=origin)
    run("update-ref", f"refs/heads/{name.format(other=other)}", other, cwd=origin)
    assert sources.head(project, Source.APP).id == first
    assert sources.resolve(project, Source.APP, "main").id == first
    assert sources.resolve(project, Source.APP, name.format(other=other)).id == other


@pytest.mark.parametrize("what", ["HEAD^{tree}", "HEAD:run.sh"])
def test_id_of_another_object_is_refused_in_words(project, origin, what):
    other = run("rev-parse", what, cwd=origin)
    run("config", "uploadpack.allowAnySHA1InWant", "true", cwd=origin)
    with pytest.raises(TandemError, match=r"is the id of a (tree|blob), not of a commit|is gone from"):
        sources.resolve(project, Source.APP, other)


@pytest.mark.parametrize(
    "name", ["nothing", "../main", "-x", "", "main~1", "HEAD:run.sh", "\x1b]0;x\x07", "a" * 41]
)
def test_other_names_are_refused_in_words(project, name):
    with pytest.raises(TandemError, match="has no branch, tag or commit") as error:
        sources.resolve(project, Source.APP, name)
    assert error.value.message.isprintable()


NO_IDS = [
    "main",
    "HEAD",
    "--upload-pack=touch ran",
    "-",
    "",
    "a" * 39,
    "A" * 40,
    f"{'a' * 40}\n",
    f"{'a' * 40}^",
]


@pytest.mark.parametrize("name", NO_IDS)
def test_what_is_no_id_never_reaches_git(tmp_path, origin, monkeypatch, name):
    """Ids come from manifests and labels of images too."""
    monkeypatch.chdir(tmp_path)
    by_url, by_path = at(tmp_path, origin.as_uri()), at(tmp_path, str(origin))
    store, remote = ObjectStore(origin / ".git"), open_object_store(origin.as_uri(), tmp_path / "cache")
    bad, good = Commit(Source.APP, name, ""), head_of(origin)

    def read(ids):
        with store.read(ids) as objects:
            list(objects)

    for ask in (
        lambda: sources.checkout(by_url, bad, tmp_path / "out"),
        lambda: sources.checkout(by_path, bad, tmp_path / "out"),
        lambda: sources.tree_id(by_url, bad),
        lambda: sources.changed_subjects(by_path, Source.APP, good, name),
        lambda: remote.ensure_commit(name),
        lambda: remote.ensure([name]),
        lambda: remote.ensure([name], below=True),
        lambda: remote.trees([name]),
        lambda: store.tree_of(name),
        lambda: store.listing(name),
        lambda: read([name]),
        lambda: store.subject(name),
    ):
        with pytest.raises(TandemError, match="is not a full id of git"):
            ask()
    assert sources.changed_subjects(by_path, Source.APP, name, good) == ["Begin"]
    assert not (tmp_path / "ran").exists()


def test_subjects_cannot_steer_a_terminal(project, origin):
    old = head_of(origin)
    (origin / "x").write_text("x")
    new = commit(origin, "Add \x1b]52;c;eA==\x07 and \x9b2Jmore")
    assert sources.head(project, Source.APP).subject == "Add ?]52;c;eA==? and ?2Jmore"
    assert sources.changed_subjects(project, Source.APP, old, new) == ["Add ?]52;c;eA==? and ?2Jmore"]
