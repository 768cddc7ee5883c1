"""Rules for CPU and memory: Fargate's sizes, and the sums that the containers request."""

import re
from collections.abc import Iterator

from render.finding import Finding, Node, shown

_GIB = 1024


def _steps(low: int, high: int, step: int) -> tuple[int, ...]:
    return tuple(range(low * _GIB, high * _GIB + 1, step * _GIB))


# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
SIZES: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: _steps(1, 4, 1),
    1024: _steps(2, 8, 1),
    2048: _steps(4, 16, 1),
    4096: _steps(8, 30, 1),
    8192: _steps(16, 60, 4),
    16384: _steps(32, 120, 8),
    32768: (60 * _GIB, 120 * _GIB, 244 * _GIB),
}
_QUANTITY = re.compile(r"([0-9]{1,12}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})\s*(vcpu|gb|mb|)", re.IGNORECASE)


def units(value: object) -> int | None:
    """CPU units or MiB from `256`, `"256"`, `"1 vCPU"`, `"2 GB"`; None if it is not a quantity."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    if isinstance(value, int):
        return value
    match = _QUANTITY.fullmatch(value.strip())
    if not match:
        return None
    return round(float(match[1]) * (_GIB if match[2].lower() in {"vcpu", "gb"} else 1))


def task_size(root: Node) -> Iterator[Finding]:
    cpu, memory = units(root.value.get("cpu")), units(root.value.get("memory"))
    for key, amount in (("cpu", cpu), ("memory", memory)):
        if root.has(key) and amount is None:
            yield Finding(
                root.at(key), f"{shown(root.value[key])} is not a size", "write 256 or 1 vCPU; 512 or 2 GB"
            )
    if cpu is None:
        return
    if cpu not in SIZES:
        yield Finding(
            root.at("cpu"),
            f"{shown(root.value['cpu'])} is not one of Fargate's sizes",
            f"use {', '.join(map(str, SIZES))}",
        )
    elif memory is not None and memory not in SIZES[cpu]:
        smallest = min((size for size in SIZES[cpu] if size >= memory), default=SIZES[cpu][-1])
        yield Finding(
            root.at("memory"),
            f"{shown(memory)} MiB does not fit {cpu} CPU units",
            f"use {smallest}; possible are {_listed(SIZES[cpu])} MiB",
        )


def _listed(sizes: tuple[int, ...]) -> str:
    step = sizes[1] - sizes[0]
    if len(sizes) <= 3 or sizes[0] + step * (len(sizes) - 1) != sizes[-1]:  # noqa: PLR2004 - short enough
        return ", ".join(map(str, sizes))
    return f"{sizes[0]} to {sizes[-1]} in steps of {step}"


def sums(root: Node) -> Iterator[Finding]:
    cpu, memory = units(root.value.get("cpu")), units(root.value.get("memory"))
    containers = list(root.containers())
    requested_cpu = sum(container.number("cpu") or 0 for container in containers)
    # The guaranteed amount: the reservation if there is one, else the hard limit.
    requested_memory = sum(
        container.number("memoryReservation") or container.number("memory") or 0 for container in containers
    )
    if cpu is not None and requested_cpu > cpu:
        yield Finding(
            root.at("cpu"),
            f"the containers request {shown(requested_cpu)} of {shown(cpu)} units",
            "raise it or request less",
        )
    if memory is not None and requested_memory > memory:
        yield Finding(
            root.at("memory"),
            f"the containers request {shown(requested_memory)} of {shown(memory)} MiB",
            "raise it or request less",
        )


def container_memory(root: Node) -> Iterator[Finding]:
    task = units(root.value.get("memory"))
    for container in root.containers():
        hard, soft = container.number("memory"), container.number("memoryReservation")
        if hard is not None and soft is not None and hard < soft:
            yield Finding(
                container.at("memory"),
                f"{shown(hard)} MiB is below memoryReservation ({shown(soft)} MiB)",
                "raise memory or lower memoryReservation",
            )
        if task is not None and hard is not None and hard > task:
            yield Finding(
                container.at("memory"),
                f"{shown(hard)} MiB is more than the task's {shown(task)} MiB",
                "lower it",
            )


def storage(root: Node) -> Iterator[Finding]:
    yield from root.node("ephemeralStorage").between("sizeInGiB", 21, 200, "GiB")


RULES = (task_size, sums, container_memory, storage)
