"""The processor share of local function containers: Lambda's depends on memory, Docker gives all cores."""

import docker

from pipeline.local.context import LABEL

MEMORY_OF_ONE_CPU = 1769
"""MiB for which Lambda gives one vCPU: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html."""
_PERIOD = 100_000  # microseconds
_LEAST, _NONE = 1000, -1  # Docker's minimum, and no limit


def limit_cpu(stack: str, function: str, version: str, memory: int | None) -> int:
    """Give the version's containers the share that Lambda gives for `memory`; None lifts it.

    Returns the number of containers.
    """
    quota = _NONE if memory is None else max(_LEAST, _PERIOD * memory // MEMORY_OF_ONE_CPU)
    labels = {"stack": stack, "function": function, "version": version}
    client = docker.from_env()
    try:
        filters = [f"{LABEL}.{key}={value}" for key, value in labels.items()]
        containers = client.containers.list(filters={"label": filters}, ignore_removed=True)
        for container in containers:
            container.update(cpu_period=_PERIOD, cpu_quota=quota)
        return len(containers)
    finally:
        client.close()
