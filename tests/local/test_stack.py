"""Facts about a stack that need no Docker: its id, ports, environment and status."""

import shutil

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import load
from pipeline.local.stack import Stack


def test_id_belongs_to_the_folder(stack, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(ROOT / "tandem.toml", other)
    assert Stack.of(load(other)).id != stack.id
    assert Stack.of(load(tmp_path / "other" / "..")).id == stack.id


@pytest.mark.slow
def test_registry_port_is_kept(stack):
    assert stack.ports.registry == Stack.of(stack.project).ports.registry


def test_no_variables_while_the_stack_is_down(stack):
    with pytest.raises(TandemError, match="not running") as raised:
        stack.environ()
    assert raised.value.hint == "tandem up"


def test_status_of_a_stack_that_is_down(stack):
    assert not stack.status().running


def test_clients_get_the_stacks_own_keys(stack):
    with stack.lock.held():
        stack.lock.announce(7)
        keys = stack.credentials.ensure()
        environ = stack.environ()
    assert environ["AWS_ENDPOINT_URL"] == "http://127.0.0.1:7"
    assert environ["AWS_ACCESS_KEY_ID"] == keys.access_key
    assert environ["AWS_SHARED_CREDENTIALS_FILE"] == str(stack.credentials.path.resolve())
