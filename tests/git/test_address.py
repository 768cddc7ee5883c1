"""The password of a repository's URL reaches git and its server, and nobody else."""

import base64
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, Source
from pipeline.git import sources
from pipeline.git.address import is_url, parse_address, shown, without_credentials
from pipeline.git.command import _explain, run_git
from pipeline.git.remote import RemoteObjectStore, _store_of
from tests.registry import tls
from tests.support.effort import examples
from tests.support.repositories import make_origin, project_of, run

SECRET = "hunt:er@2 é"
QUOTED = "hunt%3Aer%402%20%C3%A9"
COMMIT = "a" * 40


@pytest.mark.parametrize(
    ("repository", "url", "user", "password"),
    [
        ("https://example.com/x.git", "https://example.com/x.git", "", None),
        ("https://me:hunter2@example.com/x.git", "https://example.com/x.git", "me", "hunter2"),
        ("https://me:p@ss@example.com:8443/x", "https://example.com:8443/x", "me", "p@ss"),
        (f"http://me:{QUOTED}@example.com/x", "http://example.com/x", "me", SECRET),
        ("https://ghp_token@example.com/x", "https://example.com/x", "ghp_token", None),
        ("https://ghp_token:@example.com/x", "https://example.com/x", "ghp_token", ""),
        ("HTTPS://me:hunter2@Example.com/x", "https://Example.com/x", "me", "hunter2"),
        ("https://me:hunter2@[::1]:80/x", "https://[::1]:80/x", "me", "hunter2"),
        ("https://example.com/@scope/x.git", "https://example.com/@scope/x.git", "", None),
        ("ssh://git@example.com:22/x.git", "ssh://git@example.com:22/x.git", "", None),
        ("git@example.com:you/x.git", "git@example.com:you/x.git", "", None),
        ("file:///srv/x.git", "file:///srv/x.git", "", None),
        ("git://example.com/x", "git://example.com/x", "", None),
        ("/srv/a b/x.git", "/srv/a b/x.git", "", None),
    ],
)
def test_password_is_apart_from_the_url(repository, url, user, password):
    address = parse_address(repository)
    assert (address.url, address.user, address.password) == (url, user, password)
    assert shown(repository) == url


@pytest.mark.parametrize(
    "repository",
    [
        *(
            "ssh://git:hunter2@example.com/x",
            "git:hunter2@example.com:x.git",
            "git://me:hunter2@example.com/x",
        ),
        *(
            "https://me:hunter2/3@example.com/x",
            "https://example.com/x.git?token=hunter2",
            "ext::sh -c hunter2",
        ),
        *("https://example.com/x#hunter2", "https://me:hunter2%0Ahost=x@example.com/x", "Ext::hunter2"),
    ],
)
def test_address_that_git_cannot_keep_secret_is_refused(tmp_path, repository):
    assert is_url(repository)
    with pytest.raises(TandemError, match="git cannot be given this repository") as error:
        sources.head(project_of(tmp_path, repository=repository), Source.APP)
    assert "hunter2" not in error.value.message + error.value.hint


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("fatal: https://me:hun@ter2@x/y: no", "fatal: https://x/y: no"),
        ("'ssh://git:hunter2@x/y' and git@x:y", "'ssh://git@x/y' and git@x:y"),
        ("https://x/y.git?token=hunter2&a=b failed", "https://x/y.git?… failed"),
        ("https://one@x https://two@y", "https://x https://y"),
        ("git+ssh://git:hunter2@x ssh+git://git:hunter2@y", "git+ssh://git@x ssh+git://git@y"),
        ("'https://x#hunter2' https://x/?a=://b?hunter2", "'https://x?…' https://x/?…"),
        *((text, text) for text in ("a." * 200_000, "a://" * 100_000, "a" * 200_000, "://a" * 100_000)),
    ],
)
def test_text_of_git_loses_what_is_secret_in_urls(text, result):
    assert without_credentials(text) == result


FORMS = st.sampled_from(["{}", "http://a:{}@h/x", "http://{}@h/x", "ssh://u:{}@h/x"])


@given(st.text(min_size=4, max_size=12), FORMS)
@settings(max_examples=examples(300), deadline=None, derandomize=True)
def test_no_address_shows_a_password_or_fails_unexpectedly(word, form):
    secret = f"Zq{word.replace('/', '')}qZ"
    assert form == "{}" or secret not in outcome(form.format(secret))


def outcome(repository):
    """What people are shown: the address, or why it is refused."""
    try:
        return shown(repository)
    except TandemError as error:
        return error.message + error.hint


class Server:
    """Gives the files of a folder to those who know the password; looks at what this machine shows."""

    def __init__(self, folder, redirect="", tls=None):
        self.seen, self.leaks = [], []
        outer = self

        class Handler(SimpleHTTPRequestHandler):
            def do_GET(self):
                sent = self.headers.get("Authorization", "")
                outer.seen.append(sent)
                outer.leaks += [text for text in command_lines() if b"hunt" in text]
                if redirect:
                    self.send_response(302)
                    self.send_header("Location", redirect + self.path)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                elif sent == "Basic " + base64.b64encode(f"me:{SECRET}".encode()).decode():
                    super().do_GET()
                else:
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="x"')
                    self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.place = f"{'localhost' if tls else '127.0.0.1'}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def command_lines():
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield process.read_bytes()
        except OSError:
            continue


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
