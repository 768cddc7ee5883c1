"""What is wrong with a repository is said plainly."""

import os
from http.server import BaseHTTPRequestHandler

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, Source
from pipeline.git import object_store, sources
from pipeline.git.object_store import git_directory
from tests.support.http_server import http_server
from tests.support.repositories import at, commit, make_origin, project_of, run


@pytest.fixture
def origin(tmp_path):
    return make_origin(tmp_path / "origin")


@pytest.fixture(params=["path", "url"])
def place(request, origin):
    """The repository as users name it: a path, or a URL."""
    return str(origin) if request.param == "path" else origin.as_uri()


def test_missing_repository_is_named(tmp_path):
    with pytest.raises(TandemError, match=r"there is no repository of source app: .*nowhere does not exist"):
        sources.head(project_of(tmp_path, repository="nowhere"), Source.APP)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("github.com:you/site.git", "git@github.com:you/site.git"),
        ("git@github.com/you/site.git", "git@github.com:you/site.git"),
        ("github.com/you/site", "https://github.com/you/site"),
        ("git.example.org:~you/site", "git@git.example.org:~you/site"),
        ("..\\site", "../site"),
        ("C:\\sites\\shop", "C:/sites/shop"),
    ],
)
def test_an_address_without_its_beginning_is_completed(tmp_path, written, meant):
    with pytest.raises(TandemError, match="does not exist") as error:
        sources.head(project_of(tmp_path, repository=written), Source.APP)
    assert error.value.hint == f'set repository = "{meant}" under [sources.app] in tandem.toml'


@pytest.mark.parametrize(
    "written", ["nowhere", "you/site", "../site", "~/site", "site.git", "./github.com/x"]
)
def test_a_path_that_does_not_exist_stays_a_path(tmp_path, written):
    with pytest.raises(TandemError, match="does not exist") as error:
        sources.head(project_of(tmp_path, repository=written), Source.APP)
    assert error.value.hint == "set sources.app.repository in tandem.toml to a git URL or path"


@pytest.mark.slow
def test_a_folder_of_a_repository_and_a_file_are_called_so(tmp_path, origin):
    (origin / "site").mkdir()
    (origin / "page.html").write_text("")
    project = tmp_path / "project"
    with pytest.raises(TandemError, match="is a folder of the repository") as error:
        sources.head(project_of(project, repository=str(origin / "site")), Source.APP)
    assert f'repository = "{origin}" and path = "site" under [sources.app]' in error.value.hint
    with pytest.raises(TandemError, match=r"page\.html is a file"):
        sources.head(project_of(project, repository=str(origin / "page.html")), Source.APP)


@pytest.mark.slow
def test_a_branch_that_is_there_is_proposed(tmp_path, origin):
    with pytest.raises(TandemError, match="has no branch 'next'") as error:
        sources.head(at(tmp_path, str(origin), branch="next"), Source.APP)
    assert error.value.hint == 'set branch = "main" under [sources.app] in tandem.toml'


@pytest.mark.slow
def test_a_path_with_a_space_is_quoted_in_a_hint(tmp_path):
    run("init", "-q", "-b", "main", "my site", cwd=tmp_path)
    with pytest.raises(TandemError, match="is empty") as error:
        sources.head(at(tmp_path, str(tmp_path / "my site")), Source.APP)
    assert error.value.hint == f"git push '{tmp_path}/my site' HEAD:main"


@pytest.mark.slow
def test_missing_repository_behind_a_url_is_named(tmp_path):
    with pytest.raises(TandemError, match="there is no such repository") as error:
        sources.head(project_of(tmp_path, repository=f"file://{tmp_path}/nowhere"), Source.APP)
    assert "tandem.toml" in error.value.hint


@pytest.mark.slow
def test_missing_branch_lists_those_that_are_there(tmp_path, place):
    with pytest.raises(TandemError, match="has no branch 'next': it has main"):
        sources.head(at(tmp_path, place, branch="next"), Source.APP)


@pytest.mark.slow
def test_empty_repository_is_called_empty(tmp_path):
    run("init", "-q", "--bare", "empty.git", cwd=tmp_path)
    with pytest.raises(TandemError, match="is empty: it has no commit yet") as error:
        sources.head(project_of(tmp_path, repository="empty.git"), Source.APP)
    assert error.value.hint.startswith("git push")


@pytest.mark.slow
def test_missing_folder_in_the_tree_is_named(tmp_path, place):
    project = at(tmp_path, place, path="webb")
    with pytest.raises(TandemError, match="has no folder 'webb'"):
        sources.checkout(project, sources.head(project, Source.APP), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_folder_of_nearly_the_name_is_proposed(tmp_path, place):
    project = at(tmp_path, place, path="wbe")
    with pytest.raises(TandemError, match="has no folder 'wbe'") as error:
        sources.checkout(project, sources.head(project, Source.APP), tmp_path / "out")
    assert error.value.hint == "set sources.app.path in tandem.toml to 'web'"


@pytest.mark.slow
def test_folder_that_is_a_file_is_refused(tmp_path, place):
    project = at(tmp_path, place, path="run.sh")
    with pytest.raises(TandemError, match=r"has no folder 'run.sh'"):
        sources.checkout(project, sources.head(project, Source.APP), tmp_path / "out")


@pytest.mark.slow
def test_force_pushed_commit_is_called_gone(tmp_path, origin, place):
    """Also after the repository has dropped the old commit for good."""
    (origin / "x").write_text("x")
    lost = commit(origin, "Lost")
    run("reset", "-q", "--hard", "HEAD~1", cwd=origin)
    run("-c", "gc.reflogExpire=now", "reflog", "expire", "--expire=now", "--all", cwd=origin)
    run("gc", "-q", "--prune=now", cwd=origin)
    project = at(tmp_path, place)
    with pytest.raises(TandemError, match=f"commit {lost[:10]} of source app is gone from") as error:
        sources.checkout(project, Commit(Source.APP, lost, "Lost"), tmp_path / "out")
    assert "tandem release" in error.value.hint


@pytest.mark.slow
def test_head_follows_a_force_push(tmp_path, origin, place):
    project = at(tmp_path, place)
    (origin / "x").write_text("x")
    commit(origin, "Before")
    sources.head(project, Source.APP)
    run("commit", "-q", "--amend", "-m", "After", cwd=origin)
    assert sources.head(project, Source.APP).subject == "After"


@pytest.mark.slow
def test_submodule_is_refused(tmp_path, origin):
    run("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},lib", cwd=origin)
    run("commit", "-q", "-m", "Add a submodule", cwd=origin)
    project = at(tmp_path, str(origin))
    with pytest.raises(TandemError, match=r"lib at .* is a submodule"):
        sources.checkout(project, sources.head(project, Source.APP), tmp_path / "out")


@pytest.mark.slow
def test_lfs_pointer_is_refused(tmp_path, origin):
    (origin / "big.bin").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    commit(origin, "Add a pointer")
    project = at(tmp_path, str(origin))
    with pytest.raises(TandemError, match=r"big.bin at .* is a Git LFS pointer"):
        sources.checkout(project, sources.head(project, Source.APP), tmp_path / "out")
    assert not (tmp_path / "out").exists(), "nothing half-made stays"


@pytest.mark.slow
@pytest.mark.parametrize("target", ["/etc/passwd", "../../etc/passwd", "web/../../x"])
def test_link_out_of_the_tree_is_refused(tmp_path, origin, target):
    (origin / "out").symlink_to(target)
    commit(origin, "Add a link")
    project = at(tmp_path, str(origin))
    with pytest.raises(
        TandemError, match=f"out at .* is a link to '{target}', which may lead out of the tree"
    ):
        sources.checkout(project, sources.head(project, Source.APP), tmp_path / "out")


class _Refusing(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.mark.slow
def test_refused_access_never_asks_and_hides_the_password(tmp_path):
    with http_server(_Refusing) as server:
        place = f"127.0.0.1:{server.server_port}/x.git"
        with pytest.raises(TandemError, match="access was refused") as error:
            sources.head(project_of(tmp_path, repository=f"http://me:hunter2@{place}"), Source.APP)
        with pytest.raises(TandemError, match="access was refused"):
            sources.head(project_of(tmp_path, repository=f"http://{place}"), Source.APP)
    assert "hunter2" not in error.value.message + error.value.hint


@pytest.mark.slow
def test_unreachable_host_is_called_unreachable(tmp_path):
    with pytest.raises(TandemError, match="it cannot be reached"):
        sources.head(project_of(tmp_path, repository="http://127.0.0.1:1/x.git"), Source.APP)


@pytest.mark.slow
def test_git_is_asked_once_for_the_directory_and_again_when_the_folder_is_another(tmp_path):
    origin = make_origin(tmp_path / "origin")
    before = object_store._git_directory.cache_info()
    assert git_directory(origin) == git_directory(origin) == origin / ".git"
    after = object_store._git_directory.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 1)
    origin.rename(tmp_path / "earlier")
    run("init", "-q", "--bare", str(origin), cwd=tmp_path)
    assert git_directory(origin) == origin


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder away")
def test_a_repository_that_changes_its_owner_is_refused(tmp_path):
    origin = make_origin(tmp_path / "origin")
    git_directory(origin)
    os.chown(origin, 12345, 12345)
    with pytest.raises(TandemError, match="belongs to another user"):
        git_directory(origin)
