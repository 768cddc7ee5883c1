"""A newcomer's mistakes end in one clear sentence with a hint, and nothing runs afterwards."""

import os
import socket
from pathlib import Path

import pytest

from pipeline.git.command import run_git
from tests.e2e.stack import LocalStack, make_project

pytestmark = pytest.mark.stack


@pytest.fixture
def refused(tmp_path):
    """A function that runs `up` on a changed tandem.toml and returns its errors; nothing may run then."""

    def up(old="", new="", environ=None):
        local = LocalStack(make_project(tmp_path))
        file = tmp_path / "tandem.toml"
        file.write_text(file.read_text().replace(old, new))
        done = local.tandem("up", check=False, environ=environ)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "hint:" in done.stderr
        assert not local.stack.status().running
        return done.stderr

    return up


def test_a_taken_port_is_named(tmp_path):
    local = LocalStack(make_project(tmp_path))
    with socket.create_server(("127.0.0.1", local.project.settings.local.port)):
        done = local.tandem("up", check=False)
    assert done.returncode == 1
    assert f"port {local.project.settings.local.port} of 127.0.0.1 is taken" in done.stderr


def test_a_missing_terraform_is_named(refused):
    path = [folder for folder in os.environ["PATH"].split(":") if not (Path(folder) / "terraform").exists()]
    assert "terraform is not on PATH" in refused(environ={"PATH": ":".join(path)})


def test_a_missing_repository_is_named(refused):
    assert "there is no repository of source app" in refused('"examples/app"', '"no/such/folder"')


def test_a_missing_branch_is_named_with_those_that_exist(refused, tmp_path):
    repository = tmp_path / "api"
    run_git("init", "--quiet", "--initial-branch=trunk", str(repository))
    LocalStack(None).commit(repository, "main.py", "")
    errors = refused('"examples/api"', f'"{repository}"')
    assert "no branch 'main': it has trunk" in errors


def test_a_wrong_key_is_named(refused):
    assert "local.prot: no such key" in refused("port = ", "prot = ")
