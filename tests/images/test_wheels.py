"""Locked requirements become packages for another Python and platform."""

import hashlib
import importlib.util
import io
import subprocess
import sys
import tarfile
import zipfile
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import docker
import pytest

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.images import wheels
from pipeline.images.lock_file import LOCK
from pipeline.images.pip_settings import pip_environment
from pipeline.images.wheels import WheelTarget
from tests.support.base_images import base
from tests.support.http_server import http_server

DEBIAN = WheelTarget("3.11", "x86_64", 36)
EXAMPLE = ROOT / "examples" / "api" / LOCK


def test_platforms_go_from_newest_to_oldest():
    platforms = list(WheelTarget("3.11", "aarch64", 17).platforms)
    assert platforms[0] == "manylinux_2_17_aarch64"
    assert platforms[-1] == "manylinux1_aarch64"
    assert "manylinux_2_5_aarch64" in platforms


def test_example_lock_names_no_host():
    text = EXAMPLE.read_text()
    assert "http" not in text
    assert "--hash=sha256:" in text


def test_missing_lock_says_how_to_make_one(tmp_path):
    with pytest.raises(TandemError, match=r"has no requirements\.lock") as error:
        wheels.resolve(tmp_path / LOCK, DEBIAN, tmp_path)
    assert "--generate-hashes" in error.value.hint


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """A wheel that pip finds without any index."""
    file = tmp_path / "index" / "tiny-1.0-py3-none-any.whl"
    file.parent.mkdir()
    about = {
        "tiny/__init__.py": "",
        "tiny-1.0.data/scripts/tiny": "#!python\n",
        "tiny-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        "tiny-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in about.items():
            archive.writestr(name, text)
        archive.writestr("tiny-1.0.dist-info/RECORD", "".join(f"{name},,\n" for name in about))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(file.parent))
    return file


def locked(tmp_path, digest):
    lock = tmp_path / LOCK
    lock.write_text(f"tiny==1.0 {digest and f'--hash=sha256:{digest}'}\n")
    return lock


@pytest.mark.slow
@pytest.mark.usefixtures("wheel")
def test_lock_without_hashes_is_refused(tmp_path):
    with pytest.raises(TandemError, match=r"(?i)hash"):
        wheels.resolve(locked(tmp_path, ""), DEBIAN, tmp_path / "cache")
    assert not (tmp_path / "cache").exists(), "pip was not asked"


@pytest.mark.slow
@pytest.mark.usefixtures("wheel")
def test_changed_package_is_refused(tmp_path):
    """The hash is what was locked; what the index gives is another file."""
    with pytest.raises(TandemError, match="not the one that was locked"):
        wheels.resolve(locked(tmp_path, "0" * 64), DEBIAN, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == [], "nothing half-made stays"


@pytest.mark.slow
def test_packages_are_resolved_once(tmp_path, wheel):
    lock = locked(tmp_path, hashlib.sha256(wheel.read_bytes()).hexdigest())
    first = wheels.resolve(lock, DEBIAN, tmp_path / "cache")
    assert (first / "tiny" / "__init__.py").is_file()
    assert not (first / "bin").exists(), "scripts name this machine's Python"
    wheel.unlink()
    assert wheels.resolve(lock, DEBIAN, tmp_path / "cache") == first
    assert [file.name for file in (tmp_path / "cache").iterdir()] == [first.name]


@pytest.fixture
def evil(tmp_path, wheel):
    """A source package beside the wheel; its setup writes to a file of this machine."""
    ran, archive = tmp_path / "ran", wheel.with_name("evil-1.0.tar.gz")
    setup = f"import os\nopen({str(ran)!r}, 'w').write(str(dict(os.environ)))\n".encode()
    with tarfile.open(archive, "w:gz") as tar:
        head = tarfile.TarInfo("evil-1.0/setup.py")
        head.size = len(setup)
        tar.addfile(head, io.BytesIO(setup))
    return archive, hashlib.sha256(archive.read_bytes()).hexdigest(), ran


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "evil==1.0 --hash=sha256:{digest}",
        "evil @ {archive} --hash=sha256:{digest}",
        "{archive} --hash=sha256:{digest}",
        "--no-binary :all:\nevil==1.0 --hash=sha256:{digest}",
        "--no-binary=:all: --find-links {folder}\nevil==1.0 --hash=sha256:{digest}",
        "-r {folder}/more.txt",
    ],
)
def test_no_lock_runs_a_packages_own_code(tmp_path, evil, text):
    archive, digest, ran = evil
    lock = tmp_path / LOCK
    lock.write_text(text.format(archive=archive.as_uri(), digest=digest, folder=archive.parent))
    (archive.parent / "more.txt").write_text(f"evil @ {archive.as_uri()} --hash=sha256:{digest}\n")
    with pytest.raises(TandemError):
        wheels.resolve(lock, DEBIAN, tmp_path / "cache")
    assert not ran.exists()


@pytest.mark.slow
def test_pip_gets_the_index_and_no_credential(tmp_path, monkeypatch):
    """The user's own settings for the index, from files and variables; nothing else of the user's."""
    user = tmp_path / "user"
    (user / ".config" / "pip").mkdir(parents=True)
    (user / ".config" / "pip" / "pip.conf").write_text(
        "[global]\nindex-url = https://me:word@example.com/simple\nno-binary = :all:\n"
        "constraint = /etc/passwd\n"
        "[install]\nextra-index-url =\n    https://one.example\n    https://two.example\n"
    )
    secrets = (
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "GITHUB_TOKEN",
        "PIP_NO_BINARY",
        "PIP_REQUIREMENT",
    )
    for name in (*secrets, "PYTHONPATH", "PYTHONSTARTUP", "NETRC"):
        monkeypatch.setenv(name, "secret")
    for name in ("PIP_FIND_LINKS", "PIP_INDEX_URL", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CERT", "/ca.pem")
    monkeypatch.setenv("HOME", str(user))
    environment = pip_environment(tmp_path)
    assert "secret" not in environment.values()
    assert environment["HOME"] == str(tmp_path)
    assert environment["PIP_CONFIG_FILE"] == "/dev/null"
    assert environment["PIP_CERT"] == "/ca.pem"
    assert environment["PIP_INDEX_URL"] == "https://me:word@example.com/simple"
    assert environment["PIP_EXTRA_INDEX_URL"].split() == ["https://one.example", "https://two.example"]
    assert not {"PIP_NO_BINARY", "PIP_CONSTRAINT"} & environment.keys()


@pytest.mark.slow
def test_no_signature_of_a_package_is_shown(tmp_path, monkeypatch):
    """An index may sign the addresses of its packages, and pip shows what it could not load."""
    link = '<a href="http://ci:secret@127.0.0.1:1/a-1-py3-none-any.whl?signature=secret">a-1-py3-none-any.whl</a>'

    class Index(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(link.encode())

        def log_message(self, *_):
            pass

    (tmp_path / LOCK).write_text(f"a==1 --hash=sha256:{'0' * 64}\n")
    with http_server(Index) as server:
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/")
        monkeypatch.setenv("PIP_RETRIES", "0")
        with pytest.raises(TandemError, match=r"a-1-py3-none-any\.whl") as error:
            wheels.resolve(tmp_path / LOCK, DEBIAN, tmp_path / "cache")
    assert "secret" not in error.value.message


def test_full_disk_is_told_from_other_failures():
    stderr = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n"
    assert "the disk is full" in wheels._explain(stderr, DEBIAN).message


def test_pip_is_the_projects_own():
    assert wheels.command(EXAMPLE, DEBIAN, ROOT)[0] == sys.executable
    assert importlib.util.find_spec("pip")


@pytest.mark.docker
def test_target_is_asked_of_the_image():
    client = docker.from_env()
    target = wheels.target_of(client, base("python"))
    assert target.python.startswith("3.")
    assert target.glibc >= 28
    with pytest.raises(TandemError, match="has no Python on glibc"):
        wheels.target_of(client, base("busybox"))
    containers = client.containers.list(all=True, filters={"ancestor": base("busybox")}, ignore_removed=True)
    assert not [container for container in containers if "platform" in str(container.attrs["Args"])]


def test_pip_is_told_to_take_locked_wheels_only():
    command = wheels.command(EXAMPLE, DEBIAN, ROOT)
    assert {"--require-hashes", "--no-deps", "--only-binary=:all:", "--no-input"} <= set(command)


@pytest.mark.slow
def test_pip_runs_in_an_environment_of_its_own(tmp_path, monkeypatch):
    """What it installs is of strangers, and so is what their index says."""
    calls = []

    def run(argv, *, env, cwd, **_):
        calls.append((argv, env, cwd))
        (tmp_path / "packages").mkdir()
        return subprocess.CompletedProcess(argv, 0, b"", b"")

    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setattr(wheels, "run_child", run)
    wheels._install("idna==3.7 --hash=sha256:00\n", DEBIAN, tmp_path)
    ((argv, env, cwd),) = calls
    assert "secret" not in env.values()
    assert env["HOME"] == str(cwd) == str(tmp_path / "home")
    assert Path(argv[-1]).read_text() == "idna==3.7 --hash=sha256:00\n"
