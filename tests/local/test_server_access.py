"""The server process hands out its keys only through a file of its owner, and keeps them over restarts."""

import re
import stat
from http.client import HTTPConnection

import boto3
import pytest

from pipeline.core.paths import ROOT
from pipeline.core.settings import load
from pipeline.local.stack import Stack
from tests.support.ports import free_port


@pytest.fixture
def stack(tmp_path, monkeypatch):
    """A stack whose server process finds no Docker."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    text = (ROOT / "tandem.toml").read_text()
    (tmp_path / "tandem.toml").write_text(
        re.sub(r"(?m)^port = .*", "", text).replace("[local]", f"[local]\nport = {free_port()}")
    )
    stack = Stack.of(load(tmp_path))
    yield stack
    stack.lock.end()


def clusters(environ):
    client = boto3.client(
        "ecs",
        endpoint_url=environ["AWS_ENDPOINT_URL"],
        region_name=environ["AWS_REGION"],
        aws_access_key_id=environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
    )
    return client.list_clusters()["clusterArns"]


@pytest.mark.slow
def test_an_open_shell_stays_right_when_the_server_starts_again(stack):
    stack.ensure_control_plane(lambda _: None)
    environ = stack.environ()
    assert clusters(environ) == []
    stack.lock.end()
    stack.ensure_control_plane(lambda _: None)
    assert stack.environ() == environ
    assert clusters(environ) == []
    assert environ["AWS_SECRET_ACCESS_KEY"] not in stack.log.read_text()
    assert unsigned(stack) == 403
    assert open_to_others(stack.project.state) == []


def unsigned(stack):
    connection = HTTPConnection("127.0.0.1", stack.lock.holder().port, timeout=5)
    connection.request(
        "POST", "/", b"Action=DescribeVpcs", {"Content-Type": "application/x-www-form-urlencoded"}
    )
    return connection.getresponse().status


def open_to_others(folder):
    """Files and folders that somebody else may read."""
    return [path for path in [folder, *folder.rglob("*")] if stat.S_IMODE(path.stat().st_mode) & 0o077]
