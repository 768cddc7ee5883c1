"""The password of a repository's URL reaches git and its server, and nobody else."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, Source
from pipeline.git import sources
from pipeline.git.address import parse_address
from pipeline.git.command import _explain, run_git
from pipeline.git.remote import RemoteObjectStore, _store_of
from tests.git.password_server import QUOTED, SECRET, Server
from tests.registry import tls
from tests.support.repositories import make_origin, project_of, run

pytestmark = pytest.mark.slow

COMMIT = "a" * 40


@pytest.fixture
def serve(tmp_path):
    made = []

    def start(redirect="", tls=None):
        made.append(Server(tmp_path / "origin" / ".git", redirect, tls))
        return made[-1]

    yield start
    for server in made:
        server.close()


@pytest.fixture
def origin(tmp_path):
    folder = make_origin(tmp_path / "origin")
    run("update-server-info", cwd=folder)
    return folder


def test_git_logs_in_and_no_process_shows_the_password(origin, serve):
    server = serve()
    url = f"http://me:{QUOTED}@{server.place}/"
    listed = run_git("ls-remote", "--", url, where=url).decode()
    assert run("rev-parse", "HEAD", cwd=origin) in listed
    assert server.leaks == []
    assert len(server.seen) > 1


@pytest.mark.usefixtures("origin")
def test_clone_stores_no_password(serve, tmp_path):
    """As the comparison makes its scratch repositories."""
    url = f"http://me:{QUOTED}@{serve().place}/"
    run_git("clone", "--quiet", "--bare", url, str(tmp_path / "clone"), where=url)
    assert leaks(tmp_path / "clone") == []


@pytest.mark.usefixtures("origin")
def test_another_host_gets_no_password(serve):
    """A server that sends git elsewhere does not send the password along."""
    other = serve()
    first = serve(redirect=f"http://{other.place}")
    url = f"http://me:{QUOTED}@{first.place}/"
    with pytest.raises(TandemError):
        run_git("ls-remote", "--", url, where=url)
    assert other.seen
    assert not any(other.seen)


@pytest.fixture
def encrypted(tmp_path, monkeypatch):
    """The server's side of TLS; git trusts its certificate."""
    context, certificate = tls.context(tmp_path)
    monkeypatch.setenv("GIT_SSL_CAINFO", str(certificate))
    return context


@pytest.mark.usefixtures("origin")
@pytest.mark.parametrize("allowed", [None, "https:http"])
def test_no_redirect_leads_from_https_to_http(serve, encrypted, tmp_path, monkeypatch, allowed):
    """Over http:// anybody on the way chooses what is built."""
    if allowed:
        monkeypatch.setenv("GIT_ALLOW_PROTOCOL", allowed)
    plain, secure = serve(), serve(tls=encrypted)
    for end in (f"https://{secure.place}", f"http://{plain.place}"):
        url = f"https://{serve(redirect=end, tls=encrypted).place}/"
        for arguments in (["ls-remote", "--", url], ["clone", "--", url, str(tmp_path / "clone")]):
            with pytest.raises(TandemError):
                run_git(*arguments, where=url)
    assert secure.seen
    assert not plain.seen


@pytest.mark.usefixtures("origin")
def test_git_follows_no_such_redirect_when_it_fetches_by_itself(serve, encrypted, tmp_path):
    plain = serve()
    url = f"https://{serve(redirect=f'http://{plain.place}', tls=encrypted).place}/"
    store = RemoteObjectStore(url, tmp_path / "cache")
    with pytest.raises(TandemError):
        run_git("cat-file", "-p", "1" * 40, repository=store.place)
    assert not plain.seen


def test_users_own_helpers_are_not_told(origin, serve, tmp_path, monkeypatch):
    """A helper that stores passwords on disk would learn this one."""
    helper = tmp_path / "helper"
    helper.write_text(f"#!/bin/sh\ncat > {tmp_path}/stored\n")
    helper.chmod(0o755)
    for key, value in {"COUNT": "1", "KEY_0": "credential.helper", "VALUE_0": str(helper)}.items():
        monkeypatch.setenv(f"GIT_CONFIG_{key}", value)
    url = f"http://me:{QUOTED}@{serve().place}/"
    assert origin.is_dir()
    assert run_git("ls-remote", "--", url, where=url)
    assert not (tmp_path / "stored").exists()


def leaks(folder):
    return [file for file in folder.rglob("*") if file.is_file() and b"hunt" in file.read_bytes()]


def test_neither_messages_nor_files_show_the_password(tmp_path):
    url = f"http://me:{QUOTED}@127.0.0.1:9/x.git"
    project = project_of(tmp_path, repository=url)
    cache = sources.cache_of(project, Source.APP)
    for ask in (
        lambda: sources.head(project, Source.APP),
        lambda: sources.checkout(project, Commit(Source.APP, COMMIT, ""), tmp_path / "out"),
        lambda: sources.changed_subjects(project, Source.APP, "b" * 40, COMMIT),
        lambda: sources.resolve(project, Source.APP, "main"),
    ):
        with pytest.raises(TandemError, match=r"http://127\.0\.0\.1:9/x\.git") as error:
            ask()
        assert "hunt" not in error.value.message + error.value.hint + str(error.value.__cause__)
    assert leaks(project.state) == []
    modes = {folder.stat().st_mode & 0o077 for folder in (project.state, cache, cache / "git")}
    assert modes == {0}


def test_what_git_prints_is_shown_without_the_password():
    """A server may repeat what it was told, and git its whole URL."""
    url = f"http://me:{QUOTED}@127.0.0.1:9/x.git"
    for stderr in (f"fatal: unable to access '{url}/'", f"remote: no, {QUOTED}!\nfatal: bad {SECRET}"):
        error = _explain(parse_address(url), "fetch", stderr)
        shown = error.message + error.hint + error.stderr
        assert QUOTED not in shown
        assert SECRET not in shown


def test_store_with_a_password_in_its_configuration_is_removed(tmp_path):
    url = f"http://me:{QUOTED}@127.0.0.1:9/x.git"
    old = _store_of(url, tmp_path)
    old.mkdir(parents=True)
    (old / "config").write_text(url)
    RemoteObjectStore(url, tmp_path)
    assert not old.exists()
    assert leaks(tmp_path) == []
