"""A container that is run once has limits: its code is a stranger's."""

import docker
import pytest

from pipeline.images.run_once import ContainerProcess, run_once
from tests.support.base_images import STACK, base

pytestmark = pytest.mark.docker

LIMITS = (
    "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max 2>/dev/null"
    " || cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/pids/pids.max"
)


def test_it_cannot_take_the_machines_memory_or_processes():
    client = docker.from_env()
    process = ContainerProcess(entrypoint=("/bin/busybox", "sh", "-c"), command=(LIMITS,))
    ended = run_once(client, base("busybox"), process, seconds=60, labels={"tandem.stack": STACK})
    assert (ended.exit_code, ended.last_lines) == (0, (str(2 << 30), "512"))
