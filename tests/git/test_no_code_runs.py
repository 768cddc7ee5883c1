"""Reading a repository runs nothing of it, and shows what every clone shows."""

import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, Source
from pipeline.git import remote, sources
from pipeline.git.command import OPTIONS, git_environment, run_git
from pipeline.git.heads import heads
from pipeline.git.remote import open_object_store
from tests.git.raw_objects import RawRepo
from tests.support.repositories import at, commit, make_origin, project_of, run


@pytest.fixture
def origin(tmp_path):
    return make_origin(tmp_path / "origin")


@pytest.fixture(params=["path", "url"])
def place(request, origin):
    return str(origin) if request.param == "path" else origin.as_uri()


@pytest.fixture
def canary(tmp_path):
    """A program that leaves a file behind when it runs."""
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho $0 $* >> {tmp_path}/ran\nexit 1\n")
    program.chmod(0o755)
    return program


def read_all(tmp_path, place):
    project = at(tmp_path, place)
    head = sources.head(project, Source.APP)
    sources.checkout(project, head, tmp_path / "out")
    sources.changed_subjects(project, Source.APP, "0" * 40, head.id)


@pytest.mark.slow
def test_neither_hooks_nor_filters_nor_the_commits_settings_run(tmp_path, origin, place, canary):
    keys = (
        "core.fsmonitor",
        "filter.x.smudge",
        "filter.x.process",
        "diff.x.textconv",
        "core.pager",
        "gpg.program",
    )
    for key in keys:
        run("config", key, str(canary), cwd=origin)
    run("config", "log.showSignature", "true", cwd=origin)
    for hook in (
        "post-checkout",
        "reference-transaction",
        "post-index-change",
        "fsmonitor-watchman",
        "pre-auto-gc",
    ):
        (origin / ".git" / "hooks").mkdir(exist_ok=True)
        (origin / ".git" / "hooks" / hook).symlink_to(canary)
    read_all(tmp_path, place)
    assert not (tmp_path / "ran").exists()


@pytest.mark.slow
def test_no_program_checks_a_signature(tmp_path, canary, monkeypatch):
    """log.showSignature would start gpg on what a commit holds."""
    repo = RawRepo(tmp_path / "repo.git")
    tree = repo.tree([(b"100644", b"a", repo.blob(b"1"))])
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n"
    text = f"tree {tree}\nauthor T <t@e> 0 +0000\ncommitter T <t@e> 0 +0000\n{signature}\nSigned"
    (repo.path / "refs/heads/main").write_text(repo.write(b"commit", text.encode()) + "\n")
    config = tmp_path / "gitconfig"
    config.write_text(f"[log]\nshowSignature = true\n[gpg]\nprogram = {canary}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    read_all(tmp_path, str(repo.path))
    assert not (tmp_path / "ran").exists()


@pytest.mark.slow
def test_store_of_a_url_runs_no_hook_of_a_template(tmp_path, origin, canary, monkeypatch):
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "reference-transaction").symlink_to(canary)
    config = tmp_path / "gitconfig"
    config.write_text(f"[core]\nhooksPath = {hooks}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    read_all(tmp_path, origin.as_uri())
    assert not (tmp_path / "ran").exists()


@pytest.mark.slow
def test_folder_that_the_command_stands_in_configures_nothing(tmp_path, origin, canary, monkeypatch):
    elsewhere = make_origin(tmp_path / "elsewhere")
    run("config", f"url.ext::{canary} .insteadOf", origin.as_uri(), cwd=elsewhere)
    run("config", "protocol.ext.allow", "always", cwd=elsewhere)
    monkeypatch.chdir(elsewhere)
    read_all(tmp_path, origin.as_uri())
    assert not (tmp_path / "ran").exists()


@pytest.mark.slow
def test_restricted_protocols_stay_restricted(tmp_path, origin, monkeypatch):
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "https:ext")
    assert git_environment()["GIT_ALLOW_PROTOCOL"] == "https"
    with pytest.raises(TandemError, match="transport 'file' not allowed"):
        sources.head(at(tmp_path, origin.as_uri()), Source.APP)


def test_git_is_told_to_run_nothing():
    """Also where today's git would not: what a later version runs is off already."""
    for setting in ("core.hooksPath=/dev/null", "core.fsmonitor=false", "core.attributesFile=/dev/null"):
        assert OPTIONS[OPTIONS.index(setting) - 1] == "-c"
    assert OPTIONS[OPTIONS.index("protocol.ext.allow=never") - 1] == "-c"


@pytest.mark.slow
def test_replaced_objects_are_read_as_they_were(tmp_path, origin, place):
    """git replace changes one clone only."""
    page = run("rev-parse", "HEAD:run.sh", cwd=origin)
    run("replace", page, run("rev-parse", "HEAD:web/page.html", cwd=origin), cwd=origin)
    project = at(tmp_path, place)
    tree = sources.checkout(project, sources.head(project, Source.APP), tmp_path / "out")
    assert (tree / "run.sh").read_text() == "#!/bin/sh\n"


@pytest.mark.slow
def test_submodules_of_other_folders_are_never_asked_for(tmp_path, origin, place):
    (origin / ".gitmodules").write_text('[submodule "x"]\npath = x\nurl = ext::sh -c false\n')
    run("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},lib", cwd=origin)
    commit(origin, "Add a submodule beside the pages")
    project = at(tmp_path, place, path="web")
    head = sources.head(project, Source.APP)
    files = sources.checkout(project, head, tmp_path / "out").iterdir()
    assert sorted(file.name for file in files) == ["link", "page.html"]


@pytest.mark.slow
def test_malformed_object_is_refused_when_it_is_fetched(tmp_path):
    repo = RawRepo(tmp_path / "repo.git")
    one = repo.blob(b"1")
    repo.commit(repo.tree([(b"100644", b"..", one)]))
    run("config", "uploadpack.allowFilter", "true", cwd=repo.path)
    with pytest.raises(TandemError, match="has an object that is malformed or damaged"):
        read_all(tmp_path, repo.path.as_uri())


@pytest.mark.slow
def test_old_commits_with_careless_dates_hold_nothing_up(tmp_path):
    """Honest repositories have such commits."""
    repo = RawRepo(tmp_path / "repo.git")
    tree = repo.tree([(b"100644", b"a", repo.blob(b"1"))])
    old = repo.write(
        b"commit", f"tree {tree}\nauthor T<t@e> 0 +051800\ncommitter T <t@e> 007 +0000\n\nOld".encode()
    )
    people = "author T <t@e> 1 +0000\ncommitter T <t@e> 1 +0000"
    new = repo.write(b"commit", f"tree {tree}\nparent {old}\n{people}\n\nNew".encode())
    (repo.path / "refs/heads/main").write_text(f"{new}\n")
    run("config", "uploadpack.allowFilter", "true", cwd=repo.path)
    project = at(tmp_path, repo.path.as_uri())
    assert sources.changed_subjects(project, Source.APP, old, new) == ["New"]
    read_all(tmp_path, repo.path.as_uri())
    assert (tmp_path / "out" / "a").read_bytes() == b"1"


@pytest.mark.slow
def test_builds_at_the_same_time_share_one_store(tmp_path, origin):
    commits = []
    for number in range(6):
        (origin / f"f{number}").write_text(str(number))
        commits.append(commit(origin, f"Commit {number}"))
    run("config", "uploadpack.allowAnySHA1InWant", "true", cwd=origin)

    def read(commit):
        store = open_object_store(origin.as_uri(), tmp_path / "cache")
        return len(store.listing(store.tree_of(commit)))

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(read, commits)) == [5, 6, 7, 8, 9, 10]


@pytest.fixture
def silent():
    """The address of a server that never answers: nobody accepts what the kernel has connected."""
    with socket.create_server(("127.0.0.1", 0), backlog=20) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["git", "http", "https", "ssh"])
def test_server_that_never_answers_is_given_up(tmp_path, silent, monkeypatch, scheme):
    monkeypatch.setattr(sources, "_ANSWER_SECONDS", 1)
    monkeypatch.setattr(remote, "_SILENCE_SECONDS", 1)
    project = project_of(tmp_path, repository=f"{scheme}://{silent}/x.git")
    for ask in (
        lambda: sources.head(project, Source.APP),
        lambda: sources.checkout(project, Commit(Source.APP, "1" * 40, ""), tmp_path / "out"),
    ):
        began = time.monotonic()
        with pytest.raises(TandemError, match=rf"cannot read {scheme}://127|cannot fetch") as error:
            ask()
        assert time.monotonic() - began < 5
        assert error.value.hint


def test_ssh_notices_a_connection_that_died():
    ssh = git_environment()["GIT_SSH_COMMAND"]
    for option in ("BatchMode=yes", "ConnectTimeout=15", "ServerAliveInterval=10", "ServerAliveCountMax=3"):
        assert option in ssh


def test_git_never_asks_at_a_terminal():
    environ = git_environment()
    assert (environ["GIT_TERMINAL_PROMPT"], environ["SSH_ASKPASS_REQUIRE"]) == ("0", "never")


def test_http_notices_a_server_that_sends_next_to_nothing():
    for setting in ("http.lowSpeedLimit=1000", "http.lowSpeedTime=30"):
        assert OPTIONS[OPTIONS.index(setting) - 1] == "-c"


def test_every_transport_has_an_end(monkeypatch):
    noted = []

    def note(_, *, limits, **__):
        noted.append((limits.total, limits.output))
        raise FileNotFoundError

    monkeypatch.setattr("pipeline.git.command.run_child", note)
    for verb in ("fetch", "clone", "ls-remote", "push", "rev-parse"):
        with pytest.raises(TandemError, match="git is not installed"):
            run_git(verb)
    assert noted == [(1800, 256 << 20)] * 4 + [(600, None)]


@pytest.mark.slow
def test_interrupt_ends_all_three_sources_at_once(tmp_path, silent):
    project = project_of(tmp_path, repository=f"git://{silent}/x.git")
    app = project.settings.sources.app
    three = project.settings.sources.model_copy(update={"static": app, "api": app})
    project = type(project)(project.root, project.settings.model_copy(update={"sources": three}))
    threading.Timer(0.7, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        heads(project)
    assert time.monotonic() - began < 2.7
