"""The registry's port stays where it is: the names of released images contain it."""

import json
import multiprocessing
import stat

import pytest

from pipeline.core.errors import TandemError
from pipeline.local import stack_status
from pipeline.local.stack_ports import StackPorts
from pipeline.local.stack_status import StackStatus

BROKEN = [
    *("", "{", '{"registry": 50', "null", "[]", '"x"', '{"registry": "5000"}', '{"registry": 0}'),
    *('{"registry": 70000}', '{"registry": true}', '{"registry": null}', "\0" * 20, "[" * 100_000),
    '{"registry": 5000, "control": "x"}',
]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "local" / "stack.json"


@pytest.mark.slow
def test_both_ports_are_kept(file):
    registry = StackPorts(file).registry
    StackPorts(file).keep_control_plane(7)
    assert (StackPorts(file).registry, StackPorts(file).control_plane) == (registry, 7)


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_does_not_move_a_registry_that_runs(file, text):
    file.parent.mkdir()
    file.write_text(text)
    ports = StackPorts(file, lambda: 5123)
    assert ports.control_plane == 0
    ports.keep_control_plane(7)
    assert (ports.registry, StackPorts(file).registry, ports.control_plane) == (5123, 5123, 7)


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_and_no_registry_is_an_error_and_no_new_port(file, text):
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(TandemError, match="holds no ports, and no registry runs") as refused:
        _ = StackPorts(file).registry
    assert str(file) in refused.value.hint
    with pytest.raises(TandemError):
        StackPorts(file).keep_control_plane(7)
    assert file.read_text() == text
    assert not StackPorts(file).has_registry


def test_a_lost_file_does_not_move_a_registry_that_runs(file):
    assert StackPorts(file, lambda: 5123).registry == 5123


@pytest.mark.slow
def test_processes_that_start_at_once_agree(file):
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    started = [context.Process(target=_ask, args=(file, queue, at)) for at in range(8)]
    for process in started:
        process.start()
    ports = {queue.get(timeout=20) for _ in started}
    for process in started:
        process.join()
    assert len(ports) == 1
    assert json.loads(file.read_text()).keys() == {"registry", "control"}


def _ask(file, queue, at):
    StackPorts(file).keep_control_plane(at + 1)
    queue.put(StackPorts(file).registry)


def test_only_the_owner_reads_it(file):
    StackPorts(file).keep_control_plane(7)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_status_of_the_server_tells_the_registrys_port(stack):
    stack.ports.keep_control_plane(7)
    stack_status.write(stack.folder / "status.json", StackStatus(stack.id, registry="127.0.0.1:5123"))
    stack.ports.file.write_text("torn")
    assert stack.ports.registry == 5123
